"""A DMS in one file. Tests run it in a process of its own, with this app and without: ``boot(…, with_app=False)``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

MODELS = """
from django.contrib.auth.models import AbstractUser
from django.db import models
from tracking import tracked_saves

class Unit(models.Model):
    code = models.CharField(max_length=20, unique=True)

class User(AbstractUser):
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.SET_NULL)
    role = models.CharField(max_length=20, default="Section Head")

class Storage(models.Model):
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE)
    room_name = models.CharField(max_length=50, default="R")

class Document(models.Model):
    document_name = models.CharField(max_length=50, default="")

class Crate(models.Model):
    status = models.CharField(max_length=20, default="Active")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE)
    storage = models.ForeignKey(Storage, null=True, blank=True, on_delete=models.SET_NULL)
    documents = models.ManyToManyField(Document, through="CrateDocument", related_name="crates")

class CrateDocument(models.Model):
    crate = models.ForeignKey(Crate, on_delete=models.CASCADE, related_name="crate_documents")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="crate_documents")

@tracked_saves
class Request(models.Model):
    request_type = models.CharField(max_length=20, default="Storage")
    status = models.CharField(max_length=20, default="Pending")
    crate = models.ForeignKey(Crate, null=True, on_delete=models.CASCADE, related_name="requests")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.CASCADE)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    count = models.IntegerField(default=0)

class Transfer(Request):
    courier = models.CharField(max_length=20, default="Mo")

class AuditTrail(models.Model):
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    action = models.CharField(max_length=20)
    model_name = models.CharField(max_length=20, default="")
    object_id = models.CharField(max_length=20, default="")

class Note(models.Model):
    key = models.CharField(max_length=5, unique=True)
"""

#: Like the field trackers that wrap ``save_base`` and read ``update_fields`` from its keywords, as Django passes it.
TRACKING = """
calls = []

def tracked_saves(model):
    save_base = model.save_base

    def wrapped(self, *args, **kwargs):
        calls.append([len(args), sorted(kwargs)])
        return save_base(self, *args, **kwargs)

    model.save_base = wrapped
    return model
"""

APPS = ["django.contrib.sessions", "django.contrib.auth", "django.contrib.contenttypes", "lab"]


def boot(
    postgres: str,
    *,
    with_app: bool,
    live: dict[str, Any] | None = None,
    models: str = MODELS,
    databases: Sequence[str] = ("default",),
    routers: Sequence[Any] = (),
    **others: Any,
) -> Any:
    """Makes the project, its databases included. Returns its models.

    :param postgres: host and port; empty: SQLite.
    :param others: more of Django's settings. ``INSTALLED_APPS`` are added to those that it has.
    """
    home = Path(tempfile.mkdtemp(prefix="dms-live-lab-"))
    (home / "lab" / "migrations").mkdir(parents=True)
    (home / "lab" / "__init__.py").touch()
    (home / "lab" / "migrations" / "__init__.py").touch()
    (home / "lab" / "models.py").write_text(models)
    (home / "tracking.py").write_text(TRACKING)
    sys.path.insert(0, str(home))
    from django.conf import settings

    settings.configure(
        SECRET_KEY="x" * 50,
        INSTALLED_APPS=[*APPS, *others.pop("INSTALLED_APPS", ()), *(["dms_live"] if with_app else [])],
        DATABASES={name: _postgres(postgres) if postgres else _sqlite(home, name) for name in databases},
        DATABASE_ROUTERS=list(routers),
        AUTH_USER_MODEL="lab.User",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        DMS_LIVE={"REDIS_URL": "redis://127.0.0.1:1", "SENDER": "relay", **(live or {})},
        **others,
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("makemigrations", "lab", verbosity=0)
    if (live or {}).get("CAPTURE") == "triggers":
        call_command("live_triggers", stdout=StringIO())
    for name in databases:
        call_command("migrate", database=name, verbosity=0)
    from lab import models as made  # type: ignore[import-not-found]

    return made


def _sqlite(home: Path, name: str) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(home / f"{name}.sqlite3"), "OPTIONS": {"timeout": 20}}


def _postgres(address: str) -> dict[str, Any]:
    import psycopg

    host, port = address.split(":")
    name = f"lab_{Path(tempfile.mktemp()).name}".lower()
    with psycopg.connect(f"host={host} port={port} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": "postgres", "HOST": host, "PORT": port}
