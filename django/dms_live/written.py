"""The row after an UPDATE, known without reading it again, where the database stores a value exactly as it was given.

It saves a statement for each save. A relation that changed, an expression, a column that the database computes, a field that
converts its values, a trigger on the table: then only the database knows.
"""

from __future__ import annotations

import copy
import datetime
import uuid
from collections.abc import Mapping
from enum import Enum
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Field, Model
from django.utils import timezone

from dms_live.trigger_sql import TRIGGERS

#: Django's own fields, and the type of the values that they store unchanged.
_EXACT: dict[str, type] = {
    "CharField": str,
    "TextField": str,
    "SlugField": str,
    "EmailField": str,
    "IntegerField": int,
    "BigIntegerField": int,
    "SmallIntegerField": int,
    "PositiveIntegerField": int,
    "PositiveSmallIntegerField": int,
    "PositiveBigIntegerField": int,
    "BooleanField": bool,
    "DateField": datetime.date,
    "DateTimeField": datetime.datetime,
    "UUIDField": uuid.UUID,
}

#: How long an answer about a table holds, in seconds.
_HOLDS_FOR = 5.0
_answers: dict[tuple[str, str], tuple[float, bool]] = {}


def as_written(before: Model, values: Mapping[str, Any], using: str) -> Any:
    """The instance ``before`` with the values that an UPDATE has written. ``None``: read it.

    :param before: read in this transaction, and locked since.
    """
    meta = before._meta
    if connections[using].vendor not in _ASKED or meta.parents or not stores_as_given(using, meta.db_table):
        return None
    if any(getattr(column, "generated", False) for column in meta.concrete_fields):
        return None
    changed: dict[str, Any] = {}
    for column in meta.concrete_fields:
        if column.attname not in values:
            continue
        value, old = values[column.attname], getattr(before, column.attname)
        if type(value) is type(old) and value == old:
            continue
        value = value.value if isinstance(value, Enum) else value  # of TextChoices
        if not _is_exact(column, value):
            return None
        changed[column.attname] = value
    after: Any = type(before).__new__(type(before))
    after.__dict__.update(before.__dict__)
    after._state = copy.copy(before._state)
    after._state.fields_cache = dict(before._state.fields_cache)
    after.__dict__.update(changed)
    return after


def _is_exact(column: Field[Any, Any], value: Any) -> bool:
    name = type(column).__name__
    if column.is_relation or type(column).__module__ != "django.db.models.fields" or name not in _EXACT:
        return False
    if value is None:
        return bool(column.null)
    if type(value) is not _EXACT[name]:
        return False
    return not isinstance(value, datetime.datetime) or (settings.USE_TZ and timezone.is_aware(value))


def stores_as_given(using: str, table: str) -> bool:
    """Whether a database stores in a table what it is given: no rule, view or trigger but ours is between. A migration may add
    one while this process runs, so the answer holds for a few seconds only.
    """
    until, answer = _answers.get((using, table), (0.0, False))
    now = monotonic()
    if now >= until:
        answer = _asked(using, table)
        _answers[using, table] = (now + _HOLDS_FOR, answer)
    return answer


def _asked(using: str, table: str) -> bool:
    return _ASKED[connections[using].vendor](connections[using], table)


def _postgres_stores_as_given(connection: Any, table: str) -> bool:
    return _answer(
        connection,
        "SELECT relkind IN ('r', 'p') AND NOT relhasrules AND NOT EXISTS"
        " (SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND NOT tgisinternal AND NOT tgname = ANY(%s))"
        " FROM pg_class WHERE oid = to_regclass(%s)",
        [[trigger.name for trigger in TRIGGERS], connection.ops.quote_name(table)],
    )


def _sqlite_stores_as_given(connection: Any, table: str) -> bool:
    return _answer(
        connection,
        "SELECT sum(type = 'table') = 1 AND sum(type IN ('view', 'trigger')) = 0 FROM"
        " (SELECT type, tbl_name FROM sqlite_master UNION ALL SELECT type, tbl_name FROM sqlite_temp_master)"
        " WHERE tbl_name = %s COLLATE NOCASE",
        [table],
    )


def _answer(connection: Any, sql: str, params: list[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return bool(row and row[0])


_ASKED = {"postgresql": _postgres_stores_as_given, "sqlite": _sqlite_stores_as_given}
