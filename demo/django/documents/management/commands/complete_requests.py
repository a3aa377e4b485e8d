"""The nightly job: what has been allocated, returned, or approved for destruction is completed."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Q

from audit.trail import changed, fields_of, record
from documents import workflow
from documents.models import Request

Status, Type = Request.Status, Request.Type
READY = (
    Q(request_type=Type.STORAGE, status=Status.APPROVED, allocation_date__isnull=False)
    | Q(request_type=Type.WITHDRAWAL, status=Status.RETURNED)
    | Q(request_type=Type.DESTRUCTION, status=Status.APPROVED)
)


class Command(BaseCommand):
    help = "Completes every request that has been allocated, returned, or approved for destruction."

    def handle(self, *args: Any, **options: Any) -> None:
        ready = list(Request.objects.filter(READY).order_by("id").values_list("pk", flat=True))
        completed = sum(self.complete(pk) for pk in ready)
        self.stdout.write(f"Completed: {completed}")

    @transaction.atomic
    def complete(self, pk: int) -> bool:
        """Another run may have been faster, or somebody may have deleted it."""
        request = Request.objects.filter(READY).select_for_update().filter(pk=pk).first()
        if request is None:
            return False
        before = fields_of(request)
        workflow.complete(request)
        changes = changed(before, fields_of(request))
        record("request completed", request, unit_id=request.unit_id, changes=changes)
        return True
