"""Sends the rows that wait in the outbox: each topic's in order. A subscriber gets no event twice."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from dms_live.conf import conf
from dms_live.freshness import SEES_NOTHING, Freshness
from dms_live.kinds import KINDS
from dms_live.models import CapturedChange, OutboxEntry, RelayState
from dms_live.redis_client import RedisAway, Refused, append_event, end_sessions
from dms_live.token_lifetime import token_seconds
from dms_live.topics import SESSION
from dms_live.tracing import appending
from dms_live.versions import Versions

logger = logging.getLogger("dms_live")

#: How many rows are sent before they are marked as sent. If the process dies in between, they are sent again, and Redis
#: drops them.
BATCH = 100
#: After a refusal a row is tried again after a pause, which doubles each time: the first and the longest, in seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 1, 60
#: How many old rows are deleted by one statement, and in one round.
_PRUNED_AT_ONCE, _MOST_PRUNED = 500, 50_000
#: How long sent rows stay at least, in seconds: later rows of longer transactions are compared with them (``freshness.py``).
KEPT_TO_COMPARE = 600
#: The topics whose events change the key figures begin with these.
COUNTED = tuple(f"{kind.name}:" for kind in KINDS.values() if kind.is_counted)


@dataclass
class Sent:
    """The outcome of one batch."""

    rows: int = 0
    #: Whether there may be more.
    more: bool = False
    #: Why Redis takes nothing now; ``None``: it does.
    away: str | None = None


def pending(using: str) -> QuerySet[OutboxEntry]:
    return OutboxEntry.objects.using(using).filter(state=OutboxEntry.State.PENDING)


def send_batch(using: str, state: RelayState) -> Sent:
    """Sends the oldest rows, those about sessions first. The caller must be the sole sender.

    A row that Redis refuses is tried again later. Until then its topic waits, and no other. In the end it is given up.
    """
    now = timezone.now()
    # No row is put off for longer than this. One that seems to be was put off by a clock that has been set back since.
    longest = now + timedelta(seconds=2 * _LONGEST_PAUSE)
    put_off = pending(using).filter(not_before__gt=now, not_before__lt=longest)
    held = set(put_off.values_list("topic", flat=True))
    waiting = pending(using).exclude(topic__in=held)
    rows = [*waiting.filter(topic=SESSION).order_by("pk")[:BATCH]]
    rows += waiting.exclude(topic=SESSION).order_by("pk")[: BATCH - len(rows)]
    sent: list[Any] = []
    freshness = Freshness(rows, using)
    versions = Versions(state, using)
    outcome = Sent(more=len(rows) == BATCH)
    try:
        for row in rows:
            if row.topic in held:
                continue
            try:
                _send(row, freshness, versions)
            except Refused as error:
                held.add(row.topic)
                _put_off(row, str(error), using)
                outcome.more = True
            else:
                sent.append(row.pk)
                state.kpis_changed = state.kpis_changed or row.topic.startswith(COUNTED)
    except RedisAway as error:
        outcome.away = str(error)
    finally:
        _mark_sent(sent, state, using)
        if held:
            _let_read_again(held, using)
    outcome.rows = len(sent)
    return outcome


def _send(row: OutboxEntry, freshness: Freshness, versions: Versions) -> None:
    if row.topic == SESSION:
        end_sessions(row.payload, token_seconds())
        return
    message = freshness.message_of(row)
    if message is not None:
        payload = versions.stamped(row.event_id, message.payload)
        with appending(row.topic.split(":")[0], payload, row.created_at):
            is_new = append_event(message.topic, row.event_id, payload)
        if not is_new:
            logger.info("dms_live: an event had been sent before", extra=_about(row))
    freshness.note(row)


def _mark_sent(pks: list[Any], state: RelayState, using: str) -> None:
    if pks:
        OutboxEntry.objects.using(using).filter(pk__in=pks).update(
            state=OutboxEntry.State.SENT, sent_at=timezone.now(), attempts=F("attempts") + 1, last_error=""
        )
        state.save(using=using, update_fields=["kpis_changed", "version"])


def _put_off(row: OutboxEntry, reason: str, using: str) -> None:
    row.attempts += 1
    row.last_error = reason
    row.not_before = timezone.now() + timedelta(seconds=min(_FIRST_PAUSE * 2 ** (row.attempts - 1), _LONGEST_PAUSE))
    if row.attempts >= conf().max_attempts:
        row.state = OutboxEntry.State.FAILED
        logger.error("dms_live: an event is given up", extra={**_about(row), "reason": reason})
    else:
        logger.warning("dms_live: Redis refuses an event; it is tried again", extra={**_about(row), "reason": reason})
    row.save(using=using, update_fields=["attempts", "last_error", "not_before", "state"])


def _let_read_again(topics: Collection[str], using: str) -> None:
    """Rows of topics that wait are read again when these go on. Other topics go on meanwhile, and of rows without a snapshot
    (those that triggers noted, or of SQLite) nobody would know what they miss of them.
    """
    pending(using).filter(topic__in=topics, snapshot=None).exclude(topic=SESSION).update(snapshot=SEES_NOTHING)


def retry(rows: QuerySet[OutboxEntry]) -> int:
    """Lets rows that were given up be sent once more, with what the database has by then: newer events may have been sent
    meanwhile. Rows that have no payload, since it could not be written, stay failed.
    """
    again = rows.filter(~Q(payload=""), state=OutboxEntry.State.FAILED)
    events = again.exclude(topic=SESSION).update(
        state=OutboxEntry.State.PENDING, attempts=0, not_before=None, last_error="", snapshot=SEES_NOTHING
    )
    return events + again.update(state=OutboxEntry.State.PENDING, attempts=0, not_before=None, last_error="")


def prune(using: str) -> int:
    """Deletes rows that were sent long enough ago. Failed rows stay until somebody has looked at them."""
    oldest = timezone.now() - timedelta(seconds=max(conf().keep_sent_seconds, KEPT_TO_COMPARE))
    if conf().capture != "triggers":
        # The triggers are there already, or still. Signals publish what they note.
        CapturedChange.objects.using(using).filter(at__lt=oldest).delete()
    old = OutboxEntry.objects.using(using).filter(state=OutboxEntry.State.SENT, sent_at__lt=oldest)
    deleted = 0
    while deleted < _MOST_PRUNED:
        pks = list(old.values_list("pk", flat=True)[:_PRUNED_AT_ONCE])
        deleted += OutboxEntry.objects.using(using).filter(pk__in=pks).delete()[0]
        if len(pks) < _PRUNED_AT_ONCE:
            break
    return deleted


def _about(row: OutboxEntry) -> dict[str, Any]:
    return {"topic": row.topic, "event_id": row.event_id, "attempts": row.attempts}
