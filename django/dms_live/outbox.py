"""Writes events to the outbox, in the transaction of the change. Nothing here talks to Redis."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from django.db import transaction

from dms_live.events import MAX_BYTES, Event, to_json
from dms_live.kinds import KINDS
from dms_live.models import OutboxEntry
from dms_live.rules import QUIET
from dms_live.topics import SESSION
from dms_live.values import Unfit

logger = logging.getLogger("dms_live")

#: The largest list of entities in one event, in bytes. It leaves room for the rest of the message.
_ROOM_FOR_BULK = MAX_BYTES - 4096


@dataclass
class Written:
    """An event that the running transaction has written, and its rows in the outbox."""

    event: Event
    rows: list[int]
    payload: str


@dataclass
class Transaction:
    """What one transaction has written so far. It is the transaction's commit hook too, and so lives exactly as long.

    When a savepoint is rolled back, its events are still remembered here. But their rows are gone or say something else, so
    they are not rewritten.
    """

    last: dict[Any, Written] = field(default_factory=dict)

    def __call__(self) -> None:
        from dms_live.sender import wake

        wake()


def write(event: Event, subject: Any, using: str) -> None:
    """Adds an event for each of its topics.

    A second save in the same transaction, if it has no action of its own, becomes part of the event before it. Entities of
    a kind with a bulk action that are created one after another become one event for each unit.

    :param subject: identifies the entity among those of its kind.
    """
    with transaction.atomic(using=using, savepoint=False):
        _write(_running_transaction(using), event, subject, using)


def _write(running: Transaction, event: Event, subject: Any, using: str) -> None:
    bulk_action = KINDS[event.kind].bulk
    is_for_bulk = bool(bulk_action) and event.action == "CREATED"
    key = (event.kind, event.topics, subject)
    bulk = (event.kind, event.topics, "bulk")
    try:
        if event.action == QUIET and _rewrite(running.last.get(key), event.entity, None, using):
            return
        if is_for_bulk and _extend(running.last.get(bulk), event, bulk_action, using):
            _forget_others(running, bulk)
            return
        payload = event.payload()
    except Unfit as error:
        refuse(event.kind, str(error), using, topics=event.topics)
        return
    entries = [OutboxEntry(topic=topic, event_id=event.id, payload=payload) for topic in event.topics]
    for entry in entries:
        entry.save(using=using, force_insert=True)
    running.last[key] = Written(event, [entry.pk for entry in entries], payload)
    if bulk_action:
        _forget_others(running, key)
    if is_for_bulk:
        running.last[bulk] = running.last[key]


def write_session(message: dict[str, Any], using: str) -> None:
    """Adds a message for the servers: a token or user is revoked, a user's unit or role has changed. It is sent before events."""
    with transaction.atomic(using=using, savepoint=False):  # the sender is woken after the commit, and finds it
        _running_transaction(using)
        OutboxEntry(topic=SESSION, event_id=str(uuid4()), payload=to_json(message)).save(using=using, force_insert=True)


def refuse(kind: str, reason: str, using: str, *, topics: tuple[str, ...] = ()) -> None:
    """Notes an event that cannot be sent as failed. The DMS goes on, and its operator can see what is wrong."""
    logger.error("dms_live: a %s cannot be published: %s", kind, reason, extra={"kind": kind, "reason": reason})
    for topic in topics or (kind,):
        OutboxEntry(topic=topic, event_id=str(uuid4()), state=OutboxEntry.State.FAILED, last_error=reason[:500]).save(
            using=using, force_insert=True
        )


def _running_transaction(using: str) -> Transaction:
    connection = transaction.get_connection(using)
    for hook in connection.run_on_commit:
        if isinstance(hook[1], Transaction):
            return hook[1]
    running = Transaction()
    transaction.on_commit(running, using=using, robust=True)
    return running


def _forget_others(running: Transaction, kept: Any) -> None:
    """Only creations that directly follow each other are one event. Otherwise an update could overtake a creation."""
    running.last = {key: value for key, value in running.last.items() if key[0] != kept[0] or key == kept}


def _rewrite(written: Written | None, entity: Any, action: str | None, using: str) -> bool:
    """Replaces the entity of an event that this transaction has written; ``False`` if there is none.

    The payload is compared as well: a savepoint that was rolled back may have undone the row, and SQLite gives its number to
    another row then.
    """
    if written is None:
        return False
    event = replace(written.event, entity=entity, action=action or written.event.action)
    payload = event.payload()
    rows = OutboxEntry.objects.using(using).filter(pk__in=written.rows, payload=written.payload)
    if rows.update(payload=payload) < len(written.rows):
        return False
    written.event, written.payload = event, payload
    return True


def _extend(written: Written | None, event: Event, bulk_action: str, using: str) -> bool:
    """Adds the event's entities to an event that was written before; ``False`` if there is none, or no room in it."""
    if written is None or len(written.payload.encode()) + len(to_json(event.entity).encode()) > _ROOM_FOR_BULK:
        return False
    return _rewrite(written, [*written.event.entity, *event.entity], bulk_action, using)
