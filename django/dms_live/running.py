"""What the running transaction has written to the outbox so far, so that what follows can become part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from django.db import transaction

from dms_live.events import Event
from dms_live.in_tests import may_send
from dms_live.inserting import Entry
from dms_live.tracing import begun_commit


@dataclass
class Written:
    """An event that the running transaction has written, and its rows in the outbox."""

    event: Event
    entries: list[Entry]
    payload: str
    #: The sizes of the entities of an event for several, in bytes.
    size: int = 0
    #: Whether its rows are not in the database yet, and whether their payload is that of the event.
    is_new: bool = True
    is_stale: bool = False


@dataclass
class Transaction:
    """What one transaction has written so far. It is the transaction's commit hook too, and so lives as long.

    When a savepoint is rolled back, its events are still remembered here. But their rows are gone or say something else, so
    they are not rewritten.
    """

    last: dict[Any, Written] = field(default_factory=dict)
    #: Makes the span of the commit; ``None``: there is no trace.
    trace_commit: Callable[[], None] | None = None

    def __call__(self) -> None:
        from dms_live.sender import wake

        try:
            if self.trace_commit is not None:
                self.trace_commit()
        finally:
            wake()


#: What tests have written that never commit.
_of_tests: WeakKeyDictionary[Any, Transaction] = WeakKeyDictionary()


def forget_what_was_written(using: str) -> None:
    """What follows in the running transaction becomes part of no event that it has written before."""
    running = _known_transaction(using)
    if running is not None:
        running.last.clear()


def after_commit(call: Callable[[], None], using: str) -> None:
    """Calls after the commit, unless it is rolled back. In tests that never commit it calls at once."""
    if _test_around(transaction.get_connection(using)) is None:
        transaction.on_commit(call, using=using, robust=True)
    else:
        call()


def running_transaction(using: str) -> Transaction:
    connection: Any = transaction.get_connection(using)
    running = _known_transaction(using)
    if running is None:
        running = Transaction(trace_commit=begun_commit())
        test = _test_around(connection)
        if test is None:
            transaction.on_commit(running, using=using, robust=True)
        else:
            _of_tests[test] = running
    elif not connection.commit_on_exit:
        # Without autocommit, hooks outlive the project's commit(), and the rows may be those of an earlier transaction.
        running.last.clear()
    return running


def _known_transaction(using: str) -> Transaction | None:
    connection: Any = transaction.get_connection(using)
    test = _test_around(connection)
    if test is not None:
        return _of_tests.get(test)
    return next((hook[1] for hook in connection.run_on_commit if isinstance(hook[1], Transaction)), None)


def _test_around(connection: Any) -> Any:
    """The block of a ``TestCase`` in which nothing is sent. A hook of ours would be among those that the test captures."""
    if may_send():
        return None
    return next((block for block in reversed(connection.atomic_blocks) if block._from_testcase), None)
