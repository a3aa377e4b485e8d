"""The ids of units. Events and tokens must name a unit by the same one, whatever column a relation refers to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Model

from dms_live.paths import Path
from dms_live.registry import registry
from dms_live.values import as_id


class Reference(NamedTuple):
    """What a path to a unit's id shows: the model of units, and the column of it that is the id."""

    model: type[Model]
    key: str


def unit_id_of(unit: Any) -> int | str | None:
    """The id by which events name a unit. It is the primary key, unless their relation has another ``to_field``.

    :param unit: a row, or an id.
    """
    return as_id(getattr(unit, _key_of(type(unit))) if isinstance(unit, Model) else unit)


def refers_by_key(path: Path) -> bool:
    """Whether a path ends at a foreign key that holds the very id by which events name the unit."""
    reference = reference_of(path)
    return reference is not None and _is_relation(path) and reference.key == _key_of(reference.model)


def reference_of(path: Path) -> Reference | None:
    """``None`` if the path does not show it: it ends at a property, or at a column that refers to nothing."""
    if _is_relation(path):
        return Reference(path.field.related_model, path.field.target_field.attname)
    if path.joins and path.field is not None and path.field.concrete and path.field.related_model is None:
        return Reference(path.field.model, path.field.attname)
    return None


def references_of_events() -> Iterator[tuple[str, Reference]]:
    """How the published models refer to their units, each with the model's name."""
    for spec in registry().published():
        bound = spec.part("unitId")
        for path in () if bound is None else bound.paths:
            reference = reference_of(path)
            if reference is not None:
                yield spec.model._meta.label, reference


def _key_of(model: type[Model]) -> str:
    keys = (known.key for _, known in references_of_events() if issubclass(model, known.model))
    return next(keys, model._meta.pk.attname)


def _is_relation(path: Path) -> bool:
    """Whether the last step is a foreign key's own column."""
    if path.field is None or path.leads_to_many:
        return False
    return path.field.related_model is not None and path.field.concrete and path.steps[-1] == path.field.attname
