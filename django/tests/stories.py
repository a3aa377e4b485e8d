"""What is published of the usual work of a DMS, by a project in one file: ``python stories.py`` prints it as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from small_project import MODELS, boot

# A crate can be deleted softly. Even Django's own manager then hides it.
CRATES = """    documents = models.ManyToManyField(Document, through="CrateDocument", related_name="crates")
    deleted_at = models.DateTimeField(null=True)
    objects = Living()
    everything = models.Manager()

    class Meta:
        base_manager_name = "objects"
"""
LIVING = """
class Living(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(deleted_at=None)


class Crate("""
README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")

models, documents_line = MODELS.replace("\nclass Crate(", LIVING), CRATES.splitlines()[0]
assert models.count(documents_line) == 1
m = boot("", with_app=True, live={"KPIS": False}, models=models.replace(documents_line, CRATES))

from django.db import transaction  # noqa: E402
from django.db.models.signals import post_save  # noqa: E402
from django.utils import timezone  # noqa: E402

from dms_live import publish, tracked  # noqa: E402
from dms_live.models import OutboxEntry  # noqa: E402

_seen = 0


def published(*fields: str) -> list[Any]:
    """What the outbox got since the last call: kind, action, and fields of the entity. Of a failure, the reason."""
    global _seen
    rows = list(OutboxEntry.objects.filter(pk__gt=_seen).order_by("pk"))
    _seen = rows[-1].pk if rows else _seen
    return [_line(row, fields) for row in rows]


def _line(row: OutboxEntry, fields: tuple[str, ...]) -> Any:
    kind = row.topic.split(":")[0]
    if row.state == "failed":
        return [row.topic, "failed", row.last_error]
    message = json.loads(row.payload)
    entity = next((message[name] for name in ("request", "crate", "sendBack", "entry") if name in message), {})
    return [kind, message["action"], *(entity.get(field) for field in fields)]


def documents() -> Any:
    events = published("id", "documents")
    return [[*event, [one["documentName"] for one in papers]] for *event, papers in events]


unit = m.Unit.objects.create(code="QC")
answers: dict[str, Any] = {}

one, two = m.Crate.objects.create(unit=unit), m.Crate.objects.create(unit=unit)
deed = m.Document.objects.create(document_name="Deed")
published()
link = m.CrateDocument.objects.create(crate=one, document=deed)
answers["a link is created"] = documents()
link.crate = two
link.save()
answers["a link is moved"] = documents()
link.delete()
answers["a link is deleted"] = documents()
deed.crates.add(one, two)
answers["crates are added to a document"] = documents()
deed.crates.remove(one)
answers["a crate is removed from a document"] = documents()
deed.crates.clear()
answers["a document's crates are cleared"] = documents()
two.documents.set([deed])
answers["documents are set"] = documents()
two.crate_documents.all().delete()
answers["links are deleted by a queryset"] = documents()
m.CrateDocument.objects.create(crate=two, document=deed)
published()
deed.delete()
answers["a document is deleted"] = documents()

# Whose unit an audit entry is of.
admin, clerk = m.User.objects.create_user("admin"), m.User.objects.create_user("clerk", unit=unit)
request = m.Request.objects.create(unit=unit)
published()
m.AuditTrail.objects.create(user=clerk, action="LOGIN")
m.AuditTrail.objects.create(user=admin, action="APPROVE", model_name="Request", object_id=request.pk)
m.AuditTrail.objects.create(user=admin, action="APPROVE", model_name="lab.crate", object_id=one.pk)
m.AuditTrail.objects.create(user=admin, action="LOGIN")
m.AuditTrail.objects.create(user=None, action="FAILED LOGIN", model_name="Request", object_id="no id")
answers["units of audit entries"] = [unit_id for *_, unit_id in published("unitId")]
nowhere = m.Request.objects.create()
answers["a request without a unit"] = published()
nowhere.unit = unit
nowhere.save()
answers["a request gets a unit"] = published("id")

# Soft deletion, as the README says it is done.
body = README.split("def soft_delete(self):")[1].split("```")[0]
recipe: dict[str, Any] = {"Crate": m.Crate, "transaction": transaction, "timezone": timezone, "publish": publish}
exec(f"def soft_delete(self):{body}", recipe)
m.Crate.soft_delete = recipe["soft_delete"]
request.crate = one
request.save()
published()
one.soft_delete()
answers["a soft deletion"] = published("id")
request.status = "Approved"
request.save()
answers["a request of a crate that is hidden"] = [[*event, crate["id"]] for *event, crate in published("crate")]
with tracked(m.Crate.everything.filter(pk=one.pk)):
    m.Crate.everything.filter(pk=one.pk).update(deleted_at=None)
answers["a crate is found again"] = published("id")


# Each change once, in its order.
def save_again(instance: Any, created: bool, **_: Any) -> None:
    if created:
        instance.count = 7
        instance.save()


post_save.connect(save_again, sender=m.Request)
m.Request.objects.create(unit=unit)
answers["a handler saves again"] = published()
with transaction.atomic():
    m.Request.objects.create(unit=unit)
answers["a handler saves again in a transaction"] = published()
post_save.disconnect(save_again, sender=m.Request)

rows = m.Request.objects.filter(count=7)
with tracked(rows.order_by("-pk")[:2]):
    for row in rows:
        row.status = "Approved"
        row.save()
    rows.update(status="Issued")
answers["saves of tracked rows"] = published()
with tracked(rows), tracked(rows):
    rows.first().delete()
    rows.update(status="Returned")
answers["tracked twice"] = published()
for row, action in ((request, "APROVED"), (request, "DELETED"), (one, "APPROVED")):
    try:
        publish(row, action)
    except ValueError as error:
        answers.setdefault("unknown words", []).append(str(error).split(" Known")[0])
answers["published with unknown words"] = published()
moved = m.Unit.objects.create(code="RA")
for name in ("ann", "bob"):
    m.User.objects.create_user(name, unit=moved)
moved.delete()
answers["a unit with two users is deleted"] = published()
print(json.dumps(answers))
