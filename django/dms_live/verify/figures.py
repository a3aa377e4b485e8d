"""Key figures: the newest snapshot of each unit beside what the database counts now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import router
from django.utils import timezone

from dms_live.capturing import captures
from dms_live.conf import conf
from dms_live.delivery import COUNTED, pending
from dms_live.kpis import count_figures, counted_in, newest_snapshot
from dms_live.models import RelayState
from dms_live.notes import waiting as noted
from dms_live.topics import KPIS, KPIS_TOGETHER, UnfitId, unit_topic
from dms_live.verify.findings import Finding, Outcome
from dms_live.verify.memory import Memory
from dms_live.verify.wishes import Found, Wishes

#: How often figures are looked at that change again each time.
_MOST_LOOKS = 10


class Figures:
    """One run over all snapshots. What became overdue is left out: that needs no change, and is counted every minute."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes, self.outcome = wishes, Outcome(KPIS)
        self.memory = Memory(KPIS, KPIS, router.db_for_write(RelayState))

    def run(self) -> Iterator[Found]:
        if conf().kpis:
            yield from self._run_in(counted_in())

    def _run_in(self, using: str) -> Iterator[Found]:
        before: Any = None
        for _ in range(_MOST_LOOKS):
            faults = self._look(using)
            if faults is None:
                self.outcome.waiting += 1
                return
            if not faults or faults == before:
                break
            before = faults
        else:
            self.outcome.moving += 1
            return
        if faults and self.wishes.repairs:
            RelayState.objects.using(using).filter(pk=1).update(kpis_changed=True, kpis_at=None)
        for topic, fields, _ in faults:
            yield Found(Finding(KPIS, topic.partition(":")[2], "figures", topic, fields), self.wishes.repairs)

    def _look(self, using: str) -> list[tuple[str, tuple[str, ...], Any]] | None:
        """The topics whose snapshots differ; ``None`` if they are to be counted again soon."""
        figures = count_figures(timezone.now())
        self.outcome.rows = len(figures)
        state = RelayState.objects.using(using).filter(pk=1).first()
        waits = any(pending(using).filter(topic__startswith=counted).exists() for counted in COUNTED)
        if state is None or state.kpis_changed or waits or (captures(using) and noted(using).exists()):
            return None
        faults = []
        for unit_id, counted_now in figures.items():
            try:
                topic = KPIS_TOGETHER if unit_id is None else unit_topic(KPIS, unit_id)
            except UnfitId:
                continue
            snapshot = newest_snapshot(topic)
            fields = tuple(_differing(snapshot, counted_now))
            if fields:
                faults.append((topic, fields, snapshot))
        return faults


def _differing(snapshot: dict[str, Any] | None, figures: dict[str, Any]) -> Iterator[str]:
    """The figures that differ. A unit that is new, and has nothing, gets its first snapshot within a minute."""
    if snapshot is None:
        if any(_is_something(value) for name, value in figures.items() if name != "unitId"):
            yield "missing"
        return
    for name, value in figures.items():
        if name not in ("unitId", "overdueWithdrawals") and snapshot.get(name) != value:
            yield name


def _is_something(value: Any) -> bool:
    return any(one["count"] for one in value) if isinstance(value, list) else bool(value)
