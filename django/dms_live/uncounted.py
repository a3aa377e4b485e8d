"""Keeps this app's statements out of the counts of a project's tests.

A project's ``assertNumQueries`` must say the same with this app as without it. So under a test runner, while a test counts, our
statements are made by a cursor that is not counted. The code is that of production. Outside of test runs, and with ``DEBUG``,
``connection.queries`` has all statements, and so have the tools that show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections

from dms_live.in_tests import is_test_run

#: The connections whose statements a test counts, while ours run.
_silenced: ContextVar[tuple[Any, ...]] = ContextVar("dms_live_silenced", default=())


@contextmanager
def uncounted() -> Iterator[None]:
    """No test counts the statements within. It is a decorator too."""
    counting: tuple[Any, ...] = ()
    if is_test_run():
        counting = tuple(one for one in connections.all(initialized_only=True) if one.force_debug_cursor)
    with _switched(counting, counts=False, silenced=(*_silenced.get(), *counting)):
        yield


@contextmanager
def counted() -> Iterator[None]:
    """Statements of the project, within ``uncounted()``."""
    with _switched(_silenced.get(), counts=True, silenced=()):
        yield


@contextmanager
def _switched(several: tuple[Any, ...], *, counts: bool, silenced: tuple[Any, ...]) -> Iterator[None]:
    token = _silenced.set(silenced)
    for connection in several:
        connection.force_debug_cursor = counts
    try:
        yield
    finally:
        for connection in several:
            connection.force_debug_cursor = not counts
        _silenced.reset(token)
