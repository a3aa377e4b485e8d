"""Which rows the filters of the API mean, and how many there are of each."""

from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from rest_framework.request import Request as HttpRequest

from accounts.models import User
from accounts.permissions import one_of, seen_by, text_of, user_of, visible
from documents.models import Crate, Request


def matching(rows: QuerySet[Request], http: HttpRequest) -> QuerySet[Request]:
    """The requests of a unit and type that have the words of a search; of any status."""
    asked = http.query_params
    rows = visible(rows, http)
    if request_type := one_of(Request.Type.values, asked, "type"):
        rows = rows.filter(request_type=request_type)
    words = text_of(asked, "search")
    return _about(words, rows, user_of(http)) if words else rows


def overdue(rows: QuerySet[Request], now: datetime) -> QuerySet[Request]:
    """Those whose crate should have come back."""
    return rows.filter(status=Request.Status.ISSUED, expected_return_date__lt=now)


def count_by(rows: QuerySet[Any], field: str, values: list[str]) -> list[dict[str, Any]]:
    """How many rows there are of each value, also of those that no row has."""
    counts = dict(rows.order_by().values_list(field).annotate(Count("id")))
    return [{field: value, "count": counts.get(value, 0)} for value in values]


def _about(words: str, rows: QuerySet[Request], user: User) -> QuerySet[Request]:
    """By the number of the request or the crate, the creator's name, or what is in the crate, as far as the user may see it."""
    number = Cast("pk", CharField())
    creator = Concat("created_by__first_name", Value(" "), "created_by__last_name")
    in_crate = Q(documents__document_name__icontains=words) | Q(documents__document_number__icontains=words)
    crates = seen_by(Crate.objects.alias(number=number), user).filter(in_crate | Q(number__contains=words))
    is_about = Q(number__contains=words) | Q(creator__icontains=words) | Q(crate__in=crates.values("pk"))
    return rows.alias(number=number, creator=creator).filter(is_about)
