"""Adds rows to the outbox. Each save of a published row waits for it, and on SQLite every other writer too: so it is one
statement of our own.
"""

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


#: The state, the attempts and the last error of a new row.
_SAME = f"'{OutboxEntry.State.PENDING.value}', 0, ''"


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
    write = {"postgresql": _inserted_by_postgres, "sqlite": _inserted_by_sqlite}.get(
        connections[using].vendor, _inserted
    )
    for entry, pk in zip(entries, write(entries, using), strict=True):
        entry.pk = pk


def _inserted(entries: Sequence[Entry], using: str) -> list[Any]:
    rows = [OutboxEntry(**{name: getattr(entry, name) for name in _GIVEN}) for entry in entries]
    return [row.pk for row in OutboxEntry.objects.using(using).bulk_create(rows)]


def _inserted_by_postgres(entries: Sequence[Entry], using: str) -> list[Any]:
    with connections[using].cursor() as cursor:
        cursor.execute(_for_postgres(using), [timezone.now(), _as_json(entries)])
        return [pk for (pk,) in cursor.fetchall()]


def _inserted_by_sqlite(entries: Sequence[Entry], using: str) -> list[Any]:
    """The keys of one statement follow each other, since nobody else writes meanwhile."""
    connection = connections[using]
    with connection.cursor() as cursor:
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        cursor.execute(_for_sqlite(using), [now, _as_json(entries)])
        last = connection.ops.last_insert_id(cursor, OutboxEntry._meta.db_table, "id")
    return list(range(last - len(entries) + 1, last + 1))


def _as_json(entries: Sequence[Entry]) -> str:
    """The database takes the rows apart. To write one parameter for each of their values takes Python several times longer."""
    return json.dumps([{name: getattr(entry, name) for name in _GIVEN} for entry in entries], ensure_ascii=False)


@lru_cache(maxsize=16)
def _for_postgres(using: str) -> str:
    quote = connections[using].ops.quote_name
    types = ", ".join(f"{quote(name)} {kind}" for name, kind in _GIVEN.items())
    columns = ", ".join(map(quote, _GIVEN))
    return (
        f"{_insert_into(using, 'transaction')} SELECT {columns}, {_SAME}, %s, txid_current()"
        f" FROM json_to_recordset(%s) AS entries ({types}) RETURNING id"
    )


@lru_cache(maxsize=16)
def _for_sqlite(using: str) -> str:
    values = ", ".join(f"json_extract(value, '$.{name}')" for name in _GIVEN)
    return f"{_insert_into(using)} SELECT {values}, {_SAME}, %s FROM json_each(%s) ORDER BY key"


def _insert_into(using: str, *others: str) -> str:
    quote = connections[using].ops.quote_name
    columns = ", ".join(map(quote, (*_GIVEN, "state", "attempts", "last_error", "created_at", *others)))
    return f"INSERT INTO {quote(OutboxEntry._meta.db_table)} ({columns})"
