"""From a saved or deleted instance to its events."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Model, QuerySet

from dms_live import outbox
from dms_live.actions import QUIET, actions_of
from dms_live.events import Event, event_of
from dms_live.models import RelayState
from dms_live.registry import registry
from dms_live.serialize import entity_of
from dms_live.shapes import FINISHED
from dms_live.specs import Spec
from dms_live.topics import UnfitId
from dms_live.values import Unfit

logger = logging.getLogger("dms_live")


def stored(spec: Spec, using: str, *, lock: bool = False) -> QuerySet[Any]:
    """Instances as the database has them, with all that their entity takes.

    :param lock: keeps others from changing them until the transaction ends. So, for each entity, events are written in the
        order of its changes.
    """
    rows: QuerySet[Any] = spec.model._base_manager.using(using).select_related(*spec.joins)
    features = transaction.get_connection(using).features
    if not lock:
        return rows
    if not features.has_select_for_update:
        # SQLite refuses at once to begin writing after it has read, if someone else has written; before, it waits its turn.
        RelayState.objects.using(using).filter(pk=0).update(kpis_changed=True)
        return rows
    return rows.select_for_update(
        of=("self",) if features.has_select_for_update_of else (),
        # Weaker than FOR UPDATE: as an UPDATE would, it lets others refer to the row.
        no_key=features.has_select_for_no_key_update,
    )


def find(spec: Spec, pk: Any, using: str, *, lock: bool = False) -> Any:
    """One instance as the database has it, or ``None``."""
    return None if pk is None else next(iter(stored(spec, using, lock=lock).filter(pk=pk)), None)


@contextmanager
def noting_failures(kind: str, using: str) -> Iterator[None]:
    """What cannot be told of is noted as failed, and disturbs nobody. Only the database's own errors pass: with them the
    transaction is lost anyhow.
    """
    try:
        yield
    except (Unfit, UnfitId) as error:
        outbox.refuse(kind, str(error), using)
    except DatabaseError:
        raise
    except Exception as error:
        # A fault in a serializer or property of the project.
        logger.exception("dms_live: a %s could not be written", kind, extra={"kind": kind})
        outbox.refuse(kind, f"could not be written: {type(error).__name__}", using)


def record(spec: Spec, before: Any, after: Any, using: str, *, action: str | None = None) -> None:
    """Writes what a change amounts to.

    :param before: the instance as it was stored; ``None`` if it was not.
    :param after: as it is stored now.
    :param action: instead of what the two tell.
    """
    events: list[Event] = []
    with noting_failures(spec.kind, using):
        if before is None or action is not None or _differs(before, after):
            events = list(_events(spec, before, after, action))
    for event in events:
        outbox.write(event, after.pk, using)
    if spec.kind == "crate" and any(event.action == "MOVED_IN" for event in events):
        with noting_failures("request", using):
            _take_requests_along(after, events, using)


def record_departure(spec: Spec, entity: dict[str, Any], pk: Any, using: str) -> None:
    """Writes that an entity is gone. A deleted request, for which there is no action, has left its unit."""
    action = {"crate": "DELETED", "storage": "DELETED", "request": "MOVED_OUT"}.get(spec.kind)
    with noting_failures(spec.kind, using):
        event = event_of(spec.kind, action, entity) if action else None
        if event is not None:
            outbox.write(event, pk, using)


def record_crate(spec: Spec, pk: Any, using: str) -> None:
    """Writes that what lies in a crate has changed."""
    crate = find(spec, pk, using)
    if crate is not None:
        record(spec, None, crate, using, action=QUIET)


def _events(spec: Spec, before: Any, after: Any, action: str | None) -> Iterator[Event]:
    now = entity_of(spec, after)
    was = None if before is None else entity_of(spec, before, whole=False)
    if was is not None and was.get("unitId") != now.get("unitId"):
        yield from _move(spec.kind, entity_of(spec, before), now)
        told = [act for act in actions_of(spec, was, now) if act not in (QUIET, "RELOCATED")]
    else:
        told = [action] if action is not None else actions_of(spec, was, now)
    for act in told:
        yield from _some(event_of(spec.kind, act, now))


def _move(kind: str, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Event]:
    out, into = ("DELETED", "CREATED") if kind == "storage" else ("MOVED_OUT", "MOVED_IN")
    if kind in ("request", "crate", "storage"):
        yield from _some(event_of(kind, out, was))
        yield from _some(event_of(kind, into, now))


def _some(event: Event | None) -> Iterator[Event]:
    if event is not None:
        yield event


def _take_requests_along(crate: Model, events: list[Event], using: str) -> None:
    """Where a request has no unit but its crate's, those that are open move with it."""
    old_crate = next((event.entity for event in events if event.action == "MOVED_OUT"), None)
    for spec in registry().of_kind("request"):
        unit, crate_part = spec.part("unitId"), spec.part("crate")
        if unit is None or crate_part is None or unit.paths[0].steps[0] != crate_part.paths[0].steps[0]:
            continue
        for request in stored(spec, using).filter(**{crate_part.paths[0].lookup: crate.pk}):
            now = entity_of(spec, request)
            if now.get("status") in FINISHED:
                continue
            was = {**now, "unitId": old_crate and old_crate["unitId"], "crate": old_crate}
            for event in _move("request", was, now):
                outbox.write(event, request.pk, using)


def _differs(before: Model, after: Model) -> bool:
    """Whether a column has another value; when it was saved last does not count."""
    return any(
        getattr(before, column.attname) != getattr(after, column.attname)
        for column in before._meta.concrete_fields
        if not getattr(column, "auto_now", False)
    )
