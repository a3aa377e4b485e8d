"""Requests: listed, made, and corrected."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import CREATORS, body_of, one_of, seen_by, user_of
from audit.trail import changed, fields_of, record
from config.listing import page
from dms_live import list_version
from documents import workflow
from documents.finding import count_by, matching, overdue
from documents.inputs import RequestInput, WithdrawalInput
from documents.models import Crate, Request
from documents.once import once
from documents.serializers import RequestSerializer, SendBackSerializer

PEOPLE = ("created_by", "approved_by", "allocated_by", "withdrawn_by", "issued_by")


ORDERINGS = {
    "id": ("id",),
    "request_type": ("request_type",),
    "status": ("status",),
    "unit_id": ("unit_id",),
    "crate": ("crate_id",),
    "created_by": ("created_by__first_name", "created_by__last_name"),
    "approved_by": ("approved_by__first_name", "approved_by__last_name"),
    "created_at": ("created_at",),
    "expected_return_date": ("expected_return_date",),
}


def whole(rows: QuerySet[Request]) -> QuerySet[Request]:
    """With all that a row names."""
    return rows.select_related("crate__storage", *PEOPLE).prefetch_related("crate__documents")


def answer(http: HttpRequest, pk: int, code: int = status.HTTP_200_OK) -> Response:
    """The row as it is now."""
    row = whole(Request.objects.all()).get(pk=pk)
    return Response(RequestSerializer(row, context={"request": http}).data, status=code)


class RequestList(APIView):
    def get(self, request: HttpRequest) -> Response:
        rows = matching(whole(Request.objects.all()), request)
        asked = request.query_params
        if wanted := one_of(Request.Status.values, asked, "status"):
            rows = rows.filter(status=wanted)
        if asked.get("overdue") == "true":
            rows = overdue(rows, timezone.now())
        return page(rows, RequestSerializer, request, ORDERINGS)


class RequestCounts(APIView):
    """How many of those that the same filters list are in each status, and how many are overdue."""

    def get(self, request: HttpRequest) -> Response:
        rows = matching(Request.objects.all(), request)
        version = list_version(rows)
        return Response(
            {
                "by_status": count_by(rows, "status", Request.Status.values),
                "overdue": overdue(rows, timezone.now()).count(),
                "live_version": version,
            }
        )


class RequestDetail(APIView):
    def get(self, request: HttpRequest, pk: int) -> Response:
        found = get_object_or_404(seen_by(Request.objects.all(), user_of(request)), pk=pk)
        return answer(request, found.pk)


class SendBackList(APIView):
    """Why a request was sent back, the newest first."""

    def get(self, request: HttpRequest, pk: int) -> Response:
        found = get_object_or_404(seen_by(Request.objects.all(), user_of(request)), pk=pk)
        return page(found.send_backs.select_related("created_by"), SendBackSerializer, request)


@dataclass(frozen=True)
class Wish:
    crate: Crate
    expected: datetime | None


def read_wish(data: dict[str, Any], request_type: Request.Type, http: HttpRequest) -> Wish:
    """What somebody wants, checked."""
    is_withdrawal = request_type == Request.Type.WITHDRAWAL
    asked = (WithdrawalInput if is_withdrawal else RequestInput)(data=data)
    asked.is_valid(raise_exception=True)
    crate = seen_by(Crate.objects.select_for_update(), user_of(http)).filter(pk=asked.validated_data["crate"]).first()
    if crate is None:
        raise ValidationError({"detail": "There is no such crate."})
    return Wish(crate, asked.validated_data.get("expected_return_date"))


class CreateRequest(APIView):
    """A new request of one type."""

    roles: ClassVar[dict[str, Any]] = {"POST": CREATORS}
    request_type: Request.Type = Request.Type.STORAGE

    @once
    def post(self, request: HttpRequest) -> Response:
        wish = read_wish(body_of(request), self.request_type, request)
        user = user_of(request)
        made = workflow.create(self.request_type, wish.crate, user, wish.expected)
        record("request created", made, unit_id=made.unit_id, user=user, request=request)
        return answer(request, made.pk, status.HTTP_201_CREATED)


class CorrectRequest(APIView):
    """A request that was sent back, corrected by those who make requests: it is pending again."""

    roles: ClassVar[dict[str, Any]] = {"PUT": CREATORS}
    request_type: Request.Type = Request.Type.STORAGE

    def put(self, request: HttpRequest, pk: int) -> Response:
        rows = Request.objects.select_for_update().filter(request_type=self.request_type)
        found = get_object_or_404(seen_by(rows, user_of(request)), pk=pk)
        workflow.require_sent_back(found)
        before = fields_of(found)
        known = {
            "crate": found.crate_id,
            "expected_return_date": found.expected_return_date,
        }
        wish = read_wish({**known, **body_of(request)}, self.request_type, request)  # what is left out stays
        workflow.correct(found, wish.crate, wish.expected)
        changes = changed(before, fields_of(found))
        user = user_of(request)
        record(
            "request updated",
            found,
            unit_id=found.unit_id,
            user=user,
            request=request,
            changes=changes,
        )
        return answer(request, found.pk)
