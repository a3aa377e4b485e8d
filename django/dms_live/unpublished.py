"""Notices changes of published tables that make no event: ``update()``, ``bulk_create()``, SQL. The setting ``UNTOLD`` says what
happens then.

Every statement passes here, while the setting is not ``"ignore"``. One that writes to a published table is fine in a save, and
in a deletion or ``tracked()`` that is about this table. In a transaction, ``publish()`` of the same kind may follow until the
commit.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import django
from django.db import connections, transaction
from django.db.backends.signals import connection_created

from dms_live.capturing import is_captured
from dms_live.conf import conf
from dms_live.kinds import KINDS
from dms_live.parts import throughs
from dms_live.registry import Registry, registry
from dms_live.topics import SESSION
from dms_live.uncounted import uncounted

logger = logging.getLogger("dms_live")

_WRITE = re.compile(r'\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+[`"]?(\w+)', re.IGNORECASE)
_FRAMEWORKS = tuple(str(Path(module).parent) for module in (str(django.__file__), __file__))
#: What these do is no work of the DMS.
_EXEMPT = tuple(
    str(Path(_FRAMEWORKS[0], *steps))
    for steps in (
        ("db", "migrations"),
        *(("core", "management", "commands", f"{name}.py") for name in ("flush", "loaddata", "migrate")),
    )
)

#: The tables whose changes are published otherwise; ``None``: all.
_fine: ContextVar[frozenset[str] | None] = ContextVar("dms_live_fine", default=frozenset())
_reported: set[tuple[str, str]] = set()
#: The table of users, and its columns that tokens depend on.
_accounts: dict[str, frozenset[str]] = {}
_ASSIGNED = re.compile(r'[`"]?(\w+)[`"]? = ')


#: Of rows that are published, and of users.
_MISSING = (
    "no event says so: use tracked() or publish()",
    "no session ends: use revoke_user() or user_changed()",
)


class NotPublished(RuntimeError):
    """A change of a published table made no event, and ``UNTOLD`` is ``"raise"``."""


@dataclass
class _Note:
    """A change that makes no event so far. It is a commit hook, so that it goes when its savepoint is rolled back."""

    kind: str
    message: str
    is_settled: bool = False

    def __call__(self) -> None:
        if not self.is_settled:
            _report(self.message)


def follow_connections() -> None:
    """Looks at the statements of every connection, those that are open included."""
    connection_created.connect(_follow, dispatch_uid="dms_live_unpublished")
    for connection in connections.all(initialized_only=True):
        _follow(None, connection)


def follow_no_connections() -> None:
    connection_created.disconnect(dispatch_uid="dms_live_unpublished")
    for connection in connections.all(initialized_only=True):
        if _look in connection.execute_wrappers:
            connection.execute_wrappers.remove(_look)


def _follow(sender: Any, connection: Any, **_: Any) -> None:
    """The first place: a connection may be opened within ``execute_wrapper()``, which takes the last one away when it ends."""
    if conf().untold_now != "ignore" and _look not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _look)


@contextmanager
def published_otherwise(tables: Iterable[str] | None = None) -> Iterator[None]:
    """What is written within is published by the caller.

    :param tables: to these; ``None``: to any.
    """
    outer = _fine.get()
    token = _fine.set(None if tables is None or outer is None else outer.union(tables))
    try:
        yield
    finally:
        _fine.reset(token)


def notice_accounts(table: str, columns: frozenset[str]) -> None:
    """Sessions must end when other statements than saves change these columns."""
    _accounts[table] = columns


def tables_of(kind: str) -> list[str]:
    """The tables of a kind that signals watch, and of what is part of its entities."""
    known = _kinds_of_tables(registry())
    return [table for table, of in known.items() if kind in (of, KINDS[of].part_of)]


def settle(kind: str, using: str) -> None:
    """Entities of a kind, with what is part of them, are published by hand in this transaction."""
    for hook in transaction.get_connection(using).run_on_commit:
        note = hook[1]
        if isinstance(note, _Note) and (kind == note.kind or (note.kind in KINDS and kind == KINDS[note.kind].part_of)):
            note.is_settled = True


def _look(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    fine = _fine.get()
    written = None if fine is None or conf().untold_now == "ignore" else _WRITE.match(str(sql))
    kind = None if written is None or fine is None or written[1] in fine else _kind_of(written[1], str(sql))
    place = None if kind is None else _caller()
    if kind is None or written is None or place is None:
        return execute(sql, params, many, context)
    message = f"{place} changes {written[1]}, and {_MISSING[kind == SESSION]}, in the same transaction"
    connection = context["connection"]
    if connection.in_atomic_block:
        result = execute(sql, params, many, context)
        if _has_changed(written, context):
            transaction.on_commit(_Note(kind, message), using=connection.alias)
        return result
    # An error must undo the change.
    with uncounted(), transaction.atomic(using=connection.alias) if conf().untold_now == "raise" else nullcontext():
        result = execute(sql, params, many, context)
        if _has_changed(written, context):
            _report(message)
    return result


def _kind_of(table: str, sql: str) -> str | None:
    """Whose events, or sessions, a statement is about."""
    columns = _accounts.get(table)
    if columns is not None and sql.lstrip()[:6].upper() == "UPDATE":
        changes = re.split(r"\bWHERE\b", sql.partition(" SET ")[2], maxsplit=1)[0]
        if not columns.isdisjoint(_ASSIGNED.findall(changes)):
            return SESSION
    return _kinds_of_tables(registry()).get(table)


def _has_changed(written: re.Match[str], context: dict[str, Any]) -> bool:
    """Whether a row was written. Of an INSERT that returns keys, SQLite counts none before they are read."""
    return written[0].lstrip()[:6].upper() == "INSERT" or context["cursor"].rowcount != 0


def _report(message: str) -> None:
    if conf().untold_now == "raise":
        raise NotPublished(message)
    place, table = message.split(" changes ", 1)
    if (place, table) not in _reported:
        _reported.add((place, table))
        logger.warning("dms_live: %s", message)


def _caller() -> str | None:
    """The line that is neither Django's nor ours; ``None`` if a command of Django's is at work."""
    frame: Any = sys._getframe(2)
    place: str | None = None
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_EXEMPT):
            return None
        if place is None and not name.startswith(_FRAMEWORKS) and not name.endswith("contextlib.py"):
            place = f"{name}:{frame.f_lineno}"
        frame = frame.f_back
    return place


@lru_cache(maxsize=1)
def _kinds_of_tables(_: Registry) -> dict[str, str]:
    tables = {
        through.model._meta.db_table: through.part for through in throughs().values() if not is_captured(through.model)
    }
    for model in registry().models():
        spec = registry().spec_of(model)
        if spec is not None and not is_captured(model):
            tables[model._meta.db_table] = spec.kind
    return tables
