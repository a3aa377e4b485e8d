"""The audit trail, for System Admins."""

from typing import Any, ClassVar

from django.apps import apps
from django.http import StreamingHttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Unit, User
from accounts.permissions import NOBODY, body_of, number_of, seen_by, user_of
from accounts.serializers import PersonSerializer
from audit.file import AuditFile
from audit.filters import find_entries, notes_of, read_filters
from audit.models import AuditEntry
from audit.trail import record
from config.listing import ROWS
from dms_live import list_version


class AuditSerializer(serializers.ModelSerializer[AuditEntry]):
    user = PersonSerializer(read_only=True)

    class Meta:
        model = AuditEntry
        fields = (
            "id",
            "unit_id",
            "action",
            "object_type",
            "object_id",
            "user",
            "at",
            "ip_address",
            "changes",
        )


class AuditView(APIView):
    roles: ClassVar[dict[str, Any]] = {"GET": NOBODY, "POST": NOBODY}  # besides the System Admins


class AuditList(AuditView):
    """The newest first, or those ``?before=`` an entry. ``count`` is of all that the filters say."""

    def get(self, request: Request) -> Response:
        asked = request.query_params
        rows = find_entries(user_of(request), read_filters(asked))
        version = list_version(rows)
        count, before = rows.count(), asked.get("before")
        older = rows.filter(pk__lt=number_of(before, "before")) if before else rows
        results = AuditSerializer(older.order_by("-id")[:ROWS], many=True).data
        return Response({"count": count, "results": results, "live_version": version})


class AuditDetail(AuditView):
    def get(self, request: Request, pk: int) -> Response:
        entry = get_object_or_404(seen_by(AuditEntry.objects.select_related("user"), user_of(request)), pk=pk)
        return Response({**AuditSerializer(entry).data, "object_exists": _is_there(entry, user_of(request))})


class Choices(AuditView):
    """What the filters can be set to: all that the trail has."""

    def get(self, request: Request) -> Response:
        unit = {"unit": request.query_params.get("unit")}
        rows = find_entries(user_of(request), read_filters(unit)).order_by()
        people = User.objects.filter(pk__in=rows.values("user"))
        return Response(
            {
                "actions": sorted(rows.values_list("action", flat=True).distinct()),
                "object_types": sorted(rows.values_list("object_type", flat=True).distinct()),
                "users": PersonSerializer(people.order_by("first_name", "last_name"), many=True).data,
            }
        )


class Export(AuditView):
    """All that the filters say, as a file. Each unit's trail keeps that it was exported."""

    def post(self, request: Request) -> StreamingHttpResponse:
        user, filters = user_of(request), read_filters(body_of(request))
        asked = filters.unit if user.is_system_admin else user.unit_id
        unit = get_object_or_404(Unit, pk=asked) if asked else None
        entries = list(find_entries(user, filters).order_by("-id").values_list("pk", flat=True))
        for exported in [unit] if unit else Unit.objects.order_by("pk"):
            notes = {**notes_of(filters), "entries": len(entries)}
            record("audit trail exported", exported, unit_id=exported.pk, user=user, request=request, changes=notes)
        file = AuditFile(entries, filters, unit, user, timezone.now())
        return StreamingHttpResponse(
            file.lines(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"},
        )


def _is_there(entry: AuditEntry, user: User) -> bool:
    """What an entry is about may be gone since."""
    if entry.object_type == Unit.__name__:
        return Unit.objects.filter(pk=entry.object_id).exists()
    models = {model.__name__: model for model in apps.get_app_config("documents").get_models()}
    model = models.get(entry.object_type)
    return model is not None and seen_by(model._default_manager.all(), user).filter(pk=entry.object_id).exists()
