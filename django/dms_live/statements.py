"""Adds the acting user to statements that change captured tables, so that the triggers know who it is, and wakes the sender.

The setting travels in the same message as the statement, and ends with its transaction: PostgreSQL runs both as one, if there is
no other. So it cannot reach another user's statement, whatever connection pool is between. It takes no round trip.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.db import connections, transaction
from django.db.backends.signals import connection_created

from dms_live.actor import current_actor_id
from dms_live.capturing import sources
from dms_live.conf import conf
from dms_live.registry import Registry, registry
from dms_live.running import running_transaction
from dms_live.trigger_sql import ACTOR
from dms_live.uncounted import uncounted

_WRITE = re.compile(
    r"(?:\s+|/\*.*?\*/)*(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?|MERGE\s+INTO(?:\s+ONLY)?"
    r'|TRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?)\s+(?:"?\w+"?\.)?"?(\w+)',
    re.IGNORECASE | re.DOTALL,
)
_WITH = re.compile(r"(?:\s+|/\*.*?\*/)*WITH\b", re.IGNORECASE | re.DOTALL)
#: Whether the acting user is being looked up: that may write too.
_is_asking: ContextVar[bool] = ContextVar("dms_live_asks_for_actor", default=False)


def follow_statements() -> None:
    connection_created.connect(_follow, dispatch_uid="dms_live_statements")
    for connection in connections.all(initialized_only=True):
        _follow(None, connection)


def follow_no_statements() -> None:
    connection_created.disconnect(dispatch_uid="dms_live_statements")
    for connection in connections.all(initialized_only=True):
        if _name_actor in connection.execute_wrappers:
            connection.execute_wrappers.remove(_name_actor)


def _follow(sender: Any, connection: Any, **_: Any) -> None:
    is_captured = conf().capture == "triggers" and connection.vendor == "postgresql"
    if is_captured and _name_actor not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _name_actor)


def _name_actor(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if _is_asking.get() or not isinstance(sql, str) or not _changes_captured(sql):
        return execute(sql, params, many, context)
    if getattr(context["cursor"], "name", None):  # a cursor of the server only reads, and takes one statement
        return execute(sql, params, many, context)
    connection = context["connection"]
    before = _setting_before(connection)
    if before is None or (many and not _is_in_transaction(connection)):  # each of many is a transaction of its own
        result = execute(sql, params, many, context)
    elif many or connection.settings_dict["OPTIONS"].get("server_side_binding"):  # one statement in each message
        with uncounted(), transaction.atomic(using=connection.alias, savepoint=False):
            with connection.cursor() as cursor:
                cursor.execute(before)
            result = execute(sql, params, many, context)
    else:
        result = execute(f"{before}; {sql}", params, many, context)
        if hasattr(context["cursor"], "nextset") and _is_psycopg_3():
            context["cursor"].nextset()  # the outcome of the statement follows that of the setting
    _wake(connection)
    return result


@uncounted()
def _setting_before(connection: Any) -> str | None:
    token = _is_asking.set(True)
    try:
        actor = current_actor_id()
    finally:
        _is_asking.reset(token)
    if actor is None and not (_is_in_transaction(connection) and getattr(connection, "dms_live_has_named", False)):
        return None
    connection.dms_live_has_named = True
    # It is part of a statement with or without parameters, where "%" means two things. Without it, an id could be another user's.
    written = "" if actor is None or set(str(actor)) & {"%", "\\"} else str(actor).replace("'", "''")
    return f"SET LOCAL {ACTOR} = '{written}'"


def _is_in_transaction(connection: Any) -> bool:
    return connection.in_atomic_block or not connection.get_autocommit()


def _wake(connection: Any) -> None:
    from dms_live.sender import wake

    if connection.in_atomic_block:
        running_transaction(connection.alias)
    else:
        wake()  # without autocommit it finds nothing yet, and looks again within a second


def _changes_captured(sql: str) -> bool:
    written = _WRITE.match(sql)
    if written is not None:
        return written[1] in _tables(registry())
    return _WITH.match(sql) is not None and any(table in sql for table in _tables(registry()))


@lru_cache(maxsize=1)
def _tables(_: Registry) -> frozenset[str]:
    """Their names, without that of the schema in a ``db_table`` such as ``archive"."request``."""
    return frozenset(source.table.rpartition(".")[2].strip('"') for source in sources().values())


@lru_cache(maxsize=1)
def _is_psycopg_3() -> bool:
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    return bool(is_psycopg3)
