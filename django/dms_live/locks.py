"""One sender at a time in each database. So no event overtakes another, however many processes send."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import wraps
from typing import IO, Any

from django.db import OperationalError, connections, transaction
from django.db.models import QuerySet

from dms_live.models import RelayState
from dms_live.uncounted import uncounted

_in_this_process = threading.Lock()


@contextlib.contextmanager
def sole_sender(using: str) -> Iterator[RelayState | None]:
    """Yields the state of the relay while nobody else sends; ``None`` if somebody does. The lock ends with the process.

    A database that can lock rows holds the lock, in a transaction around all that is done. SQLite, whose lock would keep the
    DMS from writing, is guarded by a file beside it: all its users are on one machine.
    """
    if connections[using].features.has_select_for_update:
        _rows(using).get_or_create(pk=1)  # committed before it is locked: otherwise the next process would wait for it
        with transaction.atomic(using=using, durable=True):
            yield _locked_row(using)
        return
    with _locked_file(using) as is_locked:
        yield _rows(using).get_or_create(pk=1)[0] if is_locked else None


def write_first(using: str) -> None:
    """Takes the lock of SQLite, before anything is read in this transaction.

    SQLite lets a transaction that writes first wait for its turn. One that has read before fails at once ("database is locked")
    if another has written meanwhile. This update finds no row, and that is enough. Other databases lock rows instead.
    """
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute(f"UPDATE {RelayState._meta.db_table} SET id = id WHERE id = 0")


def write_first_when_selected_for_update(is_watched: Callable[[Any], bool]) -> None:
    """Lets ``select_for_update()``, and so ``update_or_create()``, take the lock of SQLite before it reads, as it locks rows
    elsewhere. Django leaves it out on SQLite: then each of these transactions reads first, and fails if another writes before
    it does. With this app a transaction is longer, so more of them would fail.

    :param is_watched: whether rows of a model are published.
    """
    original = QuerySet.select_for_update
    if getattr(original, "is_of_dms_live", False):
        return

    @wraps(original)
    def select_for_update(self: Any, *args: Any, **named: Any) -> Any:
        rows = original(self, *args, **named)
        if is_watched(rows.model) and transaction.get_connection(rows.db).in_atomic_block:
            # A transaction that has read before may fail here. That is no error until it writes.
            with contextlib.suppress(OperationalError), uncounted():
                write_first(rows.db)
        return rows

    select_for_update.is_of_dms_live = True  # type: ignore[attr-defined]
    QuerySet.select_for_update = select_for_update  # type: ignore[method-assign]


def _locked_row(using: str) -> RelayState | None:
    skips = connections[using].features.has_select_for_update_skip_locked
    return _rows(using).select_for_update(skip_locked=skips).filter(pk=1).first()


def _rows(using: str) -> QuerySet[RelayState]:
    return RelayState.objects.using(using)


@contextlib.contextmanager
def _locked_file(using: str) -> Iterator[bool]:
    if not _in_this_process.acquire(blocking=False):
        yield False
        return
    try:
        name = str(connections[using].settings_dict["NAME"])
        if connections[using].is_in_memory_db():  # type: ignore[attr-defined]
            yield True  # of this process alone
            return
        with open(f"{name}.dms-live-lock", "ab") as file:
            yield _lock(file)
    finally:
        _in_this_process.release()


def _lock(file: IO[Any]) -> bool:
    """Locks a file until it is closed; ``False`` if another process has."""
    try:
        try:
            import fcntl
        except ImportError:  # Windows
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
