"""Saves of unusual models, which work without this app, as JSON: ``python unusual.py <host:port or "">``."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import django

from small_project import MODELS, boot

# A crate is named by its barcode: by documents that lie in it, and by the rows between shelves and documents.
CRATES = """
class Crate(models.Model):
    status = models.CharField(max_length=20, default="Active")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE)
    barcode = models.CharField(max_length=20, unique=True)

class Shelf(models.Model):
    id = models.CharField(max_length=20, primary_key=True)
    status = models.CharField(max_length=20, default="Active")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE)
    barcode = models.CharField(max_length=20, unique=True)
    documents = models.ManyToManyField("Document", through="ShelfDocument", related_name="shelves")

class Document(models.Model):
    document_name = models.CharField(max_length=50, default="")
    crate = models.ForeignKey(Crate, to_field="barcode", null=True, related_name="documents", on_delete=models.CASCADE)

class ShelfDocument(models.Model):
    shelf = models.ForeignKey(Shelf, to_field="barcode", on_delete=models.CASCADE)
    document = models.ForeignKey(Document, on_delete=models.CASCADE)

"""
# A field that no query can compare, as those that encrypt; and a collation that ignores case.
SEALED = """
class Sealed(models.CharField):
    def get_lookup(self, name):
        raise FieldError("cannot be compared")

class User("""
ON_POSTGRES = bool(sys.argv[1])
ROLE = "Sealed(max_length=20" if ON_POSTGRES else 'models.CharField(max_length=20, db_collation="nocase"'
IMPORTS = """
from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import FieldError
"""
KEY = "models.UUIDField(primary_key=True, db_default=RandomUUID())"
HAS_DB_DEFAULT = ON_POSTGRES and django.VERSION >= (5,)
CHANGED = [
    ("\nclass User(", SEALED),
    ("role = models.CharField(max_length=20", f"role = {ROLE}"),
    (
        "class Storage(models.Model):",
        f"class Storage(models.Model):\n    id = {KEY}" if HAS_DB_DEFAULT else "class Storage(models.Model):",
    ),
    (
        "class AuditTrail(models.Model):",
        "class AuditTrail(models.Model):\n    id = models.CharField(max_length=20, primary_key=True)",
    ),
]
KINDS = {
    "AuditTrail": "audit",
    "Transfer": "request",
    "Crate": "crate",
    "Shelf": "crate",
    "Document": "document",
    "Storage": "storage",
    "Request": "request",
}

before, rest = MODELS.split("class Document(models.Model)")
models = before + CRATES.lstrip() + rest[rest.index("@tracked_saves") :]
for old, new in CHANGED:
    assert models.count(old) == 1
    models = models.replace(old, new)
m = boot(
    sys.argv[1],
    with_app=True,
    live={"MODELS": {f"lab.{name}": kind for name, kind in KINDS.items()}, "KPIS": False},
    models=(IMPORTS if ON_POSTGRES else "from django.core.exceptions import FieldError") + models,
)

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import IntegrityError, connection, transaction  # noqa: E402

from dms_live.models import OutboxEntry  # noqa: E402


def published(act: Any) -> list[Any]:
    """What an action writes to the outbox: messages, and reasons of failures."""
    OutboxEntry.objects.all().delete()
    act()
    rows = OutboxEntry.objects.order_by("pk")
    return [row.last_error if row.state == "failed" else json.loads(row.payload) for row in rows]


def documents(act: Any) -> Any:
    return [[paper["documentName"] for paper in event["crate"]["documents"]] for event in published(act)]


unit, other = m.Unit.objects.create(code="QC"), m.Unit.objects.create(code="R&D")
crate, shelf = m.Crate.objects.create(unit=unit, barcode="C"), m.Shelf.objects.create(unit=unit, barcode="S", pk="S11")
answers: dict[str, Any] = {
    "a crate that is named by its barcode": documents(
        lambda: m.Document.objects.create(crate=crate, document_name="Deed")
    ),
    "a shelf that is named by its barcode": documents(lambda: shelf.documents.add(m.Document.objects.get())),
}
if HAS_DB_DEFAULT:
    (created,) = published(lambda: m.Storage.objects.create(unit=unit))
    answers["a key that the database makes"] = str(m.Storage.objects.get().pk) in json.dumps(created)

if ON_POSTGRES:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.id := 'another'; RETURN NEW; END $$;"
            " CREATE TRIGGER rename BEFORE INSERT ON lab_audittrail FOR EACH ROW EXECUTE FUNCTION rename()"
        )
    answers["a key that the database replaces"] = published(
        lambda: m.AuditTrail.objects.create(pk="one", action="LOGIN")
    )

ann = m.User.objects.create_user("ann", unit=unit, role="section head", password="old")


def sessions(act: Any) -> int:
    return len(published(act))


def hash_a_new_password() -> None:
    ann.password = make_password("new")
    ann.save(update_fields=["password"])


def rename_the_role() -> None:
    ann.role = "Section Head"
    ann.save()


answers["sessions that a hashed password ends"] = sessions(hash_a_new_password)
answers["sessions that a role ends"] = sessions(rename_the_role)


def save_what_is_stale() -> None:
    """Another changes the unit. A save that began before the commit writes the old one back."""
    stale, is_written = m.User.objects.get(), threading.Event()

    def change_the_unit() -> None:
        with transaction.atomic():
            fresh = m.User.objects.get()
            fresh.unit = other
            fresh.save()
            is_written.set()
            with connection.cursor() as cursor:
                is_awaited = False
                while not is_awaited:
                    cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
                    (is_awaited,) = cursor.fetchone()
        connection.close()

    thread = threading.Thread(target=change_the_unit)
    thread.start()
    is_written.wait()
    stale.save()
    thread.join()


if ON_POSTGRES:
    answers["sessions that a stale save ends"] = sessions(save_what_is_stale)

transfer = m.Transfer(unit=unit, courier=None)
with suppress(IntegrityError):
    transfer.save()
answers["what a failed save leaves"] = [name for name in transfer.__dict__ if "dms_live" in name]

# A data migration changes published rows and users, before the tables of this app exist.
IMPORT = """
from django.db import migrations

def bring_in(apps, schema_editor):
    from lab.models import Crate, User
    crate = Crate.objects.create(unit_id=%d, barcode="old")
    crate.status = "Archived"
    crate.save()
    user = User.objects.create_superuser("admin")
    user.is_active = False
    user.save()
    crate.delete()
    user.delete()

class Migration(migrations.Migration):
    dependencies = [("lab", "0001_initial")]
    run_before = [("dms_live", "0001_initial")]
    operations = [migrations.RunPython(bring_in)]
"""
call_command("migrate", "dms_live", "zero", verbosity=0)
(Path(m.__file__).parent / "migrations" / "0002_bring_in.py").write_text(IMPORT % unit.pk)
call_command("migrate", verbosity=0)
answers["an early migration"] = sorted(OutboxEntry.objects.values_list("topic", "state", "last_error"))
answers["after it"] = len(published(lambda: m.Crate.objects.create(unit=unit, barcode="new")))
print(json.dumps(answers))
