"""The notes of triggers, transaction by transaction, with the rows that they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db import DataError, transaction
from django.db.models import Count, Max, QuerySet

from dms_live.capturing import Source, sources
from dms_live.images import Images
from dms_live.models import CapturedChange
from dms_live.outbox import refuse

#: How many notes become events in one round. A larger transaction takes several.
MOST = 500
#: How many transactions one look finds.
_MOST_KNOWN = 10_000


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


def is_anything_noted(using: str) -> bool:
    """Ordered, so that PostgreSQL takes the index of what waits, however many rows are done."""
    return bool(waiting(using).order_by("pk").values_list("pk")[:1])


@dataclass
class _Backlog:
    """The transactions whose notes wait, in the order of their last notes, as one look found them.

    To look takes as long as there are notes, so it is done once for all that it finds, and not in each round. What is committed
    later may come later: if it changed a row of a transaction that was found, it had waited for that one's commit.

    :ivar sizes: how many notes each transaction had.
    :ivar after: the last note that became an event of a transaction too large for one round.
    """

    sizes: dict[int, int] = field(default_factory=dict)
    after: tuple[int, int] = (0, 0)


_backlogs: dict[str, _Backlog] = defaultdict(_Backlog)


def oldest_groups(using: str) -> list[Group]:
    """The transactions whose notes wait, in the order of their last notes: as many as fit one round."""
    backlog = _backlogs[using]
    groups = _next_groups(backlog, using)
    if not groups:
        totals = waiting(using).values("transaction").annotate(last=Max("pk"), rows=Count("pk")).order_by("last")
        backlog.sizes = {total["transaction"]: total["rows"] for total in totals[:_MOST_KNOWN]}
        groups = _next_groups(backlog, using)
    return groups


def _next_groups(backlog: _Backlog, using: str) -> list[Group]:
    """Transactions leave the backlog once they have no notes: a round that made events of them may have been rolled back."""
    while backlog.sizes:
        chosen: dict[int, int] = {}
        for transaction_id, rows in backlog.sizes.items():
            if chosen and sum(chosen.values()) + rows > MOST:
                break
            chosen[transaction_id] = rows
        notes = _notes_of(list(chosen), backlog, using)
        if notes:
            return [Group(one, notes[one][:MOST], len(notes[one]) <= MOST) for one in chosen if one in notes]
        for transaction_id in chosen:
            del backlog.sizes[transaction_id]
    return []


def _notes_of(transactions: Sequence[int], backlog: _Backlog, using: str) -> dict[int, list[CapturedChange]]:
    rows = waiting(using).filter(transaction__in=transactions).order_by("pk")
    if len(transactions) == 1:
        only, last = backlog.after
        # One more than fits, to know whether it is whole. The index would lead past all that is done.
        rows = rows.filter(pk__gt=last if only == transactions[0] else 0)[: MOST + 1]
    notes: dict[int, list[CapturedChange]] = defaultdict(list)
    for note in rows:
        notes[note.transaction].append(note)
    return notes


def finish(groups: Sequence[Group], using: str) -> None:
    """Takes notes away that have become events, once this is committed. Of a transaction with more of them, deletions stay: what
    they took still belonged to its other rows (``images.py``).
    """
    whole = [group.transaction for group in groups if group.is_whole]
    CapturedChange.objects.using(using).filter(transaction__in=whole)._raw_delete(using)
    for group in groups:
        if group.is_whole:
            continue
        done = waiting(using).filter(pk__in=[note.pk for note in group.notes])
        done.exclude(operation=CapturedChange.Operation.DELETE)._raw_delete(using)
        done.update(is_done=True)
        after = (group.transaction, group.notes[-1].pk)
        transaction.on_commit(partial(setattr, _backlogs[using], "after", after), using=using)


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
