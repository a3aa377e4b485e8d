"""Watches deletions from inside Django's collector, so that no listener is needed: with one, Django would load every row and
delete it by itself. What goes is read before, and its events are written after, all at once, in the transaction of the deletion.

``SET_NULL`` and its kind change rows without a save. The collector knows them, so their events are written too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.deletion import Collector

from dms_live.changes import Change, entities_of, record, record_departures, record_updates
from dms_live.locks import write_first
from dms_live.parts import owners_of
from dms_live.registry import registry
from dms_live.rows import stored
from dms_live.rules import Entity
from dms_live.specs import Spec

#: How many keys one condition names.
_KEYS_AT_ONCE = 500


@dataclass
class Rows:
    """Rows of one model: each condition finds some of them."""

    spec: Spec
    conditions: list[Q] = field(default_factory=list)

    def read(self, using: str, *, lock: bool) -> list[Any]:
        found: dict[Any, Any] = {}
        for condition in self.conditions:
            found |= {row.pk: row for row in stored(self.spec, using, lock=lock).filter(condition).order_by("pk")}
        return list(found.values())


def install() -> None:
    original = Collector.delete
    if getattr(original, "is_of_dms_live", False):
        return

    def delete(self: Any) -> tuple[int, dict[str, int]]:
        going, changing = _going(self), _changing(self)
        if not going and not changing:
            return original(self)
        with _together(self):
            return _watched(going, changing, self.using, lambda: original(self))

    delete.is_of_dms_live = True  # type: ignore[attr-defined]
    Collector.delete = delete  # type: ignore[method-assign]


def _watched(
    going: list[Rows], changing: list[Rows], using: str, delete: Callable[[], tuple[int, dict[str, int]]]
) -> tuple[int, dict[str, int]]:
    write_first(using)
    departing: list[tuple[Spec, list[tuple[Any, Entity]]]] = []
    owners: dict[str, set[Any]] = {}
    for rows in going:
        row = rows.spec.row
        if row.part_of:
            pks = [part.pk for part in rows.read(using, lock=False)]
            owners.setdefault(row.part_of, set()).update(owners_of(rows.spec, pks, using))
        elif row.deleted:
            departing.append((rows.spec, entities_of(rows.spec, rows.read(using, lock=True), using)))
    before = [(rows.spec, rows.read(using, lock=True)) for rows in changing]
    outcome = delete()
    for spec, entities in departing:
        record_departures(spec, entities, using)
    for spec, were in before:
        record(_changes(spec, were, using), using)
    for kind, keys in owners.items():
        record_updates(kind, keys, using)  # crates that are gone as well are not found any more
    return outcome


def _changes(spec: Spec, were: list[Any], using: str) -> Iterator[Change]:
    now = {row.pk: row for row in Rows(spec, _of_keys([row.pk for row in were])).read(using, lock=False)}
    return (Change(spec, row, now[row.pk]) for row in were if row.pk in now)


def _going(collector: Any) -> list[Rows]:
    """The published rows that a deletion takes, those first that refer to others."""
    rows: dict[int, Rows] = {}
    for model, instances in collector.data.items():
        _add(rows, model, _of_keys([instance.pk for instance in instances]))
    for queryset in collector.fast_deletes:
        _add(rows, queryset.model, _of_queryset(queryset))
    order = {id(spec): position for position, spec in enumerate(registry().specs())}
    return sorted(rows.values(), key=lambda one: order[id(one.spec)])


def _changing(collector: Any) -> list[Rows]:
    """The published rows that a deletion only changes, by ``SET_NULL``, ``SET_DEFAULT`` or ``SET``."""
    rows: dict[int, Rows] = {}
    for (column, _), several in collector.field_updates.items():
        for instances in several:
            is_lazy = isinstance(instances, QuerySet) and instances._result_cache is None
            conditions = _of_queryset(instances) if is_lazy else _of_keys([instance.pk for instance in instances])
            _add(rows, column.model, conditions)
    return [one for one in rows.values() if not one.spec.row.part_of]


def _add(rows: dict[int, Rows], model: type[Model], conditions: list[Q]) -> None:
    spec = registry().spec_of(model)
    # Of a child with a table of its own, two rows are deleted. Only the one that the spec is about counts: the parent's may stay.
    if spec is not None and model._meta.concrete_model is spec.model._meta.concrete_model:
        rows.setdefault(id(spec), Rows(spec)).conditions += conditions


def _of_keys(pks: list[Any]) -> list[Q]:
    return [Q(pk__in=pks[start : start + _KEYS_AT_ONCE]) for start in range(0, len(pks), _KEYS_AT_ONCE)]


def _of_queryset(queryset: QuerySet[Any]) -> list[Q]:
    return [Q(pk__in=queryset.order_by().values("pk"))]


@contextmanager
def _together(collector: Any) -> Iterator[None]:
    """A transaction of our own, if the project has none. Django clears the keys of deleted instances after its commit. Ours
    comes a little later, and what the project does then (``on_commit``) must still find the keys.
    """
    if transaction.get_connection(collector.using).in_atomic_block:
        yield
        return
    keys = [
        (instance, model._meta.pk.attname, instance.pk)
        for model, instances in collector.data.items()
        for instance in instances
    ]
    with transaction.atomic(using=collector.using):
        yield
        for instance, name, pk in keys:
            setattr(instance, name, pk)
    for instance, name, _ in keys:
        setattr(instance, name, None)
