"""Rows as they were: instances made of what triggers noted, and of what belonged to them at that time.

The sender makes events of a change some time after its commit. The row itself is in the note. A row that it refers to (the crate
of a request) is read now. If a later transaction has changed it since, and its notes still wait, they have it as it was before.
So no event contains a change that a later event is about. A row that is gone has its last state in the note of its deletion.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DataError, connections
from django.db.models import Model, Prefetch, Q, QuerySet, prefetch_related_objects
from django.db.models.query import RawQuerySet
from django.db.transaction import atomic

from dms_live.capturing import sources
from dms_live.models import CapturedChange
from dms_live.specs import Spec

_OF = "dms_live_of"
#: Comes after every transaction of a batch.
_LATER = float("inf")


class Images:
    """The rows of a batch of changes.

    :param order: the transactions of the batch, in the order in which their events are written.
    """

    def __init__(self, order: Sequence[int], using: str) -> None:
        self.using = using
        self.position = {transaction: place for place, transaction in enumerate(order)}

    def instances(self, model: type[Model], pks: Iterable[int], side: str) -> dict[int, Any]:
        """An instance for each note that has this side.

        :param pks: of the notes.
        :param side: ``before`` or ``after``.
        """
        wanted = list(pks)
        if not wanted:
            return {}
        quote = connections[self.using].ops.quote_name
        sql = (
            f"SELECT note.id AS {_OF}, image.* FROM {quote(CapturedChange._meta.db_table)} AS note,"
            f" jsonb_populate_record(NULL::{quote(model._meta.db_table)}, note.{side}) AS image"
            f" WHERE note.id = ANY(%s) AND note.{side} IS NOT NULL ORDER BY note.id"
        )
        rows: RawQuerySet[Any] = RawQuerySet(sql, model=model, params=(wanted,), using=self.using)
        return {getattr(row, _OF): row for row in rows}

    def load_joins(self, spec: Spec, rows: Sequence[tuple[int, Any]]) -> None:
        """Loads what an entity of ``spec`` needs of other rows.

        :param rows: each with the transaction that it was of.
        """
        for join in sorted(spec.joins, key=lambda path: path.count("__")):
            steps = join.split("__")
            relation = _relation(spec.model, steps)
            related: QuerySet[Any] = QuerySet(relation.related_model, using=self.using)
            prefetch_related_objects([row for _, row in rows], Prefetch(join, related))
            if (
                relation.concrete
                and relation.target_field.primary_key
                and relation.related_model._meta.label in sources()
            ):
                self._put_back(rows, steps, relation)

    def _put_back(self, rows: Sequence[tuple[int, Any]], steps: list[str], relation: Any) -> None:
        """Replaces related rows by what they were."""
        holders = [(transaction, row, _held(row, steps[:-1])) for transaction, row in rows]
        keys = [(holder, getattr(holder, relation.attname)) for _, _, holder in holders if holder is not None]
        history = self.history(relation.related_model, {key for _, key in keys if key is not None})
        for transaction, row, holder in holders:
            if holder is None or (key := getattr(holder, relation.attname)) is None:
                continue
            now = holder._state.fields_cache.get(steps[-1])
            was = history.at(key, transaction, now)
            if was is not now:
                _put(row, steps, was)

    def history(self, model: type[Model], keys: Iterable[Any]) -> History:
        """What waits about rows of a model. Read the rows themselves before."""
        notes = CapturedChange.objects.using(self.using).filter(
            Q(is_done=False) | Q(operation="D"), model=model._meta.label, key__in=[str(key) for key in keys]
        )
        found = list(notes.exclude(operation="P").values_list("key", "pk", "transaction", "operation", "is_done"))
        return History(self, model, found)


class History:
    """The notes that wait about rows of a model."""

    def __init__(self, images: Images, model: type[Model], notes: Sequence[tuple[str, int, int, str, bool]]) -> None:
        self.images, self.model = images, model
        self.notes: dict[str, list[tuple[float, int, int, str, bool]]] = defaultdict(list)
        for key, pk, transaction, operation, is_done in notes:
            place = images.position.get(transaction, _LATER)
            self.notes[key].append((place, pk, transaction, operation, is_done))
        for several in self.notes.values():
            several.sort()

    def at(self, key: Any, transaction: int, now: Any) -> Any:
        """A row as it was when a transaction ended; ``None``: it was not there.

        :param now: the row as it is.
        """
        here = self.images.position.get(transaction, _LATER)
        for place, pk, _, operation, is_done in self.notes.get(str(key), ()):
            if place > here and not is_done:
                return None if operation == "I" else self._before(pk, now)
        if now is not None:
            return now
        # The transaction itself has deleted it. What it deletes with it still belonged to it.
        gone = [
            pk for _, pk, by, operation, _ in self.notes.get(str(key), ()) if by == transaction and operation == "D"
        ]
        return self._before(gone[-1]) if gone else None

    def _before(self, pk: int, otherwise: Any = None) -> Any:
        try:
            with atomic(using=self.images.using):
                return self.images.instances(self.model, [pk], "before").get(pk)
        except DataError:  # `read_rows` refuses the note itself, and nothing else may wait for it
            return otherwise


def _relation(model: type[Model], steps: Sequence[str]) -> Any:
    here: Any = model
    relation: Any = None
    for step in steps:
        relation = next(
            (each for each in here._meta.related_objects if each.get_accessor_name() == step), None
        ) or here._meta.get_field(step)
        here = relation.related_model
    return relation


def _held(row: Any, steps: Sequence[str]) -> Any:
    """The row at the end of a path that is loaded; ``None`` where something on the way is missing."""
    for step in steps:
        row = None if row is None else row._state.fields_cache.get(step)
    return row


def _put(row: Any, steps: Sequence[str], value: Any) -> None:
    """Sets the row at the end of a path. Rows on the way may be shared with others, which keep theirs."""
    for step in steps[:-1]:
        row._state.fields_cache[step] = copy.copy(row._state.fields_cache[step])
        row = row._state.fields_cache[step]
    row._state.fields_cache[steps[-1]] = value
