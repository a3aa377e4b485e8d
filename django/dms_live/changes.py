"""From changed rows to their events.

The content of an event is fixed in the transaction of the change. What that transaction itself has changed is read while its row
is locked, so that the events of one row are written in the order of its changes. What belongs to others (the documents of a
crate, the crate of a request) is read without a lock, since a lock that the project did not ask for can deadlock it. Such a
message may become older than one that is sent before it. ``freshness.py`` finds that out when it is sent, and reads again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.db.models import Model

from dms_live import outbox
from dms_live.actions import actions_of
from dms_live.events import Event, event_of
from dms_live.kinds import Kind
from dms_live.outbox import Draft
from dms_live.prepared import read
from dms_live.registry import registry
from dms_live.rows import snapshot_of, stored
from dms_live.rules import QUIET, Entity
from dms_live.serialize import entity_of, load_lists
from dms_live.shapes import followers_of, knows_action
from dms_live.specs import Spec
from dms_live.topics import UnfitId
from dms_live.unit_of_object import in_its_unit
from dms_live.values import Unfit

logger = logging.getLogger("dms_live")


@dataclass(frozen=True)
class Change:
    """A row before and after a change.

    :ivar before: the instance as it was stored; ``None`` if it was not.
    :ivar after: as it is stored now.
    :ivar action: the action to publish, instead of those that the comparison finds.
    :ivar is_ordered: whether the row is locked, or new, so that nobody else changes it until the commit.
    """

    spec: Spec
    before: Any
    after: Any
    action: str | None = None
    is_ordered: bool = True

    @property
    def is_one(self) -> bool:
        return self.before is None or self.action is not None or _differs(self.before, self.after)


@contextmanager
def noting_failures(kind: str, using: str, pk: Any = None) -> Iterator[None]:
    """Notes an event that cannot be written as failed, and lets the DMS go on. Only errors of the database pass: after them
    the transaction is lost anyway.
    """
    try:
        yield
    except (Unfit, UnfitId) as error:
        outbox.refuse(kind, str(error), using, pk=pk)
    except DatabaseError:
        raise
    except Exception as error:
        # A serializer or a property of the project has a fault.
        logger.exception("dms_live: a %s could not be written", kind, extra={"kind": kind})
        outbox.refuse(kind, f"could not be written: {type(error).__name__}", using, pk=pk)


def record(changes: Iterable[Change], using: str) -> None:
    """Writes the events of changes, in their order."""
    real = [change for change in changes if change.is_one]
    for spec in {id(change.spec): change.spec for change in real}.values():
        with noting_failures(spec.kind, using):
            load_lists(spec, [change.after for change in real if change.spec is spec], using)
    drafts: list[Draft] = []
    for change in real:
        drafts += drafts_of(change, using)
    outbox.write(drafts, using)


def record_departures(spec: Spec, departed: Iterable[tuple[Any, Entity]], using: str) -> None:
    """Writes that entities are gone, if their kind has an action for it.

    :param departed: the key of each, and the entity as it was.
    """
    outbox.write([draft for pk, entity in departed for draft in drafts_of_departure(spec, pk, entity, using)], using)


def drafts_of_departure(spec: Spec, pk: Any, entity: Entity, using: str) -> list[Draft]:
    """The event of an entity that is gone: none if its kind has no action for it, or nobody could see it."""
    action, event = spec.row.deleted, None
    if action:
        with noting_failures(spec.kind, using, pk):
            event = event_of(spec.kind, action, entity)
    return [] if event is None else [Draft(event, pk)]


def entities_of(spec: Spec, rows: Sequence[Model], using: str) -> list[tuple[Any, Entity]]:
    """The key and the entity of each row. One that cannot be written is noted as failed."""
    with noting_failures(spec.kind, using):
        load_lists(spec, rows, using)
    entities: list[tuple[Any, Entity]] = []
    for row in rows:
        with noting_failures(spec.kind, using, row.pk):
            entities.append((row.pk, entity_of(spec, row)))
    return entities


def record_updates(kind: str, owners: Iterable[tuple[Any, Any]], using: str) -> None:
    """Writes that entities are different, though their own rows are not: crates of which the documents changed.

    :param owners: the model and the key of each.
    """
    several = set(owners)
    for spec in registry().of_kind(kind) if several else ():
        wanted = sorted((pk for model, pk in several if model is spec.model), key=str)
        rows = read(stored(spec, using).filter(pk__in=wanted).order_by("pk")) if wanted else []
        record([Change(spec, None, row, QUIET, is_ordered=False) for row in rows], using)


def drafts_of(change: Change, using: str) -> list[Draft]:
    """The events of a change, and of what moves along with it."""
    spec, after = change.spec, change.after
    events: list[Event] = []
    with noting_failures(spec.kind, using, after.pk):
        events = list(_events(change, using))
    drafts = [Draft(event, after.pk, snapshot_of(change.before or after), change.is_ordered) for event in events]
    move = spec.row.move
    if move is not None and any(event.action == move.into for event in events):
        left = next((event.first for event in events if event.action == move.out), None)
        for follower in followers_of(spec.kind):
            with noting_failures(follower.name, using):
                drafts += _take_along(follower, after, left, using)
    return drafts


def _events(change: Change, using: str) -> Iterator[Event]:
    spec, before, action = change.spec, change.before, change.action
    now = in_its_unit(spec, entity_of(spec, change.after), using)
    was = None if before is None else in_its_unit(spec, entity_of(spec, before, whole=False), using)
    if was is not None and was.get("unitId") != now.get("unitId"):
        yield from _move(spec.row, in_its_unit(spec, entity_of(spec, before), using), now)
        implied = (QUIET, *(spec.row.move.implies if spec.row.move is not None else ()))
        happened = [act for act in actions_of(spec, was, now) if act not in implied]
        if now.get("unitId") is None:
            return  # it has left, and nobody may see it now
    else:
        happened = [action] if action is not None else actions_of(spec, was, now)
    for act in happened:
        if not knows_action(spec.kind, act):
            raise Unfit(f"the contract has no action {act!r} for a {spec.kind}"[:200])
        event = event_of(spec.kind, act, now)
        if event is None:
            raise Unfit(f"a {spec.kind} belongs to no unit, so nobody may see it")
        yield event


def _move(kind: Kind, was: Entity, now: Entity) -> Iterator[Event]:
    if kind.move is not None:
        yield from _some(event_of(kind.name, kind.move.out, was))
        yield from _some(event_of(kind.name, kind.move.into, now))


def _some(event: Event | None) -> Iterator[Event]:
    if event is not None:
        yield event


def _take_along(kind: Kind, leader: Model, left: Entity | None, using: str) -> Iterator[Draft]:
    """Moves the entities whose unit is that of ``leader``, such as the requests of a crate, unless they have ended.

    :param left: the leader as its old unit last knew it; ``None`` if that is not known.
    """
    for spec in registry().of_kind(kind.name):
        unit, link = spec.part("unitId"), spec.part(kind.unit_from)
        if unit is None or link is None or unit.paths[0].steps[0] != link.paths[0].steps[0]:
            continue
        followers = read(stored(spec, using).filter(**{link.paths[0].lookup: leader.pk}))
        if len(link.paths[0].steps) == 1:
            for follower in followers:
                follower._state.fields_cache[link.paths[0].steps[0]] = leader
        load_lists(spec, followers, using)
        for follower in followers:
            now = entity_of(spec, follower)
            if now.get("status") in kind.ended:
                continue
            was = {**now, "unitId": left and left["unitId"], kind.unit_from: left}
            for event in _move(kind, was, now):
                yield Draft(event, follower.pk, snapshot_of(follower), is_ordered=False)


def _differs(before: Model, after: Model) -> bool:
    """Whether a column has another value. A time of the last save does not count."""
    return any(
        getattr(before, column.attname) != getattr(after, column.attname)
        for column in before._meta.concrete_fields
        if not getattr(column, "auto_now", False)
    )
