"""Adds rows to the outbox. Each save of a published row waits for it, so on PostgreSQL it is one statement of our own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connections
from django.utils import timezone

from dms_live.models import OutboxEntry

#: The columns that a new row has from its entry.
_GIVEN = {
    "topic": "text",
    "event_id": "text",
    "payload": "text",
    "subject": "text",
    "snapshot": "text",
    "is_ordered": "boolean",
    "is_captured": "boolean",
}


@dataclass
class Entry:
    """What a new row of the outbox says. It is no instance of the model: those take longer to make than to insert.

    :ivar pk: the row's key, once it is inserted.
    """

    topic: str
    event_id: str
    payload: str
    subject: str
    snapshot: str | None
    is_ordered: bool
    is_captured: bool = False
    pk: Any = None


def insert(entries: Sequence[Entry], using: str) -> None:
    """Inserts new rows, in this order, and notes their keys. On PostgreSQL, each says which transaction writes it."""
    if connections[using].vendor == "postgresql":
        keys = _inserted_by_postgres(entries, using)
    else:
        rows = [OutboxEntry(**{name: getattr(entry, name) for name in _GIVEN}) for entry in entries]
        keys = [row.pk for row in OutboxEntry.objects.using(using).bulk_create(rows)]
    for entry, pk in zip(entries, keys, strict=True):
        entry.pk = pk


def _inserted_by_postgres(entries: Sequence[Entry], using: str) -> list[Any]:
    """The database takes the rows apart. To write one parameter for each of their values takes Python several times longer."""
    rows = json.dumps([{name: getattr(entry, name) for name in _GIVEN} for entry in entries], ensure_ascii=False)
    with connections[using].cursor() as cursor:
        cursor.execute(_statement(using), [timezone.now(), rows])
        return [pk for (pk,) in cursor.fetchall()]


@lru_cache(maxsize=16)
def _statement(using: str) -> str:
    quote = connections[using].ops.quote_name
    columns = ", ".join(map(quote, _GIVEN))
    types = ", ".join(f"{quote(name)} {kind}" for name, kind in _GIVEN.items())
    others = ", ".join(map(quote, ("state", "attempts", "last_error", "transaction", "created_at")))
    return (
        f"INSERT INTO {quote(OutboxEntry._meta.db_table)} ({columns}, {others})"
        f" SELECT {columns}, '{OutboxEntry.State.PENDING.value}', 0, '', txid_current(), %s"
        f" FROM json_to_recordset(%s) AS entries ({types}) RETURNING id"
    )
