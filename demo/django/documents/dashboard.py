"""The figures on the dashboard."""

from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import number_of, user_of, visible
from documents.models import Crate, Request


class Kpis(APIView):
    """Of the own unit; for System Admins of all units together, or of ``?unit=``."""

    def get(self, request: HttpRequest) -> Response:
        user = user_of(request)
        asked = request.query_params.get("unit")
        unit_id = user.unit_id
        if user.is_system_admin:
            unit_id = number_of(asked, "unit") if asked else None
        requests = visible(Request.objects.all(), request)
        crates = visible(Crate.objects.all(), request)
        issued = requests.filter(status=Request.Status.ISSUED)
        return Response(
            {
                "unit_id": unit_id,
                "computed_at": timezone.now(),
                "requests_by_status": _count(requests, "status", Request.Status.values),
                "requests_by_type": _count(requests, "request_type", Request.Type.values),
                "overdue_withdrawals": issued.filter(expected_return_date__lt=timezone.now()).count(),
                "pending_approvals": requests.filter(status=Request.Status.PENDING).count(),
                "crates_by_status": _count(crates, "status", Crate.Status.values),
            }
        )


def _count(rows: QuerySet[Any], field: str, values: list[str]) -> list[dict[str, Any]]:
    """How many rows there are of each value, also of those that no row has."""
    counts = dict(rows.values_list(field).annotate(Count("id")))
    return [{field: value, "count": counts.get(value, 0)} for value in values]
