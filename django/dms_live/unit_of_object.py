"""The unit of an entity whose own row names none: an audit entry about what a System Admin did."""

from __future__ import annotations

from typing import Any

from django.db import router
from django.db.models import QuerySet

from dms_live.likely_models import plain
from dms_live.registry import registry
from dms_live.rules import Entity
from dms_live.specs import Spec
from dms_live.values import as_id


def in_its_unit(spec: Spec, entity: Entity, using: str) -> Entity:
    """The entity with the unit of the object that it is about, else with the kind's own sign for no unit. Most kinds have
    neither: then nobody may see an entity without a unit.
    """
    kind = spec.row
    if entity.get("unitId") is not None or kind.about is None:
        return entity
    type_name, object_id = (entity.get(name) for name in kind.about)
    unit_id = _unit_of_object(str(type_name or ""), object_id, spec, using)
    return {**entity, "unitId": unit_id if unit_id is not None else kind.no_unit or None}


def _unit_of_object(type_name: str, object_id: Any, entry: Spec, using: str) -> int | str | None:
    """The unit of a published row, if it is still there.

    :param type_name: as the DMS calls its model, such as ``Request`` or ``documents.request``.
    :param entry: of what is about that row; its own row is in ``using``.
    """
    name = plain(type_name.split(".")[-1])
    if not name or object_id is None:
        return None
    for spec in registry().published():
        if name in (plain(spec.model.__name__), plain(str(spec.model._meta.verbose_name)), spec.kind):
            home = router.db_for_write(spec.model)
            unit_id = _unit_of_row(spec, object_id, using if home == router.db_for_write(entry.model) else home)
            if unit_id is not None:
                return unit_id
    return None


def _unit_of_row(spec: Spec, pk: Any, using: str) -> int | str | None:
    unit = spec.part("unitId")
    if unit is None:
        return None
    rows: QuerySet[Any] = QuerySet(spec.model, using=using)
    try:
        row = next(iter((rows.select_related(*spec.joins) if spec.joins else rows).filter(pk=pk)), None)
    except (TypeError, ValueError):
        return None  # an id of another form
    return as_id(next((value for path in unit.paths if row and (value := path.value_of(row)) is not None), None))
