"""Makes events of the changes that triggers noted. Only the sole sender does, and commits them to the outbox before it sends.

Transactions become events in the order of their last notes. Of two that changed the same row, the one that waited for the other's
commit has the later note: so the events of a row are in the order of its changes. Within a transaction, events become part of
each other as they do with signals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Q

from dms_live.actor import Noted, as_noted
from dms_live.capturing import captures
from dms_live.changes import Change, drafts_of, drafts_of_departure, noting_failures
from dms_live.images import Images
from dms_live.models import OutboxEntry
from dms_live.notes import Group, Step, finish, is_anything_noted, oldest_groups, read_rows
from dms_live.outbox import Draft, write_noted
from dms_live.owners import Owners
from dms_live.rules import QUIET
from dms_live.serialize import entity_of, load_lists
from dms_live.specs import Spec
from dms_live.unit_of_object import in_its_unit
from dms_live.users import actors_of


def expand(using: str) -> bool:
    """Writes the events of the oldest transactions whose changes were noted. Returns whether there was something to do.

    The caller must be the sole sender, in a transaction that it commits before it sends.
    """
    groups = oldest_groups(using) if captures(using) else []
    if not groups:
        return False
    images = Images([group.transaction for group in groups], using)
    read_rows(groups, images)
    actors = actors_of({note.actor for group in groups for note in group.notes})
    _load_joins(groups, images)
    _load_lists(groups, using)
    owners = Owners(images, using)
    by_group = [(group, _drafts_of_group(group, owners, actors, using)) for group in groups]
    write_noted(_not_published_before(by_group, using), using)
    finish(groups, using)
    return True


def expand_all(using: str) -> None:
    """Of tests: what was noted so far."""
    if not captures(using) or not is_anything_noted(using):  # a test that may not use the database opens no transaction
        return
    with transaction.atomic(using=using):
        while expand(using):
            pass


def _load_joins(groups: Sequence[Group], images: Images) -> None:
    by_spec: dict[int, tuple[Spec, list[tuple[int, Any]]]] = {}
    for group in groups:
        for step in group.steps:
            spec = step.source.spec
            if spec is not None and not spec.row.part_of:
                rows = by_spec.setdefault(id(spec), (spec, []))[1]
                rows += [(group.transaction, row) for row in (step.before, step.after) if row is not None]
    for spec, rows in by_spec.values():
        images.load_joins(spec, rows)


def _load_lists(groups: Sequence[Group], using: str) -> None:
    by_spec: dict[int, tuple[Spec, list[Any]]] = {}
    for step in (step for group in groups for step in group.steps):
        spec = step.source.spec
        if spec is not None and step.after is not None and not spec.row.part_of:
            by_spec.setdefault(id(spec), (spec, []))[1].append(step.after)
    for spec, rows in by_spec.values():
        with noting_failures(spec.kind, using):
            load_lists(spec, rows, using, of_several_times=True)


def _drafts_of_group(group: Group, owners: Owners, actors: dict[str, Any], using: str) -> list[Draft]:
    first = group.notes[0]
    with noting_failures(first.model, using, first.key):  # a fault in one transaction holds back no other
        return _made_of_group(group, owners, actors, using)
    return []


def _made_of_group(group: Group, owners: Owners, actors: dict[str, Any], using: str) -> list[Draft]:
    drafts: list[Draft] = []
    by_hand: list[tuple[Step, list[Draft]]] = []
    changed: dict[tuple[Any, Any], Noted] = {}
    for step in group.steps:
        noted = Noted(actors.get(step.note.actor), step.note.at)
        of = step.source.spec
        if of is None or of.row.part_of:
            for owner in owners.of(step.source, step.before, step.after):
                changed.setdefault(owner, noted)
            continue
        with as_noted(noted):
            made = _drafts_of_step(step, of, using)
        if step.note.operation == "P":
            by_hand.append((step, made))
        else:
            drafts += made
    for model, pk, change in owners.as_they_were(changed, group.transaction):
        with as_noted(changed[model, pk]):
            drafts += drafts_of(change, using)
    for step, made in by_hand:
        _add_by_hand(drafts, step, made)
    # What it contains is read by the sole sender: nothing newer was sent before.
    return [replace(draft, snapshot=None) for draft in drafts]


def _drafts_of_step(step: Step, spec: Spec, using: str) -> list[Draft]:
    if step.after is None:
        entity = None
        with noting_failures(spec.kind, using, step.before.pk):
            entity = in_its_unit(spec, entity_of(spec, step.before, whole=False), using)
        return [] if entity is None else drafts_of_departure(spec, step.before.pk, entity, using)
    change = Change(spec, step.before, step.after, step.note.action or None)
    return drafts_of(change, using) if change.is_one else []


def _add_by_hand(drafts: list[Draft], step: Step, made: Sequence[Draft]) -> None:
    """An action that ``publish()`` names is that of the change in the same transaction, where the change has none of its own."""
    for draft in made:
        place = [
            number
            for number, other in enumerate(drafts)
            if (other.event.kind, other.subject) == (draft.event.kind, draft.subject)
        ]
        known = {drafts[number].event.action for number in place}
        if draft.event.action in known or (known and draft.event.action == QUIET):
            continue
        quiet = next((number for number in place if drafts[number].event.action == QUIET), None)
        if quiet is None:
            drafts.append(draft)
        else:
            drafts[quiet] = draft


def _not_published_before(groups: Iterable[tuple[Group, list[Draft]]], using: str) -> Iterator[list[Draft]]:
    """Without what a process published by signals, since it still runs with the earlier setting: in the same transaction, or in a
    later one, which knew this change.
    """
    several = list(groups)
    oldest = min(group.transaction for group, _ in several)
    subjects = {_subject(draft) for _, drafts in several for draft in drafts}
    known = OutboxEntry.objects.using(using).filter(
        Q(is_captured=False) | Q(is_captured=None), transaction__gte=oldest, subject__in=subjects
    )
    by_signals = list(known.values_list("subject", "transaction", "snapshot", "created_at"))
    for group, drafts in several:
        same = {subject for subject, by, _, _ in by_signals if by == group.transaction}
        latest = group.notes[-1].at
        later = {
            subject for subject, by, snapshot, at in by_signals if snapshot and by != group.transaction and at > latest
        }
        yield [draft for draft in drafts if _subject(draft) not in same | later]


def _subject(draft: Draft) -> str:
    return f"{draft.event.kind}:{draft.event.first.get('id')}"[:200]
