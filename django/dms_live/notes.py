"""The notes of triggers, transaction by transaction, with the rows that they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DataError, transaction
from django.db.models import Count, Max, QuerySet

from dms_live.capturing import Source, sources
from dms_live.images import Images
from dms_live.models import CapturedChange
from dms_live.outbox import refuse

#: How many notes become events in one round. A larger transaction takes several.
MOST = 500


@dataclass
class Group:
    """What one transaction did.

    :ivar is_whole: whether these are all its notes that are left.
    """

    transaction: int
    notes: list[CapturedChange]
    is_whole: bool
    steps: list[Step] = field(default_factory=list)


@dataclass
class Step:
    """A note with its rows. ``source`` is the table."""

    note: CapturedChange
    source: Source
    before: Any = None
    after: Any = None


def waiting(using: str) -> QuerySet[CapturedChange]:
    return CapturedChange.objects.using(using).filter(is_done=False)


def oldest_groups(using: str) -> list[Group]:
    """The transactions whose notes wait, in the order of their last notes: as many as fit one round."""
    totals = waiting(using).values("transaction").annotate(last=Max("pk"), rows=Count("pk")).order_by("last")
    chosen: dict[int, int] = {}
    for total in totals[:MOST]:
        if chosen and sum(chosen.values()) + total["rows"] > MOST:
            break
        chosen[total["transaction"]] = total["rows"]
    notes: dict[int, list[CapturedChange]] = defaultdict(list)
    if len(chosen) == 1:
        (only,) = chosen
        notes[only] = list(waiting(using).filter(transaction=only).order_by("pk")[:MOST])
    elif chosen:
        for note in waiting(using).filter(transaction__in=list(chosen)).order_by("pk"):
            notes[note.transaction].append(note)
    return [Group(one, notes[one], len(notes[one]) == rows) for one, rows in chosen.items()]


def read_rows(groups: Sequence[Group], images: Images) -> None:
    """Makes steps of notes, and instances of what they hold."""
    by_label: dict[str, list[Step]] = defaultdict(list)
    for group in groups:
        for note in group.notes:
            source = sources().get(note.model)
            if source is None:
                refuse(note.model, "a trigger notes changes of it, and it is not published", images.using, pk=note.key)
                continue
            group.steps.append(Step(note, source))
            by_label[note.model].append(group.steps[-1])
    for steps in by_label.values():
        try:
            _read(steps, images)
        except DataError:
            for step in steps:
                try:
                    _read([step], images)
                except DataError as error:
                    reason = f"what was noted cannot be read: {type(error).__name__}"
                    kind = step.source.spec.kind if step.source.spec is not None else step.note.model
                    refuse(kind, reason, images.using, pk=step.note.key)
    for group in groups:
        group.steps = [step for step in group.steps if step.before is not None or step.after is not None]
        group.steps = list(_joined(group.steps))


def _read(steps: Sequence[Step], images: Images) -> None:
    model, pks = steps[0].source.model, [step.note.pk for step in steps]
    with transaction.atomic(using=images.using):  # after an error, the sender goes on
        before = images.instances(model, pks, "before")
        after = images.instances(model, pks, "after")
    for step in steps:
        step.before, step.after = before.get(step.note.pk), after.get(step.note.pk)


def _joined(steps: Sequence[Step]) -> Iterator[Step]:
    """A row that goes to another partition is deleted here and inserted there: that is one change. A row whose key is changed
    is another entity: that is two.
    """
    waits: Step | None = None
    for step in steps:
        is_same_row = waits is not None and (waits.note.model, waits.note.key) == (step.note.model, step.note.key)
        if waits is not None and is_same_row and step.note.operation == "I":
            yield replace(step, before=waits.before)
            waits = None
            continue
        if waits is not None:
            yield waits
            waits = None
        if step.before is not None and step.after is not None and step.before.pk != step.after.pk:
            yield replace(step, after=None)
            yield replace(step, before=None)
        elif step.note.operation == "D":
            waits = step
        else:
            yield step
    if waits is not None:
        yield waits
