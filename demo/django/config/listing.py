"""Lists, newest first."""

from typing import Any, TypeVar

from django.db import models
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from dms_live import list_version

Row = TypeVar("Row", bound=models.Model)

MOST_ROWS = 200


def page(rows: models.QuerySet[Row], serializer: type[BaseSerializer[Any]]) -> Response:
    """The newest rows, and how many there are in all; and up to which event the page knows everything."""
    version = list_version(rows)
    newest = serializer(rows.order_by("-id")[:MOST_ROWS], many=True).data
    return Response({"count": rows.count(), "results": newest, "live_version": version})
