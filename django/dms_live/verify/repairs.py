"""Publishes what nobody has: by the outbox, in one transaction with a lock on the row, as a save would."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from django.db import router, transaction

from dms_live.events import Event, event_of
from dms_live.kinds import KINDS
from dms_live.locks import write_first
from dms_live.outbox import Draft, write
from dms_live.registry import registry
from dms_live.rows import locked, snapshot_of
from dms_live.rules import QUIET, Entity
from dms_live.shapes import EVENTS, knows_action
from dms_live.topics import unit_topic
from dms_live.verify.findings import Finding
from dms_live.verify.judging import Judge
from dms_live.verify.looking import ids_that_wait
from dms_live.verify.rows import Row, of_ids

logger = logging.getLogger("dms_live")

#: The acting user of these events: no user's id has a space.
ACTOR = {"id": "manage.py verify_live", "name": "manage.py verify_live", "role": None}
#: Two runs that repair the same fault make events with the same id, and the log takes one of them.
_NAMESPACE = UUID("6a0f2b52-6c52-4d0e-9a5d-9a1f0c1c7d55")


def repair(entity_id: str, row: Row | None, judge: Judge, databases: Sequence[str]) -> list[Finding]:
    """Publishes what the database has now, if that is still needed once the row is locked.

    :returns: the faults that it repaired.
    """
    using = router.db_for_write(registry().of_kind(judge.kind)[0].model if row is None else row.spec.model)
    with transaction.atomic(using=using):
        write_first(using)
        if row is not None:
            # Another run that has locked the row first has committed its event by now, and it is found below.
            list(locked(row.spec.model._base_manager.using(using).filter(pk=row.instance.pk), using))
        rows = of_ids(judge.kind, [entity_id])
        now = rows.get(entity_id)
        if ids_that_wait(judge.kind, rows, [entity_id], databases):
            return []
        judge.logs.catch_up_all({*(last.topic for last in judge.logs.of(entity_id)), *_topic_of(now)})
        known = judge.memory.of([entity_id]).get(entity_id)
        verdict = judge.of_gone(entity_id, known) if now is None else judge.of_row(now, known)
        drafts: list[Draft] = []
        repaired = []
        has_moved = any(finding.what == "elsewhere" for finding in verdict.findings)
        for finding in verdict.findings:
            made = list(_drafts(finding, now, judge, databases, has_moved=has_moved))
            if made:
                repaired.append(finding)
            drafts += made
        write(drafts, using)
    for finding in repaired:
        logger.warning(
            "dms_live: verify_live publishes what nobody had",
            extra={"subject": f"{finding.kind}:{finding.id}", "reason": finding.what},
        )
    return repaired


def _topic_of(row: Row | None) -> Iterator[str]:
    if row is not None and row.topic is not None:
        yield row.topic


def _drafts(
    finding: Finding, row: Row | None, judge: Judge, databases: Iterable[str], *, has_moved: bool
) -> Iterator[Draft]:
    kind = KINDS[finding.kind]
    if finding.what in ("gone", "elsewhere"):
        entity = _as_last_known(finding, judge, databases)
        action = kind.deleted if row is None or kind.move is None else kind.move.out
        if entity is not None and action:
            topic = finding.topic
            event = Event(kind.name, action, [entity] if EVENTS[kind.name].is_list else entity, (topic,))
            yield Draft(_marked(event, finding, ""), entity.get("id"))
        return
    action = _action(finding, row, has_moved=has_moved)
    now = None if row is None or not action else event_of(kind.name, action, row.entity)
    if row is not None and now is not None:
        yield Draft(_marked(now, finding, row.all_marks), row.instance.pk, snapshot_of(row.instance))


def _action(finding: Finding, row: Row | None, *, has_moved: bool) -> str:
    """The action that publishes a row again; empty: its kind has none, since it is written once."""
    kind = KINDS[finding.kind]
    if row is None or finding.what == "unfit":
        return ""
    if kind.move is not None and (has_moved or finding.what == "departed" or "unitId" in finding.fields):
        return kind.move.into
    is_new = finding.what in ("missing", "failed") or (finding.what == "lost" and kind.written_once)
    if kind.own_action:
        return str(row.entity[kind.own_action])[:128] if is_new else ""
    action = "CREATED" if is_new else QUIET
    return action if knows_action(kind.name, action) else ""


def _as_last_known(finding: Finding, judge: Judge, databases: Iterable[str]) -> Entity | None:
    """The entity that is not there any more, as its unit knows it; of an old one, only what every event needs."""
    if finding.event == "memory":
        known = judge.memory.of([finding.id]).get(finding.id)
        entity = None if known is None else dict(known.needed)
    else:
        last = next((last for last in judge.logs.of(finding.id) if last.topic == finding.topic), None)
        entity = None if last is None else judge.logs.content(last, finding.id, databases)
    if entity is None or unit_topic(finding.kind, entity.get("unitId")) != finding.topic:
        return None
    return entity


def _marked(event: Event, finding: Finding, marks: str) -> Event:
    name = "|".join((finding.topic, finding.id, finding.event, event.action, marks))
    return replace(event, actor=ACTOR, id=str(uuid5(_NAMESPACE, name)))
