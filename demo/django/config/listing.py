"""Lists: sorted as the caller asks, newest first where nothing is asked."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models
from django.db.models import F
from django.db.models.expressions import OrderBy
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from dms_live import list_version

Row = TypeVar("Row", bound=models.Model)

# By the names that clients write: the columns that a list is sorted by.
Orderings = Mapping[str, tuple[str, ...]]

ROWS = 200
MOST_ROWS = 1000


def page(
    rows: models.QuerySet[Row],
    serializer: type[BaseSerializer[Any]],
    request: Request,
    orderings: Orderings | None = None,
) -> Response:
    """The first rows, and how many there are in all; and up to which event the page knows everything."""
    version = list_version(rows)
    asked = request.query_params
    ordered = rows.order_by(*_terms(asked.get("ordering", ""), orderings or {}), "-id")
    listed = ordered[: _limit(asked.get("limit", ""))]
    first = serializer(listed, many=True, context={"request": request}).data
    return Response({"count": rows.count(), "results": first, "live_version": version})


def _terms(asked: str, orderings: Orderings) -> list[OrderBy]:
    """Reads ``?ordering=status,-created_at`` as ``OrderingFilter`` does, which leaves out names that it does not know.

    Unlike there, rows without a value stand at the end in both directions, with every database.
    """
    terms = []
    for term in (part.strip() for part in asked.split(",")):
        for column in orderings.get(term.removeprefix("-"), ()):
            value = F(column)
            terms.append(value.desc(nulls_last=True) if term.startswith("-") else value.asc(nulls_last=True))
    return terms


def _limit(asked: str) -> int:
    """Reads ``?limit=400`` as ``LimitOffsetPagination`` does, which passes over what is no number from 1 on."""
    digits = asked.lstrip("0") if asked.isascii() and asked.isdecimal() else ""
    if len(digits) > len(str(MOST_ROWS)):
        return MOST_ROWS
    return min(int(digits), MOST_ROWS) if digits else ROWS
