"""From a saved or deleted instance to its events."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Model, QuerySet

from dms_live import outbox
from dms_live.actions import actions_of
from dms_live.events import Event, event_of
from dms_live.kinds import Kind
from dms_live.registry import registry
from dms_live.rules import QUIET, Entity
from dms_live.serialize import entity_of
from dms_live.shapes import EVENTS, followers_of
from dms_live.specs import Spec
from dms_live.topics import UnfitId
from dms_live.values import Unfit

logger = logging.getLogger("dms_live")


def stored(spec: Spec, using: str, *, lock: bool = False) -> QuerySet[Any]:
    """Instances as the database has them, with all relations that their entity needs. Managers that hide rows hide nothing here.

    :param lock: keeps others from changing them until the transaction ends. So the events of one entity are written in the
        order of its changes.
    """
    rows: QuerySet[Any] = QuerySet(spec.model, using=using)
    if spec.joins:  # with no names, Django would join everything
        rows = rows.select_related(*spec.joins)
    features = transaction.get_connection(using).features
    if not lock or not features.has_select_for_update:
        return rows
    return rows.select_for_update(
        of=("self",) if features.has_select_for_update_of else (),
        # This lock is weaker than FOR UPDATE: others may still refer to the row, as they may during an UPDATE.
        no_key=features.has_select_for_no_key_update,
    )


def find(spec: Spec, pk: Any, using: str, *, lock: bool = False) -> Any:
    """One instance as the database has it, or ``None``."""
    return None if pk is None else next(iter(stored(spec, using, lock=lock).filter(pk=pk)), None)


@contextmanager
def noting_failures(kind: str, using: str) -> Iterator[None]:
    """Notes an event that cannot be written as failed, and lets the DMS go on. Only errors of the database pass: after them
    the transaction is lost anyway.
    """
    try:
        yield
    except (Unfit, UnfitId) as error:
        outbox.refuse(kind, str(error), using)
    except DatabaseError:
        raise
    except Exception as error:
        # A serializer or a property of the project has a fault.
        logger.exception("dms_live: a %s could not be written", kind, extra={"kind": kind})
        outbox.refuse(kind, f"could not be written: {type(error).__name__}", using)


def record(spec: Spec, before: Any, after: Any, using: str, *, action: str | None = None) -> None:
    """Writes the events of a change.

    :param before: the instance as it was stored; ``None`` if it was not.
    :param after: as it is stored now.
    :param action: the action to publish, instead of those that the comparison finds.
    """
    events: list[Event] = []
    with noting_failures(spec.kind, using):
        if before is None or action is not None or _differs(before, after):
            events = list(_events(spec, before, after, action))
    for event in events:
        outbox.write(event, after.pk, using)
    move = spec.row.move
    if move is not None and any(event.action == move.into for event in events):
        left = next((_entity_in(event) for event in events if event.action == move.out), None)
        for follower in followers_of(spec.kind):
            with noting_failures(follower.name, using):
                _take_along(follower, after, left, using)


def record_departure(spec: Spec, entity: Entity, pk: Any, using: str) -> None:
    """Writes that an entity is gone, if its kind has an action for it."""
    action = spec.row.deleted
    with noting_failures(spec.kind, using):
        event = event_of(spec.kind, action, entity) if action else None
        if event is not None:
            outbox.write(event, pk, using)


def record_update(spec: Spec, pk: Any, using: str) -> None:
    """Writes that an entity is different, though its own row is not: for a crate whose documents changed."""
    instance = find(spec, pk, using)
    if instance is not None:
        record(spec, None, instance, using, action=QUIET)


def _events(spec: Spec, before: Any, after: Any, action: str | None) -> Iterator[Event]:
    now = entity_of(spec, after)
    was = None if before is None else entity_of(spec, before, whole=False)
    if was is not None and was.get("unitId") != now.get("unitId"):
        yield from _move(spec.row, entity_of(spec, before), now)
        implied = (QUIET, *(spec.row.move.implies if spec.row.move is not None else ()))
        happened = [act for act in actions_of(spec, was, now) if act not in implied]
    else:
        happened = [action] if action is not None else actions_of(spec, was, now)
    for act in happened:
        yield from _some(event_of(spec.kind, act, now))


def _move(kind: Kind, was: Entity, now: Entity) -> Iterator[Event]:
    if kind.move is not None:
        yield from _some(event_of(kind.name, kind.move.out, was))
        yield from _some(event_of(kind.name, kind.move.into, now))


def _entity_in(event: Event) -> Entity:
    entity: Entity = event.entity[0] if EVENTS[event.kind].is_list else event.entity
    return entity


def _some(event: Event | None) -> Iterator[Event]:
    if event is not None:
        yield event


def _take_along(kind: Kind, leader: Model, left: Entity | None, using: str) -> None:
    """Moves the entities whose unit is that of ``leader``, such as the requests of a crate, unless they have ended.

    :param left: the leader as its old unit last knew it; ``None`` if that is not known.
    """
    for spec in registry().of_kind(kind.name):
        unit, link = spec.part("unitId"), spec.part(kind.unit_from)
        if unit is None or link is None or unit.paths[0].steps[0] != link.paths[0].steps[0]:
            continue
        for follower in stored(spec, using).filter(**{link.paths[0].lookup: leader.pk}):
            now = entity_of(spec, follower)
            if now.get("status") in kind.ended:
                continue
            was = {**now, "unitId": left and left["unitId"], kind.unit_from: left}
            for event in _move(kind, was, now):
                outbox.write(event, follower.pk, using)


def _differs(before: Model, after: Model) -> bool:
    """Whether a column has another value. A time of the last save does not count."""
    return any(
        getattr(before, column.attname) != getattr(after, column.attname)
        for column in before._meta.concrete_fields
        if not getattr(column, "auto_now", False)
    )
