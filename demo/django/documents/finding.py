"""Which rows the filters of the API mean, and how many there are of each."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from rest_framework.request import Request as HttpRequest

from accounts.permissions import visible
from documents.models import Crate, Request


def matching(rows: QuerySet[Request], http: HttpRequest) -> QuerySet[Request]:
    """The requests of a unit and type that have the words of a search; of any status."""
    asked = http.query_params
    rows = visible(rows, http)
    if asked.get("type"):
        rows = rows.filter(request_type=asked["type"])
    if asked.get("search"):
        rows = rows.filter(_about(asked["search"].strip()))
    return rows


def overdue(rows: QuerySet[Request], now: datetime) -> QuerySet[Request]:
    """Those whose crate should have come back."""
    return rows.filter(status=Request.Status.ISSUED, expected_return_date__lt=now)


def count_by(rows: QuerySet[Any], field: str, values: list[str]) -> list[dict[str, Any]]:
    """How many rows there are of each value, also of those that no row has."""
    counts = dict(rows.order_by().values_list(field).annotate(Count("id")))
    return [{field: value, "count": counts.get(value, 0)} for value in values]


def _about(words: str) -> Q:
    """By the number of the request or the crate, the people's names, or what is in the crate."""
    by_person = Q(created_by__first_name__icontains=words) | Q(created_by__last_name__icontains=words)
    documents = Crate.objects.filter(
        Q(documents__document_name__icontains=words) | Q(documents__document_number__icontains=words)
    )
    match = by_person | Q(crate__in=documents)
    return match | Q(pk=int(words)) | Q(crate_id=int(words)) if words.isdecimal() else match
