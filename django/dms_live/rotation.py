"""Distinguishes a refresh token that is exchanged for a new one from a logout: both put it on Simple JWT's blacklist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_rotating: ContextVar[bool] = ContextVar("dms_live_rotating", default=False)


@contextmanager
def token_rotation() -> Iterator[None]:
    """Says that refresh tokens blacklisted within are exchanged for new ones, so that nobody logs out.

    For a refresh view of your own. Simple JWT's refresh serializer, and all that derive from it, are recognised without it.

    Example: ``with token_rotation(): old.blacklist()``
    """
    token = _rotating.set(True)
    try:
        yield
    finally:
        _rotating.reset(token)


def is_rotation() -> bool:
    return _rotating.get()
