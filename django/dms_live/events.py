"""An event, and how it is written within the size limit of the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

from dms_live.actor import current_actor, noted_time
from dms_live.kinds import KINDS
from dms_live.rules import Entity, value_at
from dms_live.shapes import EVENTS, SHAPES, id_beside, part_of
from dms_live.topics import unit_topic, user_topic
from dms_live.tracing import current_traceparent
from dms_live.values import Unfit, as_instant

#: The largest message that dms-live reads, in bytes.
MAX_BYTES = 64 * 1024
#: The sender adds the version to a message (``versions.py``): up to as many bytes.
_ROOM_FOR_VERSION = 32


#: Entities that are part of others, by their identity, each with its JSON: the crate that many requests share.
Parts = dict[int, tuple[Entity, str]]

#: Of each kind, the fields that are entities of other kinds.
_PARTS = {kind: tuple(part.name for part in parts if part.form == "entity") for kind, parts in SHAPES.items()}

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _now() -> str:
    noted = noted_time()
    at = datetime.now(timezone.utc).replace(tzinfo=None).isoformat() + "Z" if noted is None else as_instant(noted)
    return str(at)


@dataclass(frozen=True)
class Event:
    """What happened to an entity: one message, for one topic or for several."""

    kind: str
    action: str
    #: As the kind's messages hold it: an entity, or a list of them.
    entity: Any
    topics: tuple[str, ...]
    actor: dict[str, Any] | None = field(default_factory=current_actor)
    id: str = field(default_factory=lambda: str(uuid4()))
    occurred_at: str = field(default_factory=_now)
    traceparent: str | None = field(default_factory=current_traceparent)

    @property
    def first(self) -> Entity:
        """The entity, or the first of several."""
        entity: Entity = self.entity[0] if EVENTS[self.kind].is_list else self.entity
        return entity

    def payload(self, parts: Parts | None = None) -> str:
        """The message. A message that is too large leaves out what can be looked up elsewhere.

        :param parts: remembers the JSON of entities that several messages contain.
        :raises Unfit: if it is still too large.
        """
        for event in self._smaller_and_smaller():
            message = event._written({} if parts is None else parts)
            if len(message.encode()) <= MAX_BYTES - _ROOM_FOR_VERSION:
                return message
        raise Unfit(f"{self.kind}: a message has at most {MAX_BYTES} bytes")

    def _written(self, parts: Parts) -> str:
        """The message, and in it the JSON of the entity's parts, which need not be written again."""
        name, entity = EVENTS[self.kind].entity_field, self.entity
        inner = [] if EVENTS[self.kind].is_list else [part for part in _PARTS[self.kind] if entity.get(part)]
        own = {field: value for field, value in entity.items() if field not in inner} if inner else entity
        head = {"id": self.id, "action": self.action, "occurredAt": self.occurred_at, "actor": self.actor}
        if self.traceparent is not None:
            head["traceparent"] = self.traceparent
        written = to_json({**head, name: own})
        if not inner:
            return written
        comma = "," if own else ""
        return f"{written[:-2]}{comma}{','.join(_part_json(part, entity[part], parts) for part in inner)}}}}}"

    def _smaller_and_smaller(self) -> Iterator[Event]:
        yield self
        sheds = KINDS[self.kind].sheds
        smaller = _without(self.kind, self.entity, sheds) if sheds else None
        if smaller is not None:
            yield replace(self, entity=smaller)


def _without(kind: str, entity: Entity, path: str) -> Entity | None:
    """The entity with ``null`` at the path; ``None`` if nothing is there. Of another entity that is left out, the id stays
    where the contract has a field for it.
    """
    name, _, rest = path.partition(".")
    value = entity.get(name)
    if value is None:
        return None
    if rest:
        inner = _without(part_of(kind, name).of, value, rest)
        return None if inner is None else {**entity, name: inner}
    beside = id_beside(kind, name)
    return {**entity, name: None, **({} if beside is None else {beside: value["id"]})}


def _part_json(name: str, entity: Entity, parts: Parts) -> str:
    if id(entity) not in parts:
        parts[id(entity)] = entity, to_json(entity)
    return f'"{name}":{parts[id(entity)][1]}'


def to_json(message: Any) -> str:
    """:raises Unfit: for a value that JSON does not have, such as NaN."""
    try:
        written = _ENCODER.encode(message)
        written.encode()
    except (TypeError, ValueError) as error:
        raise Unfit(f"cannot be written as JSON: {type(error).__name__}") from error
    return written


def event_of(kind: str, action: str, entity: Entity) -> Event | None:
    """The event for the topics that an entity belongs to; ``None`` if it belongs to no unit: then nobody may see it."""
    unit_id = entity.get("unitId")
    if unit_id is None:
        return None
    topics = [unit_topic(kind, unit_id)]
    addressee = KINDS[kind].addressee
    person = value_at(entity, addressee) if addressee else None
    topics += [user_topic(kind, person["id"])] if person else []
    return Event(kind, action, [entity] if EVENTS[kind].is_list else entity, tuple(topics))
