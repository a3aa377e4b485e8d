"""Writes events to the outbox, in the transaction of the change. Nothing here talks to Redis."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.db import transaction

from dms_live.caused import note as note_caused
from dms_live.events import MAX_BYTES, Event, Parts, to_json
from dms_live.inserting import Entry, insert
from dms_live.kinds import KINDS
from dms_live.migrating import is_before_tables
from dms_live.models import OutboxEntry
from dms_live.rules import QUIET
from dms_live.running import Transaction, Written, running_transaction
from dms_live.topics import SESSION
from dms_live.uncounted import uncounted
from dms_live.values import Unfit

logger = logging.getLogger("dms_live")

#: The largest list of entities in one event, in bytes. It leaves room for the rest of the message.
_ROOM_FOR_BULK = MAX_BYTES - 4096
#: The same while one location after another is created: each time, the event is written again.
_ROOM_FOR_GROWTH = 16 * 1024
#: How many rows one INSERT writes.
_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Draft:
    """An event to be written.

    :ivar subject: the key of what it is about, among those of its kind.
    :ivar snapshot: which transactions its content knows; see ``rows.py``.
    :ivar is_ordered: whether nobody else can change what it is about until the commit.
    """

    event: Event
    subject: Any
    snapshot: str | None = None
    is_ordered: bool = True


def write(drafts: Iterable[Draft], using: str) -> None:
    """Adds events, each for all its topics.

    A second save in the same transaction, if it has no action of its own, becomes part of the event before it. Entities of
    a kind with a bulk action that are created one after another become one event for each unit.
    """
    waiting = list(drafts)
    if not waiting:
        return
    with transaction.atomic(using=using, savepoint=False):
        batch = _Batch(running_transaction(using), using, is_single=len(waiting) == 1)
        for draft in waiting:
            batch.add(draft)
        batch.flush()


def write_noted(transactions: Iterable[Iterable[Draft]], using: str) -> None:
    """Adds the events of changes that triggers noted, transaction by transaction."""
    batch = _Batch(Transaction(), using, is_single=False, is_captured=True)
    for drafts in transactions:
        batch.running.last.clear()
        for draft in drafts:
            batch.add(draft)
    batch.flush()


class _Batch:
    """Events that are written by as few statements as possible."""

    def __init__(self, running: Transaction, using: str, *, is_single: bool, is_captured: bool = False) -> None:
        self.running, self.using, self.is_single, self.is_captured = running, using, is_single, is_captured
        self.new: list[Written] = []
        self.parts: Parts = {}

    def add(self, draft: Draft) -> None:
        event = draft.event
        bulk_action = KINDS[event.kind].bulk
        is_for_bulk = bool(bulk_action) and event.action == "CREATED"
        key = (event.kind, event.topics, draft.subject, event.first.get("id"))
        bulk = (event.kind, event.topics, "bulk")
        try:
            if event.action == QUIET and self._rewrite(self.running.last.get(key), event.entity, None):
                return
            if is_for_bulk and self._extend(self.running.last.get(bulk), event, bulk_action):
                self._forget_others(bulk)
                return
            payload = event.payload(self.parts)
        except Unfit as error:
            refuse(event.kind, str(error), self.using, topics=event.topics, pk=draft.subject)
            return
        written = Written(
            event, [_entry(draft, topic, payload, is_captured=self.is_captured) for topic in event.topics], payload
        )
        self.new.append(written)
        self.running.last[key] = written
        if bulk_action:
            self._forget_others(key)
        if is_for_bulk:
            written.size = len(to_json(event.entity).encode())
            self.running.last[bulk] = written

    def flush(self) -> None:
        entries = [entry for written in self.new for entry in self._entries_of(written)]
        self.new = []
        if not entries:
            return
        for start in range(0, len(entries), _ROWS_AT_ONCE):
            insert(entries[start : start + _ROWS_AT_ONCE], self.using)
        note_caused(entries, self.using)

    def _entries_of(self, written: Written) -> list[Entry]:
        written.is_new = False
        if written.is_stale:
            try:
                written.payload = written.event.payload()
            except Unfit as error:
                refuse(
                    written.event.kind,
                    str(error),
                    self.using,
                    topics=written.event.topics,
                    pk=written.event.first.get("id"),
                )
                return []
            for entry in written.entries:
                entry.payload = written.payload
        return written.entries

    def _forget_others(self, kept: Any) -> None:
        """Only creations that directly follow each other are one event. Otherwise an update could overtake a creation."""
        last = self.running.last
        self.running.last = {key: value for key, value in last.items() if key[0] != kept[0] or key == kept}

    def _rewrite(self, written: Written | None, entity: Any, action: str | None) -> bool:
        """Replaces the entity of an event that this transaction has written; ``False`` if there is none.

        The payload is compared as well: a savepoint that was rolled back may have undone the row, and SQLite gives its number
        to another row then.
        """
        if written is None:
            return False
        event = replace(written.event, entity=entity, action=action or written.event.action)
        if written.is_new:
            written.event, written.is_stale = event, True
            return True
        payload = event.payload()
        pks = [entry.pk for entry in written.entries]
        rows = OutboxEntry.objects.using(self.using).filter(pk__in=pks, payload=written.payload)
        if rows.update(payload=payload) < len(pks):
            return False
        written.event, written.payload = event, payload
        return True

    def _extend(self, written: Written | None, event: Event, bulk_action: str) -> bool:
        """Adds the event's entities to an event that was written before; ``False`` if there is none, or no room in it."""
        if written is None or not (written.is_new or self.is_single):
            return False
        size = written.size + len(to_json(event.entity).encode())
        room = _ROOM_FOR_BULK if written.is_new else _ROOM_FOR_GROWTH
        if size > room or not self._rewrite(written, [*written.event.entity, *event.entity], bulk_action):
            return False
        written.size = size
        return True


def _entry(draft: Draft, topic: str, payload: str, *, is_captured: bool = False) -> Entry:
    return Entry(
        topic=topic,
        event_id=draft.event.id,
        payload=payload,
        subject=f"{draft.event.kind}:{draft.event.first.get('id')}"[:200],
        snapshot=draft.snapshot,
        is_ordered=draft.is_ordered,
        is_captured=is_captured,
    )


@uncounted()
def write_session(message: dict[str, Any], using: str) -> None:
    """Adds a message for the servers: a token or user is revoked, a user's unit or role has changed. It is sent before events."""
    if is_before_tables(using, "accounts", SESSION):
        return
    with transaction.atomic(using=using, savepoint=False):  # the sender is woken after the commit, and finds it
        running_transaction(using)
        OutboxEntry(topic=SESSION, event_id=str(uuid4()), payload=to_json(message)).save(using=using, force_insert=True)


def refuse(kind: str, reason: str, using: str, *, topics: tuple[str, ...] = (), pk: Any = None) -> None:
    """Notes an event that cannot be sent as failed. The DMS goes on, and its operator can see what is wrong, and of which row."""
    logger.error("dms_live: a %s cannot be published: %s", kind, reason, extra={"kind": kind, "reason": reason})
    for topic in topics or (kind,):
        OutboxEntry(
            topic=topic,
            event_id=str(uuid4()),
            state=OutboxEntry.State.FAILED,
            last_error=reason[:500],
            subject=f"{kind}:{pk}"[:200] if pk is not None else kind,
        ).save(using=using, force_insert=True)
