"""Saves of unusual models, which work without this app, as JSON: ``python unusual.py <host:port or "">``."""

from __future__ import annotations

import json
import sys
from typing import Any

from small_project import MODELS, boot

# A crate is named by its barcode: by documents that lie in it, and by the rows between shelves and documents.
CRATES = """
class Crate(models.Model):
    status = models.CharField(max_length=20, default="Active")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE)
    barcode = models.CharField(max_length=20, unique=True)

class Shelf(models.Model):
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
KINDS = {"Crate": "crate", "Shelf": "crate", "Document": "document", "Storage": "storage", "Request": "request"}

before, rest = MODELS.split("class Document(models.Model)")
models = before + CRATES.lstrip() + rest[rest.index("@tracked_saves") :]
m = boot(
    sys.argv[1],
    with_app=True,
    live={"MODELS": {f"lab.{name}": kind for name, kind in KINDS.items()}, "KPIS": False},
    models=models,
)

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
crate, shelf = m.Crate.objects.create(unit=unit, barcode="C"), m.Shelf.objects.create(unit=unit, barcode="S", pk=11)
answers: dict[str, Any] = {
    "a crate that is named by its barcode": documents(
        lambda: m.Document.objects.create(crate=crate, document_name="Deed")
    ),
    "a shelf that is named by its barcode": documents(lambda: shelf.documents.add(m.Document.objects.get())),
}
print(json.dumps(answers))
