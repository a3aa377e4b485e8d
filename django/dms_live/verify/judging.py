"""Decides what is wrong with one entity: its row beside what was published last of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from dms_live.kinds import KINDS
from dms_live.models import VerifiedRow
from dms_live.shapes import SHAPES, fields_of
from dms_live.verify.findings import Finding
from dms_live.verify.likeness import Likeness, digest
from dms_live.verify.logs import SLACK, Last, Logs
from dms_live.verify.memory import GONE, Memory
from dms_live.verify.rows import Row


@dataclass(frozen=True)
class Verdict:
    """What is wrong with one entity.

    :ivar is_unknown: whether its last event is in no log any more, and no earlier run has seen the row.
    :ivar marks: what a later run should compare with; ``None``: what is known stays.
    """

    findings: tuple[Finding, ...] = ()
    is_unknown: bool = False
    marks: str | None = None


class Judge:
    """Of one kind."""

    def __init__(self, kind: str, likeness: Likeness, logs: Logs, memory: Memory) -> None:
        self.kind, self.likeness, self.logs, self.memory = kind, likeness, logs, memory

    def of_row(self, row: Row, known: VerifiedRow | None) -> Verdict:
        lasts = self.logs.of(row.id)
        here = next((last for last in lasts if last.topic == row.topic), None)
        if row.follows and not here:
            here = next((last for last in lasts if not last.is_departure), None)
        elsewhere = tuple(
            Finding(
                self.kind, row.id, "elsewhere" if row.topic else "gone", last.topic, event=last.event, reason=row.reason
            )
            for last in lasts
            if last is not here and last.is_logged and not last.is_departure and not row.follows
        )
        if row.topic is None:
            return Verdict(self._of_unpublishable(row, known, elsewhere))
        if here is None:
            verdict = self._by_memory(row, known)
        elif here.is_departure:
            verdict = self._of_departed(row, here)
        else:
            verdict = self._by_event(row, here)
        return Verdict((*verdict.findings, *elsewhere), verdict.is_unknown, verdict.marks)

    def of_gone(self, entity_id: str, known: VerifiedRow | None) -> Verdict:
        """Of an entity without a row. Its kind may have no event for that."""
        lasts = self.logs.of(entity_id)
        there = [last for last in lasts if not last.is_departure]
        if any(last.is_logged for last in lasts) and not any(last.is_logged for last in there):
            return Verdict()
        if there:
            return Verdict(tuple(Finding(self.kind, entity_id, "gone", last.topic, event=last.event) for last in there))
        if lasts or known is None or known.marks == GONE:
            return Verdict()
        topic = f"{self.kind}:unit:{known.needed.get('unitId')}"
        if not self.memory.knows_all_events(topic, self.logs):
            return Verdict(is_unknown=True)
        return Verdict((Finding(self.kind, entity_id, "gone", topic, event="memory"),))

    def _of_unpublishable(
        self, row: Row, known: VerifiedRow | None, elsewhere: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        if elsewhere or not row.reason or known is None or known.marks == GONE:
            return elsewhere
        return (Finding(self.kind, row.id, "unfit", reason=row.reason),)

    def _by_event(self, row: Row, here: Last) -> Verdict:
        fields = tuple(self.likeness.differing(here.marks, row.marks, row.entity))
        if fields:
            finding = Finding(self.kind, row.id, "differs", here.topic, fields, here.event)
            return Verdict((finding,), marks=here.marks + row.unit_mark)
        if here.is_lost:
            return Verdict((Finding(self.kind, row.id, "lost", here.topic, event=here.event),))
        return Verdict(marks=row.all_marks)

    def _of_departed(self, row: Row, here: Last) -> Verdict:
        """``publish(row, "DELETED")`` is how a row is softly deleted: then it is as it was."""
        fields = tuple(self.likeness.differing(here.marks, row.marks, row.entity))
        if fields and here.is_logged:
            return Verdict((Finding(self.kind, row.id, "departed", here.topic, fields, here.event),))
        return Verdict(marks=GONE)

    def _by_memory(self, row: Row, known: VerifiedRow | None) -> Verdict:
        topic = str(row.topic)
        if row.id in self.logs.failed:
            return Verdict((Finding(self.kind, row.id, "failed", topic, reason=self.logs.failed[row.id]),))
        if known is not None and known.marks in (GONE, row.all_marks):
            return Verdict(marks=known.marks)
        if not self.memory.knows_all_events(topic, self.logs):
            if known is None and self._is_new(row):
                return Verdict((Finding(self.kind, row.id, "missing", topic),))
            return Verdict(is_unknown=True, marks=row.all_marks)
        if known is None:
            return Verdict((Finding(self.kind, row.id, "missing", topic),))
        fields = tuple(self._differing_from_memory(row, known))
        if not fields:
            return Verdict(marks=row.all_marks)
        return Verdict((Finding(self.kind, row.id, "differs", topic, fields),))

    def _differing_from_memory(self, row: Row, known: VerifiedRow) -> Iterator[str]:
        unit = digest(str(row.entity.get("unitId")))
        yield from self.likeness.differing(known.marks[: -len(unit)], row.marks, row.entity)
        if known.marks[-len(unit) :] != unit and not row.follows:
            yield "unitId"

    def _is_new(self, row: Row) -> bool:
        """Whether the row says that it was made while the log of its topic had all events already."""
        begin = self.logs.begin(str(row.topic))
        made = next((at for at in (_instant(row.entity.get(name)) for name in _times(self.kind)) if at), None)
        return begin is not None and made is not None and made > begin + SLACK


def _times(kind: str) -> list[str]:
    """The fields that say when an entity was made: they are set once."""
    fields: Any = fields_of(kind)
    return [
        part.name
        for part in SHAPES[kind]
        if part.form == "instant" and (fields[part.name].get("setOnce") or KINDS[kind].written_once)
    ]


def _instant(written: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(written).replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=timezone.utc)
