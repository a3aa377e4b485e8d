"""Versions of events: of two events that contain the same entity, the one with the larger version knows it newer.

The sender gives each event its version when it sends it. There is one sender at a time, and it lets no message say what is older
than a message sent before it (``freshness.py``). So the order in which events are sent is right for every entity in them, for the
crate of a request too, and no save has to count anything.

A version is the time in microseconds, and always larger than the last one. So versions go on growing when the database is
restored from a backup, or its rows are deleted.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import connections
from django.db.models import QuerySet, Subquery

from dms_live.models import RelayState

#: Databases of which we know that what is sent later is never older. Elsewhere, an event has no version.
_IN_ORDER = ("postgresql", "sqlite")


class Versions:
    """Gives versions to messages that are sent one after another. The state of the relay keeps the last one."""

    def __init__(self, state: RelayState, using: str) -> None:
        self._state = state
        self._has_order = connections[using].vendor in _IN_ORDER
        self._last_id: str | None = None

    def stamped(self, event_id: str, payload: str) -> str:
        """The message with its version. An event for several topics has the same one in each."""
        if not self._has_order:
            return payload
        if event_id != self._last_id:
            self._state.version = max((self._state.version or 0) + 1, time.time_ns() // 1000)
            self._last_id = event_id
        return f'{{"version":{self._state.version},{payload[1:]}'


def live_version() -> Subquery:
    """An expression for the field ``live_version`` of the rows of a REST API: up to which event the database knows everything.

    The screen compares it with the events that it has received. So an answer that comes from a replica which is late does
    not overwrite them. It costs one more row for each query, however many rows the query returns.

    Example: ``Request.objects.annotate(live_version=live_version())``, and in the serializer
    ``live_version = serializers.IntegerField(read_only=True)``
    """
    return Subquery(RelayState.objects.filter(pk=1).values("version"))


def list_version(queryset: QuerySet[Any]) -> int | None:
    """The field ``live_version`` of a page of rows, for pages without rows, which have no row that could say it.

    Call it *before* the rows are read, with the queryset that reads them, and pin the database where a router chooses one::

        queryset = queryset.using(queryset.db)
        version = list_version(queryset)
        page = {"results": list(queryset), "live_version": version}
    """
    return RelayState.objects.using(queryset.db).filter(pk=1).values_list("version", flat=True).first()
