"""The acting user: from the request, or as :func:`acting_as` says. It is never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest

from dms_live.users import id_of, shape_user

_request: ContextVar[HttpRequest | None] = ContextVar("dms_live_request", default=None)
_stand_in: ContextVar[tuple[Any] | None] = ContextVar("dms_live_acting_as", default=None)


class Noted(NamedTuple):
    """Who made a change that a trigger noted, as events have it, and when."""

    actor: dict[str, Any] | None
    at: datetime


_noted: ContextVar[Noted | None] = ContextVar("dms_live_noted", default=None)


@contextmanager
def acting_as(user: Any) -> Iterator[None]:
    """Sets the acting user of all events within: for Celery tasks, commands and tests. ``None``: nobody.

    Example: ``with acting_as(user): request.save()``
    """
    token = _stand_in.set((user,))
    try:
        yield
    finally:
        _stand_in.reset(token)


@contextmanager
def during(request: HttpRequest) -> Iterator[None]:
    """Makes the user of this request the acting user of all events within."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def as_noted(noted: Noted) -> Iterator[None]:
    """Events within are those of a change that was noted before."""
    token = _noted.set(noted)
    try:
        yield
    finally:
        _noted.reset(token)


def noted_time() -> datetime | None:
    """When the change happened whose events are written now; ``None``: now."""
    noted = _noted.get()
    return None if noted is None else noted.at


def current_request() -> HttpRequest | None:
    return _request.get()


def current_actor() -> dict[str, Any] | None:
    """The acting user as events have it; ``None`` if it is not known.

    The user is read when an event is written, not when the request begins. REST framework authenticates within the view, and
    then sets the user on the request that Django's middleware has seen.
    """
    noted = _noted.get()
    return shape_user(_current_user()) if noted is None else noted.actor


def current_actor_id() -> int | str | None:
    """The id of the acting user, as tokens have it; ``None`` if it is not known."""
    user = _current_user()
    return None if getattr(user, "pk", None) is None else id_of(user)


def _current_user() -> Any:
    stand_in = _stand_in.get()
    return stand_in[0] if stand_in is not None else getattr(_request.get(), "user", None)
