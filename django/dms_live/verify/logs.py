"""What was published last of each entity of one kind, in each topic: by the logs in Redis, and by the outbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import timezone as time_zones
from typing import Any

from dms_live.conf import conf
from dms_live.freshness import SEES_NOTHING
from dms_live.kinds import KINDS
from dms_live.models import OutboxEntry
from dms_live.redis_client import channels_of, is_remembered, read_log
from dms_live.rules import Entity
from dms_live.shapes import EVENTS, SHAPES
from dms_live.verify.likeness import likeness

#: How many entries or rows are read at once.
PAGE = 500
#: By how much the clocks of Redis and of Django may differ, with the time that one batch takes.
SLACK = timedelta(seconds=120)


@dataclass(slots=True)
class Last:
    """The last event of an entity in a topic.

    :ivar event: its position in the log; of an event that only the outbox has, the row's key.
    :ivar marks: of the entity in it (``likeness.py``).
    :ivar is_departure: whether it says that the entity is gone.
    :ivar is_logged: whether the log has it.
    :ivar is_lost: whether it was sent, and the log should have it.
    """

    topic: str
    event: str
    marks: str
    is_departure: bool
    is_logged: bool = True
    is_lost: bool = False


class Logs:
    """The last events of one kind. It takes about 500 bytes for each entity with an event in a log."""

    def __init__(self, kind: str) -> None:
        self.kind = KINDS[kind]
        self.likeness = likeness(kind)
        self.last: dict[str, list[Last]] = {}
        #: Why the event of an entity was given up, where nothing was published of it since.
        self.failed: dict[str, str] = {}
        #: Since when the log of each topic has all of its events.
        self.begins: dict[str, datetime] = {}
        #: How many events are missing within logs.
        self.holes = 0
        #: The topics whose logs were read.
        self.topics: set[str] = set()
        self._ends: dict[str, str] = {}

    def load(self, units: Iterable[str], databases: Iterable[str]) -> None:
        """Reads the logs of these units and of all others that are known, and then what only the outbox knows."""
        prefix = f"{conf().topic_prefix}:"
        channels, begin = channels_of(self.kind.name)
        if begin is not None:
            self.begins[""] = _time(begin)
        named = {channel.removeprefix(prefix) for channel in channels}
        by_database = {using: list(_sent_topics(self.kind.name, using)) for using in databases}
        topics = named.union(units, *by_database.values())
        for topic in sorted(topic for topic in topics if topic.startswith(f"{self.kind.name}:unit:")):
            self.catch_up(topic)
        for using in by_database:
            self._add_sent(using)
            self._add_failed(using)

    def catch_up(self, topic: str) -> None:
        """Reads what was appended to the log of a topic since it was read last."""
        self.topics.add(topic)
        while True:
            entries = read_log(topic, self._ends.get(topic, ""), PAGE)
            for position, fields in entries:
                self._note_position(topic, position, fields)
                for entity, action in self._entities(fields.get(b"event", b"")):
                    self._note(Last(topic, position, self.likeness.marks(entity), self._departs(action)), entity)
            if len(entries) < PAGE:
                return

    def catch_up_all(self, topics: Iterable[str]) -> None:
        for topic in sorted(set(topics)):
            self.catch_up(topic)

    def of(self, entity_id: str) -> list[Last]:
        return self.last.get(entity_id, [])

    def begin(self, topic: str) -> datetime | None:
        """Since when the log of a topic has all its events; ``None``: nobody knows. Where it has no log, its events would be in
        that of all units.
        """
        return self.begins.get(topic, self.begins.get(""))

    def content(self, last: Last, entity_id: str, databases: Iterable[str]) -> Entity | None:
        """The entity in an event; ``None`` if that is gone."""
        payloads = self._logged(last) if last.is_logged else _stored(last, databases)
        for payload in payloads:
            for entity, _ in self._entities(payload):
                if str(entity.get("id")) == entity_id:
                    return entity
        return None

    def _logged(self, last: Last) -> Iterator[bytes]:
        for position, fields in read_log(last.topic, last.event, 1, is_inclusive=True):
            if position == last.event:
                yield fields.get(b"event", b"")

    def _note_position(self, topic: str, position: str, fields: dict[bytes, bytes]) -> None:
        epoch, offset = (int(part) for part in position.split("-"))
        if topic not in self._ends:
            self.begins[topic] = _time(epoch if offset == 1 else int(fields.get(b"at", b"0")))
        else:
            before, last = (int(part) for part in self._ends[topic].split("-"))
            self.holes += offset - last - 1 if before == epoch else 0
        self._ends[topic] = position

    def _note(self, last: Last, entity: Entity) -> None:
        entity_id = str(entity.get("id"))
        others = [other for other in self.last.get(entity_id, ()) if other.topic != last.topic]
        self.last[entity_id] = [*others, last]
        self.failed.pop(entity_id, None)

    def _entities(self, payload: str | bytes) -> Iterator[tuple[Entity, str]]:
        """The entities in an event, each with its action."""
        shape = EVENTS[self.kind.name]
        try:
            message = json.loads(payload)
            found = message[shape.entity_field]
            for entity in found if shape.is_list else [found]:
                if isinstance(entity, dict):
                    yield entity, str(message["action"])
        except (KeyError, TypeError, ValueError):
            return  # of a publisher that breaks the contract: dms-live refuses it as well

    def _departs(self, action: str) -> bool:
        return action in departures(self.kind.name)

    def _add_sent(self, using: str) -> None:
        """Adds what was sent and is not in a log any more, or was taken out of it."""
        for row in _rows(self.kind.name, using, OutboxEntry.State.SENT):
            if row.topic.split(":")[1] != "unit":
                continue
            for entity, action in self._entities(row.payload):
                entity_id = str(entity.get("id"))
                known = next((last for last in self.of(entity_id) if last.topic == row.topic), None)
                if known is None or not known.is_logged:  # rows come in the order in which they were sent
                    marks = self.likeness.marks(_as_surely_sent(entity, row, self.kind.name))
                    last = Last(row.topic, f"outbox:{row.pk}", marks, self._departs(action), is_logged=False)
                    last.is_lost = self._is_lost(row)
                    self._note(last, entity)

    def _is_lost(self, row: OutboxEntry) -> bool:
        """Whether the log should have an event: it has older ones, or remembers the id. Where the log as a whole is gone, clients
        fetch their data again.
        """
        begin = self.begins.get(row.topic)
        is_younger = begin is not None and row.sent_at is not None and row.sent_at > begin + SLACK
        return is_younger or is_remembered(row.topic, row.event_id)

    def _add_failed(self, using: str) -> None:
        for row in _rows(self.kind.name, using, OutboxEntry.State.FAILED):
            named = [str(entity.get("id")) for entity, _ in self._entities(row.payload)]
            for entity_id in named or [str(row.subject or "").partition(":")[2]]:
                if entity_id and entity_id not in self.last:
                    self.failed[entity_id] = row.last_error


def _as_surely_sent(entity: Entity, row: OutboxEntry, kind: str) -> Entity:
    """What a row of the outbox says for sure of the event that was sent: the sender may have read some of it again
    (``freshness.py``).
    """
    if not row.is_ordered or row.snapshot == SEES_NOTHING:
        return {}
    lists = {part.name for part in SHAPES[kind] if part.form == "entities"}
    return {name: value for name, value in entity.items() if name not in lists}


def departures(kind: str) -> set[str]:
    """The actions that say that an entity is gone, from its unit or altogether."""
    row = KINDS[kind]
    return {action for action in (row.deleted, row.move.out if row.move is not None else "") if action}


def _sent_topics(kind: str, using: str) -> Iterator[str]:
    rows = OutboxEntry.objects.using(using).filter(topic__startswith=f"{kind}:")
    return iter(rows.order_by("topic").values_list("topic", flat=True).distinct())


def _rows(kind: str, using: str, state: OutboxEntry.State) -> Iterator[OutboxEntry]:
    rows = OutboxEntry.objects.using(using).filter(topic__startswith=kind, state=state)
    named = rows.order_by("pk")
    after = 0
    while True:
        page = list(named.filter(pk__gt=after)[:PAGE])
        yield from (row for row in page if row.topic.split(":")[0] == kind)
        if len(page) < PAGE:
            return
        after = page[-1].pk


def _stored(last: Last, databases: Iterable[str]) -> Iterator[str]:
    key = last.event.removeprefix("outbox:")
    for using in databases:
        row: Any = OutboxEntry.objects.using(using).filter(pk=key, topic=last.topic).first()
        if row is not None:
            yield row.payload


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, time_zones.utc)
