"""An event, and how it is written within the contract's limit of size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from dms_live.actor import current_actor
from dms_live.shapes import ENTITY_KEYS
from dms_live.topics import unit_topic, user_topic
from dms_live.values import Unfit, as_instant

#: The largest message that dms-live reads, in bytes.
MAX_BYTES = 64 * 1024


def _now() -> str:
    return str(as_instant(timezone.now()))


@dataclass(frozen=True)
class Event:
    """What happened to an entity, for one topic or, with the same id, several."""

    kind: str
    action: str
    #: As its kind's messages have it; of storage a list.
    entity: Any
    topics: tuple[str, ...]
    actor: dict[str, Any] | None = field(default_factory=current_actor)
    id: str = field(default_factory=lambda: str(uuid4()))
    occurred_at: str = field(default_factory=_now)

    def payload(self) -> str:
        """The message; of one too large, without what can be looked up elsewhere.

        :raises Unfit: if it is too large even so.
        """
        for event in self._smaller_and_smaller():
            message = to_json(
                {
                    "id": event.id,
                    "action": event.action,
                    "occurredAt": event.occurred_at,
                    "actor": event.actor,
                    ENTITY_KEYS[event.kind]: event.entity,
                }
            )
            if len(message.encode()) <= MAX_BYTES:
                return message
        raise Unfit(f"{self.kind}: a message has at most {MAX_BYTES} bytes")

    def _smaller_and_smaller(self) -> Iterator[Event]:
        yield self
        entity = self.entity
        if self.kind == "crate":
            yield replace(self, entity={**entity, "documents": None})
        elif self.kind == "request" and entity.get("crate"):
            yield replace(self, entity=_with_empty_crate(entity))
        elif self.kind == "sendback" and entity.get("request"):
            request = entity["request"]
            yield replace(self, entity={**entity, "request": None, "requestId": request["id"]})
        elif self.kind == "audit":
            yield replace(self, entity={**entity, "changes": None})


def _with_empty_crate(request: dict[str, Any]) -> dict[str, Any]:
    return {**request, "crate": {**request["crate"], "documents": None}}


def to_json(message: Any) -> str:
    """:raises Unfit: for what JSON cannot say, such as NaN."""
    try:
        written = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        written.encode()
    except (TypeError, ValueError) as error:
        raise Unfit(f"cannot be written as JSON: {type(error).__name__}") from error
    return written


def event_of(kind: str, action: str, entity: dict[str, Any]) -> Event | None:
    """The event for the topics that an entity belongs to; ``None`` if it belongs to no unit, so that nobody may see it."""
    unit_id = entity.get("unitId")
    if unit_id is None:
        return None
    topics = [unit_topic(kind, unit_id)]
    if kind == "sendback":
        creator = (entity.get("request") or {}).get("createdBy")
        topics += [user_topic(kind, creator["id"])] if creator else []
    return Event(kind, action, [entity] if kind == "storage" else entity, tuple(topics))
