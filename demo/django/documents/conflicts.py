"""What was possible until somebody did something else: 409, with who did what and when."""

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework import status
from rest_framework.exceptions import APIException

from accounts.models import User
from accounts.permissions import may_see
from accounts.serializers import PersonSerializer
from audit.models import AuditEntry
from documents.models import Crate, Request


class Conflict(APIException):
    """Something stands in the way: a request in another state, or a crate."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, why: str, about: Request | Crate) -> None:
        super().__init__(why)
        self.about = about

    def explain(self, reader: User) -> dict[str, Any]:
        """``{"detail": "…", "conflict": {…}}``: as the audit trail has it, as far as the reader may see it."""
        entry = self._last_entry(reader)
        why, about = str(self.detail), self.about
        is_visible = may_see(reader, about)
        subject = {"why": why, "kind": type(about).__name__.lower(), "id": about.pk if is_visible else None}
        if entry is None:
            return {"detail": why, "conflict": {**subject, "action": None, "actor": None, "at": None}}
        action = entry.action.split(" ", 1)[1]
        actor = PersonSerializer(entry.user).data if entry.user else None
        by = f" by {entry.user.name}" if entry.user else ""
        detail = f"{why} {action.capitalize()}{by} on {entry.at:%Y-%m-%d at %H:%M} UTC."
        return {"detail": detail, "conflict": {**subject, "action": action, "actor": actor, "at": entry.at}}

    def _last_entry(self, reader: User) -> AuditEntry | None:
        visible = AuditEntry.objects.select_related("user")
        if not reader.is_system_admin:
            visible = visible.filter(unit_id=reader.unit_id) if reader.unit_id else visible.none()
        return self._entries(visible).order_by("-pk").first()

    def _entries(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """A step of a request changes its crate too, and is written down for the request only."""
        if isinstance(self.about, Request):
            return entries.filter(object_type="Request", object_id=self.about.pk)
        steps = Q(object_type="Request", object_id__in=self.about.requests.values("pk"))
        return entries.filter(Q(object_type="Crate", object_id=self.about.pk) | steps)
