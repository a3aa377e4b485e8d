"""Watches deletions from inside Django's collector, so that no listener is needed: with one, Django would load every row and
delete it by itself. What goes is read before, and its events are written after, all at once, in the transaction of the deletion.

``SET_NULL`` and its kind change rows without a save. The collector knows them, so their events are written too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.deletion import Collector

from dms_live.account_signals import Accounts, account_columns, accounts_of, end_sessions_of_changed
from dms_live.capturing import is_captured
from dms_live.changes import Change, entities_of, record, record_departures, record_updates
from dms_live.locks import write_first
from dms_live.migrating import is_before_tables
from dms_live.parts import Owners, owners_of, throughs
from dms_live.prepared import read
from dms_live.profiles import Profile, profiles
from dms_live.registry import registry
from dms_live.rows import stored
from dms_live.rules import Entity
from dms_live.saves import is_watching
from dms_live.specs import Spec
from dms_live.topics import SESSION
from dms_live.tracking import is_tracked
from dms_live.uncounted import counted, uncounted
from dms_live.unpublished import published_otherwise

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
            found |= {row.pk: row for row in read(stored(self.spec, using, lock=lock).filter(condition).order_by("pk"))}
        return [row for row in found.values() if not is_tracked(self.spec, row.pk, using)]


@dataclass
class Links:
    """Rows that say which parts an owner has: documents themselves, or the rows between them and crates."""

    owner: str
    owners_of: Callable[[Q, str], Owners]
    conditions: list[Q] = field(default_factory=list)


class Plan:
    """What a deletion takes and changes of published rows.

    :ivar going: the rows that it takes, those first that refer to others.
    :ivar changing: the rows that it only changes, by ``SET_NULL``, ``SET_DEFAULT`` or ``SET``.
    :ivar links: the rows that it takes or changes, and that say which parts an owner has.
    :ivar accounts: conditions of the users whose unit or role it may change.
    :ivar tables: what it writes to. A handler of the project that writes elsewhere publishes that itself.
    """

    def __init__(self, collector: Any) -> None:
        self.using = collector.using
        self._going: dict[int, Rows] = {}
        self._changing: dict[int, Rows] = {}
        self._links: dict[type[Model], Links] = {}
        self.tables: set[str] = set()
        self.accounts: list[Q] = []
        for model, instances in collector.data.items():
            self._add(self._going, model, instances)
        for queryset in collector.fast_deletes:
            self._add(self._going, queryset.model, queryset)
        for (column, _), several in collector.field_updates.items():
            for instances in several:
                self._add(self._changing, column.model, instances)
                if issubclass(column.model, get_user_model()) and column.attname in account_columns():
                    self.accounts += _conditions_of(instances)
                self._add_users_of((each for each in profiles() if each.decides(column)), instances)
        order = {id(spec): position for position, spec in enumerate(registry().published())}
        self.going = sorted(self._going.values(), key=lambda rows: order[id(rows.spec)])
        self.changing = list(self._changing.values())
        self.links = list(self._links.values())

    @property
    def kind(self) -> str:
        """The kind of some of these rows."""
        return next(
            (rows.spec.kind for rows in (*self.going, *self.changing)), self.links[0].owner if self.links else SESSION
        )

    @property
    def label(self) -> str:
        return f"rows of {', '.join(sorted(self.tables))}"

    @property
    def is_empty(self) -> bool:
        return not (self.going or self.changing or self.links or self.accounts)

    def _add(self, rows: dict[int, Rows], model: type[Model], instances: Any) -> None:
        self.tables.add(model._meta.db_table)
        if rows is self._going:
            self._add_users_of((each for each in profiles() if model is each.model), instances)
        if is_captured(model):
            return
        through = throughs().get(model)
        spec = registry().spec_of(model)
        if through is None and spec is None:
            return
        conditions = _conditions_of(instances)
        if through is not None:
            self._links.setdefault(model, Links(through.owner, through.owners_of)).conditions += conditions
        # Of a child with a table of its own, two rows are deleted. Only the one that the spec is about counts: the parent's
        # may stay.
        if spec is None or model._meta.concrete_model is not spec.model._meta.concrete_model:
            return
        if spec.row.part_of:
            links = Links(spec.row.part_of, partial(owners_of, spec))
            self._links.setdefault(model, links).conditions += conditions
        else:
            rows.setdefault(id(spec), Rows(spec)).conditions += conditions

    def _add_users_of(self, several: Iterable[Profile], instances: Any) -> None:
        self.accounts += [
            profile.users_of(condition, self.using) for profile in several for condition in _conditions_of(instances)
        ]


def install() -> None:
    original = Collector.delete
    if getattr(original, "is_of_dms_live", False):
        return

    def delete(self: Any) -> tuple[int, dict[str, int]]:
        plan = Plan(self) if is_watching() else None
        if plan is None or plan.is_empty or is_before_tables(self.using, plan.label, plan.kind):
            return original(self)
        with _together(self):
            return _watched(plan, self.using, lambda: original(self))

    delete.is_of_dms_live = True  # type: ignore[attr-defined]
    Collector.delete = delete  # type: ignore[method-assign]


@uncounted()
def _watched(plan: Plan, using: str, delete: Callable[[], tuple[int, dict[str, int]]]) -> tuple[int, dict[str, int]]:
    write_first(using)
    departing: list[tuple[Spec, list[tuple[Any, Entity]]]] = []
    owners: dict[str, Owners] = {}
    for link in plan.links:
        for condition in link.conditions:
            owners.setdefault(link.owner, set()).update(link.owners_of(condition, using))
    for rows in plan.going:
        if rows.spec.row.deleted:
            departing.append((rows.spec, entities_of(rows.spec, rows.read(using, lock=True), using)))
    before = [(rows.spec, rows.read(using, lock=True)) for rows in plan.changing]
    accounts: Accounts = {}
    for users in plan.accounts:
        accounts |= accounts_of(users, using)
    with counted(), published_otherwise(plan.tables):
        outcome = delete()
    end_sessions_of_changed(accounts, using)
    for spec, entities in departing:
        record_departures(spec, entities, using)
    for spec, were in before:
        record(_changes(spec, were, using), using)
    for kind, several in owners.items():
        record_updates(kind, several, using)  # crates that are gone as well are not found any more
    return outcome


def _changes(spec: Spec, were: list[Any], using: str) -> Iterator[Change]:
    now = {row.pk: row for row in Rows(spec, _of_keys([row.pk for row in were])).read(using, lock=False)}
    return (Change(spec, row, now[row.pk]) for row in were if row.pk in now)


def _conditions_of(instances: Any) -> list[Q]:
    is_lazy = isinstance(instances, QuerySet) and instances._result_cache is None
    return _of_queryset(instances) if is_lazy else _of_keys([instance.pk for instance in instances])


def _of_keys(pks: list[Any]) -> list[Q]:
    return [Q(pk__in=pks[start : start + _KEYS_AT_ONCE]) for start in range(0, len(pks), _KEYS_AT_ONCE)]


def _of_queryset(queryset: QuerySet[Any]) -> list[Q]:
    return [Q(pk__in=queryset.order_by().values("pk"))]


def _takes_one_statement(collector: Any) -> bool:
    """Whether Django makes no transaction for this deletion: one instance, and nothing that depends on it."""
    several = [instance for instances in collector.data.values() for instance in instances]
    return len(several) == 1 and bool(collector.can_fast_delete(several[0]))


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
    with uncounted() if _takes_one_statement(collector) else nullcontext(), transaction.atomic(using=collector.using):
        yield
        for instance, name, pk in keys:
            setattr(instance, name, pk)
    for instance, name, _ in keys:
        setattr(instance, name, None)
