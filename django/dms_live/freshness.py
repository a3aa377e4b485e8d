"""Keeps a message from saying what is older than a message sent before it.

A message contains what belongs to others, such as a crate's documents, or the crate of a request: read without a lock, in the
transaction of the change (see ``changes.py``). If another transaction changes it at the same time, commits and is sent first,
subscribers would end with the older state. Each row of the outbox says which transaction wrote it, and which ones it could see.
So the sender notices when a message that was sent earlier comes from a transaction that this one could not see. Then it reads
that part again: the only sender has the last word, and its reading is newer than everything it has sent.

Databases other than PostgreSQL have no such snapshots. SQLite lets one write at a time, so nothing there is read too early.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError

from dms_live.events import Event
from dms_live.kinds import KINDS
from dms_live.models import OutboxEntry
from dms_live.redis_client import Refused
from dms_live.registry import registry
from dms_live.rows import stored
from dms_live.rules import Entity
from dms_live.serialize import entity_of, load_lists
from dms_live.shapes import EVENTS, SHAPES
from dms_live.specs import Spec
from dms_live.topics import SESSION, unit_topic

logger = logging.getLogger("dms_live")

#: The snapshot of a row that was given up and is tried again: it may be older than anything.
SEES_NOTHING = "retried"


@dataclass(frozen=True)
class Message:
    topic: str
    payload: str


class Freshness:
    """What was sent about the subjects of a batch, and by which transactions."""

    def __init__(self, rows: Iterable[OutboxEntry], using: str) -> None:
        self.using = using
        self.sent: dict[str, set[int]] = {}
        with_snapshot = [row for row in rows if row.snapshot and row.snapshot != SEES_NOTHING]
        if not with_snapshot:
            return
        oldest = min(int(str(row.snapshot).split(":")[0]) for row in with_snapshot)
        subjects = {subject for row in with_snapshot for subject in _subjects_of(row)}
        known = OutboxEntry.objects.using(using).filter(
            state=OutboxEntry.State.SENT, transaction__gte=oldest, subject__in=subjects
        )
        for row in known.only("subject", "transaction"):
            self.note(row)

    def note(self, row: OutboxEntry) -> None:
        """A row was sent."""
        if row.subject and row.transaction is not None:
            self.sent.setdefault(row.subject, set()).add(row.transaction)

    def message_of(self, row: OutboxEntry) -> Message | None:
        """What to send; ``None`` if there is nothing to say any more.

        :raises Refused: if it has to be read again, and cannot be.
        """
        if row.topic == SESSION or not row.snapshot or row.topic.split(":")[0] not in EVENTS:
            return Message(row.topic, row.payload)
        try:
            return self._message_of(row)
        except DatabaseError:
            raise
        except Exception as error:  # a value that the contract does not know, or a hook of the project
            raise Refused(f"cannot be read again: {type(error).__name__}") from error

    def _message_of(self, row: OutboxEntry) -> Message | None:
        kind = KINDS[row.topic.split(":")[0]]
        message = json.loads(row.payload)
        name = EVENTS[kind.name].entity_field
        is_list = EVENTS[kind.name].is_list
        entities = message[name] if is_list else [message[name]]
        if message["action"] in (kind.deleted, kind.move.out if kind.move else ""):
            # It says what was. Only if the entity has come back since would it be wrong.
            is_back = row.snapshot == SEES_NOTHING and any(
                now is not None and row.topic == unit_topic(kind.name, now.get("unitId"))
                for now in (_now(kind.name, entity["id"], self.using) for entity in entities)
            )
            return None if is_back else Message(row.topic, row.payload)
        fresh = [self._fresh(row, kind.name, entity) for entity in entities]
        if fresh == entities:
            return Message(row.topic, row.payload)
        present = [entity for entity in fresh if entity is not None]
        if not present:
            logger.info("dms_live: an event is left out, since what it is about is gone", extra={"topic": row.topic})
            return None
        topic = row.topic
        if topic.split(":")[1] == "unit":
            topic = unit_topic(kind.name, present[0]["unitId"])
        event = Event(
            kind.name,
            message["action"],
            present if is_list else present[0],
            (topic,),
            actor=message["actor"],
            id=message["id"],
            occurred_at=message["occurredAt"],
            traceparent=message.get("traceparent"),
        )
        return Message(topic, event.payload())

    def _fresh(self, row: OutboxEntry, kind: str, entity: Entity) -> Entity | None:
        is_own_stale = self._is_stale(row, f"{kind}:{entity['id']}")
        if row.snapshot == SEES_NOTHING or (is_own_stale and not row.is_ordered):
            return _now(kind, entity["id"], self.using)
        fresh = dict(entity)
        for part in SHAPES[kind]:
            value = entity.get(part.name)
            if part.form == "entities" and value is not None and is_own_stale:
                now = _now(kind, entity["id"], self.using)
                fresh[part.name] = value if now is None else now.get(part.name)
            elif part.form == "entity" and value and any(self._is_stale(row, one) for one in _inside(part.of, value)):
                now = _now(part.of, value["id"], self.using)
                if now is not None and now.get("unitId") == value.get("unitId"):
                    fresh[part.name] = now
                elif now is not None and _has_the_unit_of(kind, part.name):
                    fresh[part.name], fresh["unitId"] = now, now["unitId"]
        return fresh

    def _is_stale(self, row: OutboxEntry, subject: str) -> bool:
        return any(
            transaction != row.transaction and not _sees(row.snapshot or "", transaction)
            for transaction in self.sent.get(subject, ())
        )


def _sees(snapshot: str, transaction: int) -> bool:
    """Whether a transaction had committed when the snapshot was taken. It is written as ``795:799:796,797``: those before 795
    have ended, those from 799 on had not begun, and of those between, the ones that are listed were still running.
    """
    if snapshot == SEES_NOTHING:
        return False
    first_running, first_unknown, running = snapshot.split(":")
    if transaction < int(first_running):
        return True
    return transaction < int(first_unknown) and str(transaction) not in running.split(",")


def _subjects_of(row: OutboxEntry) -> Iterator[str]:
    kind = row.topic.split(":")[0]
    if kind in EVENTS and row.payload:
        value = json.loads(row.payload)[EVENTS[kind].entity_field]
        for entity in value if EVENTS[kind].is_list else [value]:
            yield from _inside(kind, entity)


def _inside(kind: str, entity: Entity) -> Iterator[str]:
    """The subject of an entity, and those of the entities in it."""
    yield f"{kind}:{entity.get('id')}"
    for part in SHAPES[kind]:
        if part.form == "entity" and isinstance(entity.get(part.name), dict):
            yield from _inside(part.of, entity[part.name])


def _now(kind: str, entity_id: Any, using: str) -> Entity | None:
    """An entity as the database has it; ``None`` if it is gone, or belongs to no unit."""
    for spec in registry().of_kind(kind):
        try:
            rows = list(stored(spec, using).filter(**{id_lookup(spec): entity_id}))
        except (TypeError, ValueError, ValidationError):  # an id of another model of this kind
            continue
        load_lists(spec, rows, using)
        for row in rows:
            entity = entity_of(spec, row)
            return entity if entity.get("unitId") is not None else None
    return None


def id_lookup(spec: Spec) -> str:
    """The column with the ids that events have, in a queryset."""
    bound = spec.part("id")
    return "pk" if bound is None or bound.paths[0].field is None else bound.paths[0].lookup


def _has_the_unit_of(kind: str, part: str) -> bool:
    """Whether entities of a kind have no unit of their own, but that of another: a request that of its crate."""
    for spec in registry().of_kind(kind):
        unit, link = spec.part("unitId"), spec.part(part)
        if unit is not None and link is not None and unit.paths[0].steps[0] == link.paths[0].steps[0]:
            return True
    return False
