"""Goes through all entities of one kind: the logs, then every row, then what has no row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import router
from django.db.models import Q
from django.utils import timezone

from dms_live.delivery import pending
from dms_live.kinds import KINDS
from dms_live.models import OutboxEntry, VerifiedRow
from dms_live.registry import registry
from dms_live.shapes import part_of
from dms_live.topics import UnfitId, unit_topic
from dms_live.verify.findings import Finding, Outcome
from dms_live.verify.judging import Judge
from dms_live.verify.likeness import likeness
from dms_live.verify.logs import Logs
from dms_live.verify.looking import look_again
from dms_live.verify.memory import Memory, needed_of
from dms_live.verify.repairs import repair
from dms_live.verify.rows import PAGE, Row, of_ids, pages
from dms_live.verify.wishes import Found, Wishes


class Entities:
    """One run over one kind."""

    def __init__(self, kind: str, wishes: Wishes) -> None:
        self.kind, self.wishes = KINDS[kind], wishes
        self.databases = registry().databases()
        self.logs = Logs(kind)
        like = likeness(kind)
        self.memory = Memory(kind, like.form, router.db_for_write(OutboxEntry))
        self.judge = Judge(kind, like, self.logs, self.memory)
        self.outcome = Outcome(kind, left_out=like.left_out)
        self._visited: set[str] = set()
        self._remembered = 0

    def run(self) -> Iterator[Found]:
        self.memory.start_over()
        remembered = self.memory.count()
        self.logs.load(self._topics(), self.databases)
        self.outcome.events = len(self.logs.last)
        yield from self._waiting_too_long()
        for page in self._pages():
            yield from self._rows(page)
        gone = [one for one in self.logs.last if one not in self._visited]
        for start in range(0, len(gone), PAGE):
            yield from self._candidates(gone[start : start + PAGE])
        if not self.wishes.is_quick and remembered > self._remembered:
            yield from self._remembered_and_gone()
        self.outcome.holes = self.logs.holes
        self.outcome.begins = _shown(max((self.logs.begins[topic] for topic in self.logs.begins), default=None))
        self.outcome.since = _shown(self.memory.since)
        self.memory.flush()

    def _topics(self) -> Iterator[str]:
        """Of the units that the database has."""
        for spec in registry().of_kind(self.kind.name):
            unit = spec.part("unitId")
            field = None if unit is None else unit.paths[0].field
            if field is None or field.related_model is None:
                continue
            rows = field.related_model._base_manager.using(router.db_for_write(field.related_model))
            for value in rows.values_list(field.target_field.attname, flat=True).iterator():
                try:
                    yield unit_topic(self.kind.name, value)
                except UnfitId:
                    continue  # its rows cannot be published, and are found as that

    def _pages(self) -> Iterator[list[Row]]:
        if not self.wishes.is_quick:
            yield from pages(self.kind.name)
            return
        ids = list(self.logs.last)
        for start in range(0, len(ids), PAGE):
            yield list(of_ids(self.kind.name, ids[start : start + PAGE]).values())

    def _rows(self, page: list[Row]) -> Iterator[Found]:
        self.outcome.rows += len(page)
        known = self.memory.of([row.id for row in page])
        self._remembered += len(known)
        candidates = []
        for row in page:
            if row.id in self.logs.last:
                self._visited.add(row.id)
            verdict = self.judge.of_row(row, known.get(row.id))
            if verdict.findings:
                candidates.append(row.id)
                continue
            self.outcome.unknown += verdict.is_unknown
            self.outcome.unfit += row.topic is None
            if verdict.marks is not None:
                self.memory.note(known.get(row.id), row.id, verdict.marks, needed_of(row))
        yield from self._candidates(candidates)

    def _candidates(self, ids: Sequence[str]) -> Iterator[Found]:
        if not ids:
            return
        seen = look_again(ids, self.judge, self.databases)
        self.outcome.waiting += len(seen.waiting)
        self.outcome.moving += len(seen.moving)
        known = self.memory.of(list(seen.settled))
        self._remembered += sum(row is None and one in known for one, (_, row) in seen.settled.items())
        self.memory.forget(
            [
                one
                for one, (verdict, row) in seen.settled.items()
                if row is None and not verdict.findings and one in known
            ]
        )
        for one, (verdict, row) in seen.settled.items():
            self.outcome.unknown += verdict.is_unknown
            findings = [finding for finding in verdict.findings if self._counts(finding, row)]
            if row is not None and verdict.marks is not None:
                self.memory.note(known.get(one), one, verdict.marks, needed_of(row))
            repaired: list[Finding] = []
            if findings and self.wishes.repairs:
                repaired = repair(one, row, self.judge, self.databases)
            for finding in findings:
                yield Found(finding, is_repaired=any(finding.topic == each.topic for each in repaired))

    def _counts(self, finding: Finding, row: Row | None) -> bool:
        """Whether a fault counts. An entity that is part of another may be deleted with it, without an event of its own."""
        if row is not None or finding.what != "gone" or self.kind.deleted or not self.kind.unit_from:
            return True
        last = next((last for last in self.logs.of(finding.id) if last.topic == finding.topic), None)
        entity = None if last is None else self.logs.content(last, finding.id, self.databases)
        owner = (entity or {}).get(self.kind.unit_from) or {}
        of = part_of(self.kind.name, self.kind.unit_from).of
        return bool(owner) and bool(of_ids(of, [str(owner.get("id"))]))

    def _remembered_and_gone(self) -> Iterator[Found]:
        """Rows that an earlier run saw, and of which neither a log nor the database has anything now."""
        self.memory.flush()
        for page in self.memory.all():
            present = of_ids(self.kind.name, [known.key for known in page])
            yield from self._forget(
                [known for known in page if known.key not in present and known.key not in self.logs.last]
            )

    def _forget(self, gone: list[VerifiedRow]) -> Iterator[Found]:
        for found in self._candidates([known.key for known in gone]):
            yield found
            if found.is_repaired:
                self.memory.forget([found.finding.id])

    def _waiting_too_long(self) -> Iterator[Found]:
        oldest = timezone.now() - self.wishes.longest_wait
        for using in self.databases:
            waits = pending(using).filter(Q(topic__startswith=f"{self.kind.name}:"), created_at__lt=oldest)
            for subject, topic in waits.order_by("pk").values_list("subject", "topic").iterator():
                name = str(subject or "").partition(":")[2]
                yield Found(Finding(self.kind.name, name, "waiting", topic))


def _shown(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
