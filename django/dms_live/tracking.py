"""Which rows are compared as a whole when a ``tracked()`` ends. Until then, their saves and deletions are not published: so each
change is published once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from dms_live.specs import Spec

_tracked: ContextVar[frozenset[tuple[str, int, Any]]] = ContextVar("dms_live_tracked", default=frozenset())


@contextmanager
def tracking(spec: Spec, pks: Iterable[Any], using: str) -> Iterator[None]:
    token = _tracked.set(_tracked.get() | {(using, id(spec), pk) for pk in pks})
    try:
        yield
    finally:
        _tracked.reset(token)


def is_tracked(spec: Spec, pk: Any, using: str) -> bool:
    return (using, id(spec), pk) in _tracked.get()
