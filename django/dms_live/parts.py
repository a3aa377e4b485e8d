"""Parts of other entities, such as documents, and the entities that contain them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from dms_live.kinds import KINDS
from dms_live.registry import registry
from dms_live.specs import Bound, Spec


def lists_of(kind: str) -> Iterator[tuple[Spec, Bound]]:
    """The models whose entities contain those of this kind, and the field: crates, and their documents."""
    for owner in registry().of_kind(KINDS[kind].part_of):
        bound = next((bound for bound in owner.parts if bound.part.of == kind), None)
        if bound is not None and bound.paths[0].field is not None and len(bound.paths[0].steps) == 1:
            yield owner, bound


def owners_of(spec: Spec, pks: Iterable[Any], using: str) -> set[Any]:
    """The keys of the crates that documents lie in. What is no part of anything has no owners."""
    wanted = [pk for pk in pks if pk is not None]
    found: set[Any] = set()
    for owner, bound in lists_of(spec.kind) if wanted else ():
        rows: QuerySet[Any] = QuerySet(owner.model, using=using)
        found |= set(rows.filter(**{f"{bound.paths[0].field.name}__in": wanted}).values_list("pk", flat=True))
    return found
