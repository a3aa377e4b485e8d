"""The figures on the dashboard."""

from django.utils import timezone
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import unit_asked, visible
from documents.finding import count_by, overdue
from documents.models import Crate, Request


class Kpis(APIView):
    """Of the own unit; for System Admins of all units together, or of ``?unit=``."""

    def get(self, request: HttpRequest) -> Response:
        requests = visible(Request.objects.all(), request)
        crates = visible(Crate.objects.all(), request)
        return Response(
            {
                "unit_id": unit_asked(request),
                "computed_at": timezone.now(),
                "requests_by_status": count_by(requests, "status", Request.Status.values),
                "requests_by_type": count_by(requests, "request_type", Request.Type.values),
                "overdue_withdrawals": overdue(requests, timezone.now()).count(),
                "pending_approvals": requests.filter(status=Request.Status.PENDING).count(),
                "crates_by_status": count_by(crates, "status", Crate.Status.values),
            }
        )
