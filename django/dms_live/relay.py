"""One round of all work: waiting events are sent, key figures are counted, the security log is kept, old rows are deleted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections
from django.db.models import Min
from django.utils import timezone

from dms_live.capturing import captures
from dms_live.conf import conf
from dms_live.delivery import pending, prune, send_batch
from dms_live.expanding import expand
from dms_live.kpis import counted_in, send_figures
from dms_live.locks import sole_sender
from dms_live.models import RelayState
from dms_live.notes import is_anything_noted
from dms_live.redis_client import RedisAway, Refused
from dms_live.registry import registry
from dms_live.security_log import keep_security_log

logger = logging.getLogger("dms_live")

_PRUNE_SECONDS = 60
#: How often a sender looks for changes that triggers noted, in seconds.
_LOOKS_EVERY = 1.0
#: How far the clocks of two machines that send may differ, in seconds.
_CLOCKS_DIFFER = 5.0


@dataclass
class Round:
    """The outcome of a round."""

    sent: int = 0
    #: Why Redis takes nothing now; ``None``: it does.
    away: str | None = None
    #: Whether another process was sending, so that events may be left.
    busy: bool = False
    #: When the next round is due if nothing wakes the sender before, in seconds.
    next_due: float = 60.0


def run_round(is_ending: Callable[[], bool] = lambda: False) -> Round:
    """Sends all waiting events, in every database, and does the other work that is due.

    Errors of Redis are not raised, errors of the database are.

    :param is_ending: asked after each batch. While others go on committing, a round may be long.
    """
    total = Round()  # also where key figures are counted rarely: status.py knows by its rounds that a sender lives
    for using in registry().databases():
        _run_in(using, total, is_ending)
        total.next_due = min(total.next_due, _next_due(using))
    total.next_due = min(total.next_due, keep_security_log(is_ending))
    return total


def _run_in(using: str, total: Round, is_ending: Callable[[], bool]) -> None:
    while not is_ending() and not _is_idle(using):
        is_noted = captures(using) and is_anything_noted(using)
        if is_noted:
            # This is committed before anything is sent. Otherwise the events could be made, and sent, once more.
            with sole_sender(using) as state:
                if state is None:
                    total.busy = True
                    return
                expand(using)
        with sole_sender(using) as state:
            if state is None:
                total.busy = True
                return
            batch = send_batch(using, state)
            total.sent += batch.rows
            total.away = batch.away or total.away
            if batch.away is None:
                _do_what_is_due(using, state, total)  # also while there is more to send: under load there always is
        if batch.away is not None or not (batch.more or is_noted):
            return


def _is_idle(using: str) -> bool:
    """Whether nothing is due. This takes no lock, so that most rounds need none."""
    state = RelayState.objects.using(using).filter(pk=1).first()
    if captures(using) and is_anything_noted(using):
        return False
    return (
        state is not None
        and not pending(using).exists()
        and _kpis_due_in(state, using) > 0
        and _prune_due_in(state) > 0
    )


def _do_what_is_due(using: str, state: RelayState, total: Round) -> None:
    if _prune_due_in(state) <= 0:
        prune(using)
        state.pruned_at = timezone.now()
        state.save(using=using, update_fields=["pruned_at"])
    if _kpis_due_in(state, using) <= 0:
        try:
            send_figures()
        except RedisAway as error:
            total.away = str(error)
            return
        except Refused as error:
            logger.error("dms_live: Redis refuses the key figures", extra={"reason": str(error)})
        state.kpis_changed, state.kpis_at = False, timezone.now()
        state.save(using=using, update_fields=["kpis_changed", "kpis_at"])


def _next_due(using: str) -> float:
    state = RelayState.objects.using(using).filter(pk=1).first()
    put_off = pending(using).aggregate(first=Min("not_before"))["first"]
    retry_in = (put_off - timezone.now()).total_seconds() if put_off is not None else conf().kpi_seconds
    # Other programs change captured tables as well, and wake nobody.
    retry_in = min(retry_in, _LOOKS_EVERY) if captures(using) else retry_in
    return max(min(retry_in, _kpis_due_in(state, using) if state is not None else 0.0), 0.0)


def _kpis_due_in(state: RelayState, using: str) -> float:
    """Soon after an event was sent, else every minute: withdrawals become overdue without a save."""
    if not conf().kpis or using != counted_in():
        return float("inf")
    return _due_in(state.kpis_at, conf().kpi_debounce_seconds if state.kpis_changed else conf().kpi_seconds)


def _prune_due_in(state: RelayState) -> float:
    return _due_in(state.pruned_at, _PRUNE_SECONDS)


def _due_in(last: datetime | None, seconds: float) -> float:
    """How long until it is ``seconds`` after ``last``. If the clock was set back, ``last`` is in the future: then 0."""
    if last is None:
        return 0.0
    left = (last + timedelta(seconds=seconds) - timezone.now()).total_seconds()
    return 0.0 if left > seconds + _CLOCKS_DIFFER else left


def close_broken_connections() -> None:
    """Closes this thread's connections to databases that are broken. The others stay, whatever ``CONN_MAX_AGE`` says: there
    is one for each process that sends, and not one for each commit.
    """
    for connection in connections.all(initialized_only=True):
        connection.close_at = None
        connection.close_if_unusable_or_obsolete()
