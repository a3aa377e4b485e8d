"""How the delivery of events is: what waits, what failed, whether Redis answers, and whether dms-live is set up alike."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import Max, Min, QuerySet, Sum
from django.utils import timezone

from dms_live.capturing import captures, faults_in_triggers
from dms_live.conf import conf
from dms_live.models import OutboxEntry, RelayState, Verification
from dms_live.notes import waiting
from dms_live.redis_client import RedisAway, Refused, ping, settings_of_server
from dms_live.registry import registry

#: How long ago the last round may be, in seconds. Each sender notes one at least every minute.
LONGEST_PAUSE = 180.0


@dataclass
class Status:
    """All databases together. Times are in seconds."""

    pending: int = 0
    oldest_pending: float | None = None
    failed: int = 0
    sent_per_minute: int = 0
    #: How long ago a sender had its last round: the relay, or the thread of a process.
    last_round: float | None = None
    #: How many faults the last complete run of ``verify_live`` left, and how long ago it ended; ``None``: it never ran.
    unpublished: int | None = None
    verified: float | None = None
    #: Databases whose outbox cannot be read.
    unreadable: list[str] = field(default_factory=list)
    #: Why changes make no events, though ``CAPTURE`` is ``"triggers"``.
    uncaptured: list[str] = field(default_factory=list)
    redis: str = "up"
    redis_answered_in: float | None = None
    #: Settings that differ from dms-live's: the name, the value here and the value there.
    differences: list[dict[str, Any]] = field(default_factory=list)
    #: ``None``: no server of this prefix has noted its settings lately.
    is_server_known: bool | None = None

    def problems(self, max_wait: float) -> list[str]:
        """Why events are not delivered.

        :param max_wait: how long an event may wait, in seconds.
        """
        found = [f"the outbox in the database {using!r} cannot be read" for using in self.unreadable]
        found += [f"{fault}: run live_triggers" for fault in self.uncaptured]
        if self.redis != "up":
            found.append(f"Redis is away: {self.redis}")
        if self.oldest_pending is not None and self.oldest_pending > max_wait:
            found.append(f"an event has waited for {self.oldest_pending:.0f} s")
        if self.pending and (self.last_round is None or self.last_round > LONGEST_PAUSE):
            found.append("nobody sends: run relay_live_events")
        return found

    def remarks(self) -> list[str]:
        """What somebody should look at, while events are delivered."""
        found = []
        if self.failed:
            found.append(f"{self.failed} events failed: see the outbox in the admin")
        if self.unpublished:
            found.append(f"changes that were never published: {self.unpublished}. Run verify_live")
        found += [
            f"{each['name']} is {each['here']!r} here, {each['there']!r} in dms-live" for each in self.differences
        ]
        if self.redis == "up" and not self.is_server_known:
            prefix = f"its TOPIC_PREFIX is not {conf().topic_prefix!r}"
            found.append(f"no dms-live has noted its settings: none runs, {prefix}, or it is of an earlier version")
        return found

    def as_dict(self, max_wait: float) -> dict[str, Any]:
        return {**asdict(self), "problems": self.problems(max_wait), "remarks": self.remarks()}


def read_status() -> Status:
    status = Status()
    for using in registry().databases():
        try:
            _add_database(status, using)
            _add_verification(status, using)
        except DatabaseError:
            status.unreadable.append(using)
    _add_redis(status)
    return status


def _add_database(status: Status, using: str) -> None:
    now, rows = timezone.now(), OutboxEntry.objects.using(using).order_by()
    waits: list[tuple[QuerySet[Any], str]] = [(rows.filter(state=OutboxEntry.State.PENDING), "created_at")]
    if captures(using):
        waits.append((waiting(using).order_by(), "at"))
        status.uncaptured += faults_in_triggers(using)
    for several, time_of in waits:
        status.pending += several.count()
        oldest = several.aggregate(at=Min(time_of))["at"]
        if oldest is not None:
            status.oldest_pending = max(status.oldest_pending or 0.0, _seconds_since(oldest, now))
    status.failed += rows.filter(state=OutboxEntry.State.FAILED).count()
    sent = rows.filter(state=OutboxEntry.State.SENT)
    status.sent_per_minute += sent.filter(sent_at__gt=now - timedelta(minutes=1)).count()
    state = RelayState.objects.using(using).filter(pk=1).first()
    noted = [sent.aggregate(at=Max("sent_at"))["at"], *([state.pruned_at, state.kpis_at] if state is not None else [])]
    rounds = [_seconds_since(at, now) for at in noted if at is not None]
    if rounds:
        # Of several databases, the one that nobody looked at for longest counts.
        status.last_round = max(status.last_round or 0.0, min(rounds))


def _add_verification(status: Status, using: str) -> None:
    """Of several kinds, the one that was verified longest ago counts."""
    runs = Verification.objects.using(using).aggregate(
        found=Sum("found"), repaired=Sum("repaired"), ended_at=Min("ended_at")
    )
    if runs["ended_at"] is not None:
        status.unpublished = (status.unpublished or 0) + runs["found"] - runs["repaired"]
        status.verified = max(status.verified or 0.0, _seconds_since(runs["ended_at"], timezone.now()))


def _add_redis(status: Status) -> None:
    began = time.monotonic()
    try:
        ping()
        status.redis_answered_in = round(time.monotonic() - began, 4)
        written = settings_of_server()
    except (RedisAway, Refused) as error:
        status.redis = str(error)
        return
    there = _parsed(written)
    status.is_server_known = there is not None
    for name, here in _settings_alike().items():
        if there is not None and name in there and there[name] != here:
            status.differences.append({"name": _NAMES[name], "here": here, "there": there[name]})


#: As dms-live notes them, and as both call them in their settings.
_NAMES = {"historyEvents": "HISTORY_EVENTS", "historySeconds": "HISTORY_SECONDS", "adminRoles": "ADMIN_ROLES"}


def _settings_alike() -> dict[str, Any]:
    settings = conf()
    return {
        "historyEvents": settings.history_events,
        "historySeconds": settings.history_seconds,
        "adminRoles": list(settings.admin_roles),
    }


def _parsed(written: str | None) -> dict[str, Any] | None:
    try:
        note = None if written is None else json.loads(written)
    except ValueError:
        return None
    return note if isinstance(note, dict) else None


def _seconds_since(at: datetime, now: datetime) -> float:
    return round(max((now - at).total_seconds(), 0.0), 3)
