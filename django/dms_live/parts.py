"""Parts of other entities, such as documents, and the entities that contain them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import ManyToManyField, Model, Q, QuerySet

from dms_live.kinds import KINDS
from dms_live.registry import Registry, registry
from dms_live.specs import Bound, Spec

#: Owners, each as its model and its key: two models of one kind may have the same keys.
Owners = set[tuple[Any, Any]]


@dataclass(frozen=True)
class Through:
    """The table of a many-to-many relation between owners and parts.

    :ivar owner: the kind of the owners.
    :ivar owner_model: which of its models.
    :ivar link: the name of its foreign key to them.
    """

    model: Any
    owner: str
    owner_model: Any
    link: str

    @property
    def part(self) -> str:
        """The kind of the parts."""
        return next((kind.name for kind in KINDS.values() if kind.part_of == self.owner), self.owner)

    def owners_of(self, condition: Q, using: str) -> Owners:
        """The owners that some of its rows belong to."""
        rows: QuerySet[Any] = QuerySet(self.model, using=using)
        return {(self.owner_model, pk) for pk in rows.filter(condition).values_list(f"{self.link}__pk", flat=True)}


def lists_of(kind: str) -> Iterator[tuple[Spec, Bound]]:
    """The models whose entities contain those of this kind, and the field: crates, and their documents."""
    for owner in registry().of_kind(KINDS[kind].part_of):
        bound = next((bound for bound in owner.parts if bound.part.of == kind), None)
        if bound is not None and bound.paths[0].field is not None and len(bound.paths[0].steps) == 1:
            yield owner, bound


def owners_of(spec: Spec, condition: Q, using: str) -> Owners:
    """The crates that some documents lie in. What is no part of anything has no owners."""
    parts: QuerySet[Any] = QuerySet(spec.model, using=using).filter(condition)
    found: Owners = set()
    for owner, bound in lists_of(spec.kind):
        rows: QuerySet[Any] = QuerySet(owner.model, using=using)
        listed = rows.filter(**{f"{bound.paths[0].field.name}__in": parts.values("pk")})
        found |= {(owner.model, pk) for pk in listed.values_list("pk", flat=True)}
    return found


def names_its_owner(spec: Spec) -> bool:
    """Whether a part has the owner in a column of its own, so that a save can give it to another."""
    return any(not bound.paths[0].field.many_to_many for _, bound in lists_of(spec.kind))


def throughs() -> dict[type[Model], Through]:
    return _throughs(registry())


@lru_cache(maxsize=1)
def _throughs(_: Registry) -> dict[type[Model], Through]:
    lists = [through_of(owner, bound) for kind in KINDS for owner, bound in lists_of(kind)]
    # A serializer of the project may write any relation.
    own = [
        Through(column.remote_field.through, spec.kind, spec.model, column.m2m_field_name())
        for spec in registry().published()
        for column in (spec.model._meta.many_to_many if spec.serializer is not None and not spec.row.part_of else ())
    ]
    return {through.model: through for through in (*own, *lists) if through is not None}


def through_of(owner: Spec, bound: Bound) -> Through | None:
    """The table that a list is taken from; ``None``: a part has one owner, and names it itself."""
    relation = bound.paths[0].field
    if not relation.many_to_many:
        return None
    if isinstance(relation, ManyToManyField):  # the owner has it; else it is seen from the other side
        return Through(relation.remote_field.through, owner.kind, owner.model, relation.m2m_field_name())
    return Through(relation.through, owner.kind, owner.model, relation.field.m2m_reverse_field_name())
