"""What is published of the usual work of a DMS, by a project in one file: ``python stories.py`` prints it as JSON."""

from __future__ import annotations

import json
from typing import Any

from small_project import boot

m = boot("", with_app=True, live={"KPIS": False})

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
print(json.dumps(answers))
