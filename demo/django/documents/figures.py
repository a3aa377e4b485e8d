"""How requests come and go, and how long they have been in their status. All of it is counted in the database."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Case, Count, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import unit_asked, visible
from audit.models import AuditEntry
from dms_live import list_version
from documents.finding import overdue
from documents.models import Request, SendBack

Status = Request.Status
UNDER_WAY = (Status.PENDING, Status.SENT_BACK, Status.APPROVED, Status.ISSUED, Status.RETURNED)
UTC = ZoneInfo("UTC")
HOURS, DAYS = "hours", "days"
STEPS = {"1": (HOURS, 24), "7": (DAYS, 7), "30": (DAYS, 30)}
"""By the number of days that are asked for: how long a part is, and how many parts there are."""


class Trends(APIView):
    """In each hour or day how many were opened and decided, and how many were pending at its end."""

    def get(self, request: HttpRequest) -> Response:
        asked = request.query_params
        step, count = STEPS.get(asked.get("days", "1")) or _refuse("days: one of 1, 7, 30.")
        zone = _zone(asked.get("zone", "UTC"))
        requests = visible(Request.objects.all(), request)
        version = list_version(requests)
        now = timezone.now()
        starts = _starts(step, count, now.astimezone(zone))
        flows = _Flows(requests, starts)
        pending = requests.filter(status=Status.PENDING).count()
        points = []
        for part, start in reversed(list(enumerate(starts))):
            opened, decided = flows.opened[part], flows.decided[part]
            points.append({"at": start, "opened": opened, "decided": decided, "pending": pending})
            pending -= flows.pending_more(part)
        return Response(
            {
                "unit_id": unit_asked(request),
                "computed_at": now,
                "known_since": requests.aggregate(at=Min("created_at"))["at"],
                "pending_before": pending,
                "points": points[::-1],
                "live_version": version,
            }
        )


class _Flows:
    """What happened to requests in each hour or day. When one was rejected or corrected stands in the audit trail only."""

    def __init__(self, requests: QuerySet[Request], starts: list[datetime]) -> None:
        def count(rows: QuerySet[Any], field: str) -> Counter[int]:
            # By instants, not by what clocks show: in autumn they show one hour twice.
            begun = [When(**{f"{field}__gte": start}, then=Value(part)) for part, start in enumerate(starts)]
            found = rows.filter(**{f"{field}__gte": starts[0]}).order_by()
            return Counter(dict(found.values_list(Case(*reversed(begun))).annotate(Count("pk"))))

        entries = AuditEntry.objects.filter(object_type="Request", object_id__in=requests.values("pk"))
        self.opened = count(requests, "created_at")
        self._rejected = count(entries.filter(action="request rejected"), "at")
        self.decided = count(requests, "approval_date") + self._rejected
        self._sent_back = count(SendBack.objects.filter(request__in=requests.values("pk")), "created_at")
        self._corrected = count(entries.filter(action="request updated"), "at")

    def pending_more(self, part: int) -> int:
        """How many more were pending at its end than at its beginning."""
        return self.opened[part] + self._corrected[part] - self.decided[part] - self._sent_back[part]


class Ages(APIView):
    """Of each status under way: how many requests are in it, since when the middle one of them, and the one that came first."""

    def get(self, request: HttpRequest) -> Response:
        requests = visible(Request.objects.all(), request)
        version = list_version(requests)
        now = timezone.now()
        ages = _ages(requests.filter(status__in=UNDER_WAY), _entered_at())
        late = _ages(overdue(requests, now), F("expected_return_date"))
        dues = requests.filter(status=Status.ISSUED, expected_return_date__gte=now)
        return Response(
            {
                "unit_id": unit_asked(request),
                "computed_at": now,
                "next_due": dues.aggregate(at=Min("expected_return_date"))["at"],
                "by_status": [{"status": status, **ages.get(status, NONE)} for status in UNDER_WAY],
                "overdue": late.get(Status.ISSUED, NONE),
                "live_version": version,
            }
        )


NONE = {"count": 0, "median_since": None, "longest_since": None, "longest_id": None}


def _entered_at() -> Case:
    """When a request came into its status, as far as the DMS keeps that. It does not keep when one was corrected."""
    sent_back = SendBack.objects.filter(request=OuterRef("pk")).order_by("-created_at").values("created_at")[:1]
    return Case(
        When(status=Status.SENT_BACK, then=Coalesce(Subquery(sent_back), F("created_at"))),
        When(status=Status.APPROVED, then=F("approval_date")),
        When(status=Status.ISSUED, then=F("issue_date")),
        When(status=Status.RETURNED, then=F("return_date")),
        default=F("created_at"),
    )


def _ages(requests: QuerySet[Request], since: Any) -> dict[str, dict[str, Any]]:
    """By status. Only the first and the middle row of each are read."""
    rows = (
        requests.annotate(since=since)
        .annotate(
            place=Window(RowNumber(), partition_by=["status"], order_by=["since", "pk"]),
            count=Window(Count("pk"), partition_by=["status"]),
        )
        .filter(Q(place=1) | Q(place=(F("count") + 1) / 2))
        .order_by("place")
    )
    ages: dict[str, dict[str, Any]] = {}
    for status, pk, at, count in rows.values_list("status", "pk", "since", "count"):
        first = {"count": count, "longest_since": at, "longest_id": pk}
        ages.setdefault(status, first)["median_since"] = at  # of the row in the middle, which comes last
    return ages


def _starts(step: str, count: int, now: datetime) -> list[datetime]:
    """When the last hours or days began by the clocks of ``now``, the current one last."""
    if step == HOURS:
        hour = now.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        return [hour - timedelta(hours=ago) for ago in range(count - 1, -1, -1)]
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [(midnight - timedelta(days=ago)).astimezone(UTC) for ago in range(count - 1, -1, -1)]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError({"detail": f"zone: there is no {name}."}) from None


def _refuse(detail: str) -> Any:
    raise ValidationError({"detail": detail})
