"""For the tests of a project: what it publishes, without Redis. See README, "Your tests"."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, overload

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.test.testcases import DatabaseOperationForbidden  # type: ignore[attr-defined]

from dms_live import sender
from dms_live.expanding import expand_all
from dms_live.in_tests import asked_to_send
from dms_live.models import OutboxEntry
from dms_live.registry import registry
from dms_live.running import forget_what_was_written
from dms_live.shapes import EVENTS
from dms_live.topics import SESSION
from dms_live.uncounted import uncounted
from dms_live.units import unit_id_of
from dms_live.users import id_of
from dms_live.values import as_id

__all__ = ["CapturedEvents", "PublishedEvent", "assert_not_published", "assert_published", "captured_events", "sending"]


#: How long the last round of the thread may take, in seconds: it may be waiting for Redis.
_PATIENCE = 60.0


@dataclass(frozen=True)
class PublishedEvent:
    """An event in the outbox. It may have several topics: a send-back is sent to a unit and to a person."""

    #: ``request``, ``crate``, ``storage``, ``sendback``, ``audit``, or ``session``.
    kind: str
    action: str
    topics: tuple[str, ...]
    #: The ids of the entities: one, but for storage locations. Of a session: the user's id, or the token's.
    ids: tuple[str, ...]
    #: The message as it is sent.
    message: dict[str, Any]

    @property
    def entity(self) -> Any:
        """The entity, or for storage the list of locations. ``None`` for a session."""
        return None if self.kind == SESSION else self.message.get(EVENTS[self.kind].entity_field)

    def __str__(self) -> str:
        return f"{self.kind} {self.action} {', '.join(self.ids)} to {', '.join(self.topics)}"


class CapturedEvents(Sequence[PublishedEvent]):
    """The events since :func:`captured_events` began, in order. It looks each time it is asked."""

    def __init__(self, after: dict[str, int] | None = None) -> None:
        self._after = {} if after is None else after

    @overload
    def __getitem__(self, index: int) -> PublishedEvent: ...
    @overload
    def __getitem__(self, index: slice) -> list[PublishedEvent]: ...
    def __getitem__(self, index: int | slice) -> PublishedEvent | list[PublishedEvent]:
        return self._events()[index]

    def __len__(self) -> int:
        return len(self._events())

    def __repr__(self) -> str:
        return repr(self._events())

    def of(self, kind: str, *, action: str | None = None, id: Any = None, unit: Any = None) -> list[PublishedEvent]:
        """The events of a kind, with this action, about this entity, to this unit.

        :param id: an id, or a row. For a session: a user, or a token's id.
        :param unit: an id, or a row.
        """
        if kind != SESSION and kind not in EVENTS:
            raise ValueError(f"{kind!r} is no kind of event: {', '.join((*EVENTS, SESSION))} are")
        topic = None if unit is None else f"{kind}:unit:{unit_id_of(unit)}"
        return [
            event
            for event in self
            if event.kind == kind
            and action in (None, event.action)
            and (id is None or _written(id) in event.ids)
            and (topic is None or topic in event.topics)
        ]

    @uncounted()
    def failures(self) -> list[str]:
        """Why events could not be published."""
        return [f"{row.topic}: {row.last_error}" for row in self._rows() if row.state == OutboxEntry.State.FAILED]

    def assert_published(self, kind: str, **wanted: Any) -> PublishedEvent:
        """Fails unless there is such an event; takes what :meth:`of` takes. Returns the last one."""
        __tracebackhide__ = True
        found = self.of(kind, **wanted)
        if not found:
            raise AssertionError(f"No event was published: {_spelt(kind, wanted)}.{self._what_there_is()}")
        return found[-1]

    def assert_not_published(self, kind: str, **wanted: Any) -> None:
        """Fails if there is such an event."""
        __tracebackhide__ = True
        if self.of(kind, **wanted):
            raise AssertionError(f"An event was published: {_spelt(kind, wanted)}.{self._what_there_is()}")

    def _what_there_is(self) -> str:
        lines = [*map(str, self), *(f"failed: {reason}" for reason in self.failures())]
        return "\nPublished were:" + "".join(f"\n  {line}" for line in lines or ["nothing"])

    @uncounted()
    def _events(self) -> list[PublishedEvent]:
        events: dict[str, PublishedEvent] = {}
        for row in self._rows():
            if row.state != OutboxEntry.State.FAILED or row.payload:
                before = events.get(row.event_id)
                events[row.event_id] = _event_of(row, () if before is None else before.topics)
        return list(events.values())

    def _rows(self) -> Iterator[OutboxEntry]:
        for using in registry().databases():
            with suppress(DatabaseOperationForbidden):  # a test that may not use a database publishes nothing in it
                expand_all(using)
                yield from OutboxEntry.objects.using(using).filter(pk__gt=self._after.get(using, 0)).order_by("pk")


_innermost: ContextVar[CapturedEvents | None] = ContextVar("dms_live_captured", default=None)


@contextmanager
def captured_events() -> Iterator[CapturedEvents]:
    """What is published within. Nothing is sent.

    Example: ``with captured_events() as events: client.post(url)``, then ``events.assert_published("request", id=request)``
    """
    after = {}
    for using in registry().databases():
        with suppress(DatabaseOperationForbidden), uncounted():
            expand_all(using)
            forget_what_was_written(using)
            last = OutboxEntry.objects.using(using).order_by("pk").last()
            after[using] = 0 if last is None else last.pk
    events = CapturedEvents(after)
    token = _innermost.set(events)
    try:
        yield events
    finally:
        _innermost.reset(token)


def assert_published(kind: str, **wanted: Any) -> PublishedEvent:
    """Fails unless such an event was published in this test, or within the innermost :func:`captured_events`.

    Example: ``assert_published("request", action="APPROVED", id=request)``
    """
    __tracebackhide__ = True
    return (_innermost.get() or CapturedEvents()).assert_published(kind, **wanted)


def assert_not_published(kind: str, **wanted: Any) -> None:
    """Fails if such an event was published in this test, or within the innermost :func:`captured_events`."""
    __tracebackhide__ = True
    (_innermost.get() or CapturedEvents()).assert_not_published(kind, **wanted)


@contextmanager
def sending() -> Iterator[None]:
    """Commits within are sent to the Redis of the settings, as in production. For a test with a Redis of its own.

    The thread that sends has ended, and closed its connection to the database, when this returns.
    """
    with asked_to_send():
        try:
            yield
        finally:
            sender.stop(_PATIENCE)


def _event_of(row: OutboxEntry, topics: tuple[str, ...]) -> PublishedEvent:
    message = json.loads(row.payload)
    kind = row.topic.split(":", 1)[0]
    if kind == SESSION:
        ids = [message.get("userId", message.get("jti"))]
    else:
        entity = message.get(EVENTS[kind].entity_field)
        ids = [part.get("id") for part in (entity if isinstance(entity, list) else [entity])]
    return PublishedEvent(kind, message["action"], (*topics, row.topic), tuple(map(str, ids)), message)


def _written(id: Any) -> str:
    return str(id_of(id) if isinstance(id, get_user_model()) else as_id(id))


def _spelt(kind: str, wanted: dict[str, Any]) -> str:
    values = {name: as_id(value) if isinstance(value, Model) else value for name, value in wanted.items()}
    return " ".join([kind, *(f"{name}={value!r}" for name, value in values.items())])
