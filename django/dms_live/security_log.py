"""Keeps dms-live's security log: reads its stream in Redis into the database, and deletes what is older than it should be."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models, router, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dms_live.conf import conf
from dms_live.locks import sole_sender, write_first
from dms_live.models import RelayState, SecurityAnchor, SecurityEntry
from dms_live.redis_client import RedisAway, Refused, security_entries

logger = logging.getLogger("dms_live")

#: How often a process looks for new lines, and for old ones, in seconds.
_LOOKS_EVERY, _PRUNES_EVERY = 2.0, 60.0
#: How many entries are read at a time, and how many rows are deleted at a time and in one go.
_READ_AT_ONCE, _PRUNED_AT_ONCE, _MOST_PRUNED = 500, 1000, 20_000
_BEGINNING = "-"
_MOST_SEQ = 2**53
_MOST_TEXT = 10_000
#: What reading a line may raise. JSON may be nested too deeply.
_UNREADABLE = (ValueError, KeyError, RecursionError)
#: Instants of other years are a clock that was never set, whose lines would be deleted at once, or forged: the last days of 9999
#: are none in every time zone, and no page could show them.
_YEARS = range(2000, 3000)


@dataclass
class _Pace:
    """When this process looked last, by its monotonic clock."""

    looked: float = -_LOOKS_EVERY
    pruned: float = -_PRUNES_EVERY
    is_failing: bool = False


_pace = _Pace()


@dataclass
class _Rows:
    entries: list[SecurityEntry] = field(default_factory=list)
    anchors: list[SecurityAnchor] = field(default_factory=list)


def keep_security_log(is_ending: Callable[[], bool] = lambda: False) -> float:
    """Keeps what is new in the stream, if the settings ask for it. Never raises: events are sent all the same.

    :returns: how long until it is due again, in seconds.
    """
    if not conf().security_log:
        return float("inf")
    now = time.monotonic()
    if now < _pace.looked + _LOOKS_EVERY:
        return _pace.looked + _LOOKS_EVERY - now
    _pace.looked = now
    using = router.db_for_write(SecurityEntry)
    try:
        read_stream(using, is_ending)
        if now >= _pace.pruned + _PRUNES_EVERY:
            _pace.pruned = now
            prune(using)
        _pace.is_failing = False
    except (RedisAway, Refused, DatabaseError) as error:
        if not _pace.is_failing:
            logger.warning("dms_live: the security log cannot be kept", extra={"reason": str(error)[:500]})
        _pace.is_failing = True
    return _LOOKS_EVERY


def read_stream(using: str, is_ending: Callable[[], bool] = lambda: False) -> None:
    """Reads the stream to its end, a batch at a time.

    The position is stored with the rows, in one transaction: each line is stored once, whatever happens.

    :raises RedisAway, Refused, DatabaseError:
    """
    while not is_ending() and _has_more(using):
        with sole_sender(using) as state:
            if state is None:
                return
            _read_batch(using, state)


def _has_more(using: str) -> bool:
    """Whether there is anything to do. This takes no lock."""
    state = RelayState.objects.using(using).filter(pk=1).first()
    position = state.security_position if state is not None else None
    if position is None:
        return bool(security_entries(_BEGINNING, 1))
    found = security_entries(position, 2)
    return len(found) > 1 or not _begins_with(found, position)


def _read_batch(using: str, state: RelayState) -> None:
    position = state.security_position
    found = security_entries(position or _BEGINNING, _READ_AT_ONCE)
    rows = _Rows()
    if position is not None:
        if _begins_with(found, position):
            found = found[1:]
        else:
            # The last entry that was read is gone: the stream was trimmed, or is another one, whose ids may be smaller. All that
            # it has is read again; what is stored already stays as it is.
            found = security_entries(_BEGINNING, _READ_AT_ONCE)
            rows.entries.append(_gap(position, found[0][0] if found else None))
    for _, fields in found:
        _read_entry(fields, rows)
    with transaction.atomic(using=using):
        write_first(using)
        SecurityEntry.objects.using(using).bulk_create(rows.entries, ignore_conflicts=True)
        SecurityAnchor.objects.using(using).bulk_create(rows.anchors, ignore_conflicts=True)
        state.security_position = found[-1][0] if found else None
        state.save(using=using, update_fields=["security_position"])


def _begins_with(found: list[tuple[str, dict[str, str]]], position: str) -> bool:
    return bool(found) and found[0][0] == position


def _gap(after: str, before: str | None) -> SecurityEntry:
    """Says that lines may be missing, between two entries of the stream. Their ids begin with the milliseconds since 1970."""
    said = {"event": "gap", "reason": "trimmed", "after": after, "before": before}
    logger.error("dms_live: the stream of the security log was trimmed before it was read", extra=said)
    return SecurityEntry(at=timezone.now(), event="gap", line=json.dumps(said))


def _read_entry(fields: dict[str, str], rows: _Rows) -> None:
    if "anchor" in fields:
        anchor = _anchor(fields["anchor"])
        if anchor is not None:
            rows.anchors.append(anchor)
            return
    rows.entries.append(_entry(next(iter(fields.values()), "")))


def _entry(line: str) -> SecurityEntry:
    line = line.replace("\0", "")
    try:
        said = _object(line)
        return SecurityEntry(
            process=_text(said["process"]),
            seq=_seq(said["seq"]),
            at=_instant(said["at"]),
            event=_text(said["event"])[:64],
            user=_text(said.get("user")),
            unit=_text(said.get("unit")),
            address=_text(said.get("address")),
            hash=_text(said.get("hash"))[:64] or hashlib.sha256(line.encode()).hexdigest(),
            line=line,
        )
    except _UNREADABLE:
        return SecurityEntry(at=timezone.now(), event="unreadable", line=line[:_MOST_TEXT])


def _anchor(text: str) -> SecurityAnchor | None:
    try:
        said = _object(text)
        return SecurityAnchor(
            process=_text(said["process"]),
            seq=_seq(said["seq"]),
            hash=_text(said["hash"])[:64],
            at=_instant(said["at"]),
        )
    except _UNREADABLE:
        return None


def _object(text: str) -> dict[str, Any]:
    said = json.loads(text)
    if not isinstance(said, dict):
        raise ValueError("no object")
    return said


def _text(value: object) -> str:
    """No database takes halves of characters, which JSON can spell."""
    text = "" if value is None else str(value).replace("\0", "")[:255]
    return text.encode(errors="replace").decode()


def _seq(value: object) -> int:
    if isinstance(value, int) and 0 < value < _MOST_SEQ:
        return value
    raise ValueError("no number of a line")


def _instant(value: object) -> datetime:
    at = parse_datetime(value) if isinstance(value, str) else None
    if at is None or at.tzinfo is None or at.year not in _YEARS:
        raise ValueError("no instant")
    return at if settings.USE_TZ else timezone.make_naive(at)


def prune(using: str) -> None:
    """Deletes lines and anchors that are older than ``SECURITY_LOG_DAYS``, a batch at a time.

    :raises DatabaseError:
    """
    oldest = timezone.now() - timedelta(days=conf().security_log_days)
    for model in (SecurityEntry, SecurityAnchor):
        old: models.QuerySet[Any] = model._base_manager.using(using).filter(at__lt=oldest)
        for _ in range(_MOST_PRUNED // _PRUNED_AT_ONCE):
            pks = list(old.order_by("at").values_list("pk", flat=True)[:_PRUNED_AT_ONCE])
            model._base_manager.using(using).filter(pk__in=pks).delete()
            if len(pks) < _PRUNED_AT_ONCE:
                break
