"""Rows between a user and the unit or role: a profile of the user's own, or a post that several users share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet

from dms_live.conf import Accessor, conf
from dms_live.paths import field_of
from dms_live.specs import user_path


@dataclass(frozen=True)
class Profile:
    """A model on the way.

    :ivar lookup: from users to its rows, in a queryset.
    :ivar columns: its columns that decide where the way goes on, and whose it is; ``None``: nobody knows.
    """

    model: type[Model]
    lookup: str
    columns: frozenset[str] | None

    def users_of(self, rows: Q, using: str) -> Q:
        """The users to whom some rows belong."""
        found: QuerySet[Any] = QuerySet(self.model, using=using).filter(rows)
        return Q(**{f"{self.lookup}__pk__in": found.order_by().values("pk")})

    def decides(self, column: Any) -> bool:
        """Whether a change of this column may give users another unit or role."""
        return issubclass(column.model, self.model) and (self.columns is None or column.attname in self.columns)


def profiles() -> tuple[Profile, ...]:
    return _profiles(conf().unit, conf().role)


@lru_cache(maxsize=16)
def _profiles(*accessors: Accessor) -> tuple[Profile, ...]:
    known: dict[tuple[type[Model], str], Profile] = {}
    for profile in (each for accessor in accessors for each in _on_the_way_to(accessor)):
        other = known.get((profile.model, profile.lookup), profile)
        columns = (
            None if None in (profile.columns, other.columns) else {*(profile.columns or ()), *(other.columns or ())}
        )
        known[profile.model, profile.lookup] = Profile(
            profile.model, profile.lookup, None if columns is None else frozenset(columns)
        )
    return tuple(known.values())


def _on_the_way_to(accessor: Accessor) -> Iterator[Profile]:
    path = user_path(accessor)
    here: Any = get_user_model()
    lookup: list[str] = []
    for step, following in zip(path.steps, path.steps[1:], strict=False) if path is not None else ():
        relation = field_of(here, step)
        if relation is None or relation.related_model is None or not (relation.one_to_one or relation.many_to_one):
            return
        here = relation.related_model
        lookup.append(relation.name)
        link = set() if relation.concrete else {relation.field.attname}
        column = _column(here, following)
        yield Profile(here, "__".join(lookup), None if column is None else frozenset({column, *link} - {""}))


def _column(model: type[Model], step: str) -> str | None:
    """The column that a step reads; empty, if that is one of another table; ``None``: a property reads what it likes."""
    if step.startswith("get_") and step.endswith("_display"):
        step = step[len("get_") : -len("_display")]
    field = field_of(model, step)
    if field is None:
        return None
    return str(field.attname) if field.concrete else ""
