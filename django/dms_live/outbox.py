"""Writes events to the outbox, within the transaction of the change. Nothing here talks to Redis."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from django.db import transaction

from dms_live.actions import QUIET
from dms_live.events import MAX_BYTES, Event, to_json
from dms_live.models import OutboxEntry
from dms_live.topics import SESSION
from dms_live.values import Unfit

logger = logging.getLogger("dms_live")

#: Room left in a list of storage locations for what is around it, in bytes.
_ROOM_FOR_BULK = MAX_BYTES - 4096


@dataclass
class Written:
    """An event that the running transaction has written."""

    event: Event
    rows: list[int]
    payload: str


@dataclass
class Transaction:
    """What one transaction has written so far. It is its own commit hook, and so lives exactly as long as the transaction.

    What a savepoint took back is still remembered here; but the rows do not say so any more, and are then not rewritten.
    """

    last: dict[Any, Written] = field(default_factory=dict)

    def __call__(self) -> None:
        from dms_live.sender import wake

        wake()


def write(event: Event, subject: Any, using: str) -> None:
    """Adds an event for each of its topics.

    What is saved again in one transaction, without an action of its own, becomes part of the event before it; storage
    locations of a unit that are created one after another become one.

    :param subject: what identifies the entity among those of its kind.
    """
    with transaction.atomic(using=using, savepoint=False):
        _write(_running_transaction(using), event, subject, using)


def _write(running: Transaction, event: Event, subject: Any, using: str) -> None:
    key = (event.kind, event.topics, subject)
    bulk = (event.kind, event.topics, "bulk")
    try:
        if event.action == QUIET and _rewrite(running.last.get(key), event.entity, None, using):
            return
        if event.kind == "storage" and event.action == "CREATED" and _extend(running.last.get(bulk), event, using):
            _forget_storage_but(running, bulk)
            return
        payload = event.payload()
    except Unfit as error:
        refuse(event.kind, str(error), using, topics=event.topics)
        return
    entries = [OutboxEntry(topic=topic, event_id=event.id, payload=payload) for topic in event.topics]
    for entry in entries:
        entry.save(using=using, force_insert=True)
    running.last[key] = Written(event, [entry.pk for entry in entries], payload)
    if event.kind == "storage":
        _forget_storage_but(running, key)
        if event.action == "CREATED":
            running.last[bulk] = running.last[key]


def write_session(message: dict[str, Any], using: str) -> None:
    """Adds a message for the servers: a token or user revoked, a user's unit or role changed. Sent before all else."""
    with transaction.atomic(using=using, savepoint=False):  # so that who is woken after it finds it
        _running_transaction(using)
        OutboxEntry(topic=SESSION, event_id=str(uuid4()), payload=to_json(message)).save(using=using, force_insert=True)


def refuse(kind: str, reason: str, using: str, *, topics: tuple[str, ...] = ()) -> None:
    """Notes an event that cannot be sent as failed: the DMS goes on, and its operator can see what is wrong."""
    logger.error("dms_live: a %s cannot be told of: %s", kind, reason, extra={"kind": kind, "reason": reason})
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


def _forget_storage_but(running: Transaction, kept: Any) -> None:
    """Only locations that follow each other are one event: else an update could overtake a creation."""
    running.last = {key: value for key, value in running.last.items() if key[0] != "storage" or key == kept}


def _rewrite(written: Written | None, entity: Any, action: str | None, using: str) -> bool:
    """Replaces the entity of an event that this transaction has written; ``False`` if there is none.

    Compares what is written: a savepoint that was rolled back may have undone it, and SQLite then gives its number to another.
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


def _extend(written: Written | None, event: Event, using: str) -> bool:
    if written is None or len(written.payload.encode()) + len(to_json(event.entity).encode()) > _ROOM_FOR_BULK:
        return False
    return _rewrite(written, [*written.event.entity, *event.entity], "BULK_CREATED", using)
