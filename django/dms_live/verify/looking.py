"""Looks again at entities that seem wrong, while others go on committing and sending.

One look reads the rows, then whether an event of them waits, and then what was appended to the logs since. A change and its row
in the outbox are committed together. So whatever the row shows has its event in the log by then, unless one waits.

A fault counts if two looks in a row find the same: the same row, the same last events, and nothing that waits. All that the row
shows at the second look was sent before that look asked what waits, and so is in the log that it read. An event of a later change
may be there too. But then the first look, which read the log before, did not see it, and the two differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dms_live.capturing import captures, is_captured
from dms_live.delivery import pending
from dms_live.notes import waiting as noted
from dms_live.registry import registry
from dms_live.shapes import EVENTS
from dms_live.verify.judging import Judge, Verdict
from dms_live.verify.rows import Row, of_ids

#: How often one is looked at that changes again each time.
_MOST_LOOKS = 10


@dataclass
class Seen:
    """What looks found.

    :ivar settled: the last verdict on each entity, with its row.
    :ivar waiting: the entities of which an event waits.
    :ivar moving: those that changed each time.
    """

    settled: dict[str, tuple[Verdict, Row | None]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    moving: set[str] = field(default_factory=set)


def look_again(ids: Sequence[str], judge: Judge, databases: Iterable[str]) -> Seen:
    seen, open_ids, before = Seen(), list(ids), dict[str, Any]()
    for _ in range(_MOST_LOOKS):
        if not open_ids:
            break
        rows = of_ids(judge.kind, open_ids)
        waits = ids_that_wait(judge.kind, rows, open_ids, databases)
        judge.logs.catch_up_all(_topics_of(open_ids, rows, judge))
        known = judge.memory.of(open_ids)
        still_open = []
        for one in open_ids:
            row = rows.get(one)
            verdict = judge.of_gone(one, known.get(one)) if row is None else judge.of_row(row, known.get(one))
            state = _state(row, verdict, judge, one)
            if one in waits:
                seen.waiting.add(one)
            elif not verdict.findings or before.get(one) == state:
                seen.settled[one] = verdict, row
            else:
                before[one] = state
                still_open.append(one)
        open_ids = still_open
    seen.moving.update(open_ids)
    return seen


def ids_that_wait(kind: str, rows: dict[str, Row], ids: Sequence[str], databases: Iterable[str]) -> set[str]:
    """Which of these entities have an event that is not sent yet, or a change that a trigger has noted."""
    found: set[str] = set()
    wanted = set(ids)
    for using in databases:
        # Notes first: a sender makes rows of the outbox of them.
        if captures(using):
            found |= _ids_noted(kind, rows, wanted, using)
        waits = pending(using).filter(topic__startswith=f"{kind}:").order_by()
        subjects = [f"{kind}:{one}"[:200] for one in ids]
        if EVENTS[kind].is_list:  # one row for several entities
            found |= {one for payload in waits.values_list("payload", flat=True) for one in _ids_in(payload, kind)}
        else:
            known = waits.filter(subject__in=subjects).values_list("subject", flat=True)
            found |= {str(subject).partition(":")[2] for subject in known}
            without = waits.filter(subject=None).values_list("payload", flat=True)
            found |= {one for payload in without for one in _ids_in(payload, kind)}
    return found & wanted


def _ids_noted(kind: str, rows: dict[str, Row], wanted: set[str], using: str) -> set[str]:
    notes, specs = noted(using).order_by(), registry().of_kind(kind)
    own = {spec.model._meta.label for spec in specs if is_captured(spec.model)}
    if notes.exclude(model__in=[each.model._meta.label for each in registry().published()]).exists():
        return wanted  # of a table between owners and parts: it could be of any
    parts = [spec for spec in registry().published() if spec.row.part_of == kind]
    if notes.filter(model__in=[spec.model._meta.label for spec in parts]).exists():
        return wanted
    keys = set(notes.filter(model__in=own).values_list("model", "key"))
    if not keys:
        return set()
    by_row = {one for one, row in rows.items() if (row.spec.model._meta.label, str(row.instance.pk)) in keys}
    return by_row | (wanted - set(rows))  # of one that is gone, the note is that of its deletion


def _topics_of(ids: Sequence[str], rows: dict[str, Row], judge: Judge) -> set[str]:
    if any(row.follows for row in rows.values()):  # its event is in the topic of the unit that it had then
        return judge.logs.topics | {row.topic for row in rows.values() if row.topic is not None}
    topics = {last.topic for one in ids for last in judge.logs.of(one)}
    return topics | {row.topic for row in rows.values() if row.topic is not None}


def _state(row: Row | None, verdict: Verdict, judge: Judge, one: str) -> Any:
    lasts = sorted((last.topic, last.event) for last in judge.logs.of(one))
    return (None if row is None else (row.topic, row.marks, row.reason)), lasts, verdict.findings


def _ids_in(payload: str, kind: str) -> list[str]:
    try:
        found = json.loads(payload)[EVENTS[kind].entity_field]
        return [str(entity["id"]) for entity in (found if EVENTS[kind].is_list else [found])]
    except (KeyError, TypeError, ValueError):
        return []
