"""Adds rows to the outbox on PostgreSQL by SQL of our own: each save of a published row waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.db import connections
from django.utils import timezone

from dms_live.models import OutboxEntry

_COLUMNS = (
    "topic", "event_id", "payload", "state", "created_at", "attempts", "last_error", "subject", "snapshot", "is_ordered",
    "is_captured",
)  # fmt: skip


def insert_on_postgres(entries: Sequence[OutboxEntry], using: str) -> None:
    """Inserts new entries, sets their keys, and notes the transaction that writes them."""
    connection = connections[using]
    now = timezone.now()
    values = []
    for entry in entries:
        entry.created_at = now
        values += [getattr(entry, name) for name in _COLUMNS]
    places = ", ".join([f"({', '.join(['%s'] * len(_COLUMNS))}, txid_current())"] * len(entries))
    with connection.cursor() as cursor:
        cursor.execute(f"{_insert_into(connection.alias)} VALUES {places} RETURNING id", values)
        for entry, (pk,) in zip(entries, cursor.fetchall(), strict=True):
            entry.pk = pk
            entry._state.adding, entry._state.db = False, using


@lru_cache(maxsize=16)
def _insert_into(using: str) -> str:
    quote = connections[using].ops.quote_name
    columns = ", ".join(quote(name) for name in (*_COLUMNS, "transaction"))
    return f"INSERT INTO {quote(OutboxEntry._meta.db_table)} ({columns})"
