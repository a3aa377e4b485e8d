"""Writes an instance as the entity it is in an event."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import override

from dms_live.specs import Bound, Spec
from dms_live.users import shape_user
from dms_live.values import Unfit, as_day, as_id, as_instant, as_json, as_text, as_word

_PLAIN = {"id": as_id, "text": as_text, "instant": as_instant, "day": as_day, "json": as_json, "user": shape_user}


def entity_of(spec: Spec, instance: Model, *, whole: bool = True) -> dict[str, Any]:
    """The entity.

    :param whole: ``False`` leaves out what takes another query: the documents of a crate.
    :raises Unfit: if the contract has no way to say it.
    """
    if spec.serializer is not None:
        return dict(spec.serializer(instance))
    entity: dict[str, Any] = {}
    for bound in spec.parts:
        if bound.part.form == "entities" and not whole:
            continue
        try:
            value = _write(bound, instance, entity.get("unitId"), whole)
        except Unfit as error:
            raise Unfit(f"{spec.kind}.{bound.part.name}: {error}") from error
        if value is None and bound.part.required and bound.part.form != "entity" and bound.part.name != "unitId":
            raise Unfit(f"{spec.kind}.{bound.part.name} has no value")
        if value is not None or not bound.part.required:
            entity[bound.part.name] = value
    return entity


def _write(bound: Bound, instance: Model, unit_id: Any, whole: bool) -> Any:
    part, of = bound.part, bound.of
    value = next((found for path in bound.paths if (found := path.value_of(instance)) is not None), None)
    if part.form == "word":
        return as_word(value, label_of(bound, value), part.words, bound.own_words)
    if part.form == "entity":
        return None if value is None or of is None else _part_of_another(of, value, whole)
    if part.form == "entities":
        return None if value is None or of is None else _entities(of, value, unit_id)
    return _PLAIN[part.form](value)


def _part_of_another(of: Spec, instance: Model, whole: bool) -> dict[str, Any] | None:
    """What belongs to no unit may be shown to none."""
    entity = entity_of(of, instance, whole=whole)
    return entity if entity.get("unitId") is not None else None


def _entities(of: Spec, related: Any, unit_id: Any) -> list[dict[str, Any]]:
    """What belongs to an instance: of its unit, unless it says otherwise."""
    rows = related.select_related(*of.joins) if of.joins else related.all()
    return [{"unitId": unit_id, **_without_nones(entity_of(of, row))} for row in rows.order_by("pk")]


def _without_nones(entity: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entity.items() if value is not None}


def label_of(bound: Bound, value: Any) -> str | None:
    """How the DMS calls a choice, not translated."""
    choices = getattr(bound.paths[0].field, "flatchoices", None)
    if not choices:
        return None
    with override(None):
        label = dict(choices).get(value)
        return None if label is None else str(label)
