"""Lists, newest first."""

from typing import Any, TypeVar

from django.db import models
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

Row = TypeVar("Row", bound=models.Model)

MOST_ROWS = 200


def page(rows: models.QuerySet[Row], serializer: type[BaseSerializer[Any]]) -> Response:
    """The newest rows, and how many there are in all."""
    newest = rows.order_by("-id")[:MOST_ROWS]
    return Response({"count": rows.count(), "results": serializer(newest, many=True).data})
