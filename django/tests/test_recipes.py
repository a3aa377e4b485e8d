"""The README's recipes for a field and for a kind, followed literally on a copy of the app, in a small DMS of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import dms_live

pytestmark = pytest.mark.own_database

APP = Path(dms_live.__file__).parent
README = (APP.parent / "README.md").read_text(encoding="utf-8")

MODELS = """
from django.db import models


class Crate(models.Model):
    unit_id = models.IntegerField()
    status = models.CharField(max_length=20, default="Active")
    gross_weight = models.IntegerField()
    is_sealed = models.BooleanField(default=True)


class Transfer(models.Model):
    unit_id = models.IntegerField()
    courier = models.CharField(max_length=20)
    crate = models.ForeignKey(Crate, on_delete=models.PROTECT)
"""

WORK = """
import json
import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    SECRET_KEY="x" * 50,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "dms_live", "depot"],
    MIDDLEWARE=["dms_live.middleware.ActingUserMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DMS_LIVE={"REDIS_URL": "redis://127.0.0.1:1", "SENDER": "relay", "UNIT": id, "ROLE": id},
)
django.setup()
call_command("check", verbosity=0)
call_command("migrate", run_syncdb=True, verbosity=0)

import dms_live
from depot.models import Crate, Transfer
from dms_live.models import OutboxEntry

crate = Crate.objects.create(unit_id=5, gross_weight=12)
transfer = Transfer.objects.create(unit_id=5, courier="Mo", crate=crate)
transfer.courier = "Flo"
transfer.save()
transfer.unit_id = 7
transfer.save()
transfer.delete()
rows = [(row.topic, json.loads(row.payload)) for row in OutboxEntry.objects.order_by("pk")]
print(json.dumps({"app": dms_live.__file__, "rows": rows}))
"""

#: What `npm run generate` writes for `type Crate { … weight: Int sealed: Boolean }` and for the types of a kind `transfer`.
TRANSFER_KIND = {
    "event": "TransferEvent",
    "entity": "Transfer",
    "entityField": "transfer",
    "isList": False,
    "actions": ["CREATED", "UPDATED", "MOVED_OUT", "MOVED_IN", "DELETED"],
    "newestOnly": False,
    "together": False,
    "userTopics": False,
}
TRANSFER = {
    "id": {"type": "ID", "required": True},
    "unitId": {"type": "ID", "required": True},
    "courier": {"type": "String", "required": False},
    "crate": {"type": "Crate", "required": False},
}


def row_in_the_readme() -> str:
    section = README.split("\n## How do I add a kind?\n")[1].split("\n## ")[0]
    (row,) = re.findall(r"```python\n_ROWS = \(\n(.*?)    \.\.\.,\n\)\n```", section, flags=re.DOTALL)
    return str(row)


def insert_after(path: Path, line: str, text: str) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count(line) == 1
    path.write_text(source.replace(line, line + text), encoding="utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, Any]]]:
    """What a DMS publishes with the recipes' changes: topic and message of each row in its outbox."""
    home = tmp_path_factory.mktemp("recipes")
    copy = home / "dms_live"
    shutil.copytree(APP, copy)
    contract = json.loads((copy / "entities.json").read_text(encoding="utf-8"))
    contract["entities"]["Crate"] |= {
        "weight": {"type": "Int", "required": False},
        "sealed": {"type": "Boolean", "required": False},
    }
    contract["kinds"]["transfer"] = TRANSFER_KIND
    contract["entities"]["Transfer"] = TRANSFER
    (copy / "entities.json").write_text(json.dumps(contract), encoding="utf-8")
    likely = '        "weight": ("gross_weight",),\n        "sealed": ("is_sealed",),\n'
    insert_after(copy / "kinds.py", '    "crate": {\n', likely)
    insert_after(copy / "kinds.py", "_ROWS = (\n", row_in_the_readme())
    (home / "depot").mkdir()
    (home / "depot" / "__init__.py").touch()
    (home / "depot" / "models.py").write_text(MODELS, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(home), "PYTHONWARNINGS": "ignore"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-c", WORK], cwd=home, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert Path(answer["app"]).parent == copy
    return [(topic, message) for topic, message in answer["rows"]]


def test_a_field_of_the_schema_is_in_the_events(published: list[tuple[str, dict[str, Any]]]) -> None:
    topic, message = published[0]
    assert topic == "crate:unit:5"
    assert (message["crate"]["weight"], message["crate"]["sealed"]) == (12, True)


def test_a_kind_with_a_row_is_published_on_its_topics(published: list[tuple[str, dict[str, Any]]]) -> None:
    moved = [(topic, message["action"], message["transfer"]["courier"]) for topic, message in published[1:]]
    assert moved == [
        ("transfer:unit:5", "CREATED", "Mo"),
        ("transfer:unit:5", "UPDATED", "Flo"),
        ("transfer:unit:5", "MOVED_OUT", "Flo"),
        ("transfer:unit:7", "MOVED_IN", "Flo"),
        ("transfer:unit:7", "DELETED", "Flo"),
    ]
    entity = published[1][1]["transfer"]
    assert (entity["unitId"], entity["crate"]["weight"]) == (5, 12)
