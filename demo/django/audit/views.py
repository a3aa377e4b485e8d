"""The audit trail, for System Admins."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import NOBODY, visible
from accounts.serializers import PersonSerializer
from audit.models import AuditEntry
from config.listing import page

ORDERINGS = {
    "at": ("at",),
    "action": ("action",),
    "user": ("user__first_name", "user__last_name"),
    "object_id": ("object_id",),
    "unit_id": ("unit_id",),
}


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


class AuditList(APIView):
    roles: ClassVar[dict[str, Any]] = {"GET": NOBODY}  # besides the System Admins

    def get(self, request: Request) -> Response:
        rows = visible(AuditEntry.objects.select_related("user"), request)
        return page(rows, AuditSerializer, request, ORDERINGS)
