"""Writes an instance as an entity of an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import Manager, ManyToManyField, Model, Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import override

from dms_live.paths import Path
from dms_live.prepared import PREPARES, Prepared
from dms_live.rows import stored
from dms_live.specs import Bound, Spec
from dms_live.users import shape_user
from dms_live.values import (
    Unfit,
    as_day,
    as_id,
    as_instant,
    as_json,
    as_list,
    as_number,
    as_text,
    as_truth,
    as_whole,
    as_word,
)

_PLAIN: dict[str, Callable[[Any], Any]] = {
    "id": as_id,
    "text": as_text,
    "whole": as_whole,
    "number": as_number,
    "truth": as_truth,
    "instant": as_instant,
    "day": as_day,
    "json": as_json,
    "user": shape_user,
}


#: Where a row that is part of others keeps its entity, whole and without lists.
_WRITTEN = "_dms_live_written"


def entity_of(spec: Spec, instance: Model, *, whole: bool = True) -> dict[str, Any]:
    """The entity.

    :param whole: ``False`` leaves out lists, such as the documents of a crate. They take another query.
    :raises Unfit: if the contract cannot express a value.
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


def load_lists(spec: Spec, instances: Iterable[Model], using: str, *, of_several_times: bool = False) -> None:
    """Reads the lists of all these instances at once, such as the documents of crates. Otherwise each would take a query.

    :param of_several_times: whether instances may refer to one row as it was at different times.
    """
    if spec.serializer is not None:
        return
    for bound in spec.parts:
        of, path = bound.of, bound.paths[0]
        if of is None:
            continue
        if bound.part.form == "entity":
            shared = _shared(bound, instances, of_several_times=of_several_times)
            load_lists(of, shared, using, of_several_times=of_several_times)
        elif bound.part.form == "entities" and len(path.steps) == 1 and path.field is not None:
            unread = [one for one in instances if _list_name(bound) not in one.__dict__]
            if len(unread) == 1 and _is_steady(of, using):
                query = _list_query(spec, _List((), spec, bound), using)
                unread[0].__dict__[_list_name(bound)] = query.rows(_stored_key(spec, unread[0].pk, using))
            elif unread:
                rows = _all_rows(of, using)
                prefetch_related_objects(unread, Prefetch(path.steps[0], rows, to_attr=_list_name(bound)))


def _shared(bound: Bound, instances: Iterable[Model], *, of_several_times: bool) -> list[Model]:
    """The rows that these instances refer to, each once. Those that refer to the same row share it from now on."""
    path = bound.paths[0]
    shared: dict[Any, Model] = {}
    for one in instances:
        value = path.value_of(one)
        if value is None:
            continue
        first = shared.setdefault(id(value) if of_several_times else value.pk, value)
        if first is not value and len(path.steps) == 1 and path.joins:
            one._state.fields_cache[path.steps[0]] = first
    return list(shared.values())


def _all_rows(of: Spec, using: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = of.model._default_manager.using(using).order_by("pk")
    return rows.select_related(*of.joins) if of.joins else rows


def _is_steady(of: Spec | None, using: str) -> bool:
    """Whether a list's query is the same each time. A manager of the project may make another one for each tenant or user."""
    return of is not None and connections[using].vendor in PREPARES and type(of.model._default_manager) is Manager


def find(spec: Spec, pk: Any, using: str, *, lock: bool = False) -> Any:
    """One instance, or ``None``. On PostgreSQL with its lists, by the same statement."""
    if pk is None:
        return None
    if connections[using].vendor not in PREPARES:
        return next(iter(stored(spec, using, lock=lock).filter(pk=pk)), None)
    key = _stored_key(spec, pk, using)
    found = _prepared(spec, f"find {using} {lock}", lambda key: stored(spec, using, lock=lock).filter(pk=key), using)
    lists = [] if spec.serializer is not None else [one for one in _lists_in(spec) if _is_steady(one.bound.of, using)]
    rows, *several = found.together(key, [_list_query(spec, one, using) for one in lists])
    for row in rows:
        for one, listed in zip(lists, several, strict=True):
            owner = Path(one.steps, ()).value_of(row)
            if owner is not None:
                owner.__dict__[_list_name(one.bound)] = listed
    return next(iter(rows), None)


def _stored_key(spec: Spec, pk: Any, using: str) -> Any:
    return spec.model._meta.pk.get_db_prep_value(pk, connections[using])


class _List(NamedTuple):
    """A list in an entity, or in an entity that is part of it: a request has a crate, and that has documents."""

    steps: tuple[str, ...]
    owner: Spec
    bound: Bound


def _lists_in(spec: Spec, steps: tuple[str, ...] = ()) -> Iterator[_List]:
    for bound in spec.parts:
        of, path = bound.of, bound.paths[0]
        if of is None or of.serializer is not None or path.field is None:
            continue
        if bound.part.form == "entity" and path.joins == (path.lookup,):
            yield from _lists_in(of, (*steps, *path.steps))
        elif bound.part.form == "entities" and len(path.steps) == 1:
            yield _List(steps, spec, bound)


def _list_query(spec: Spec, one: _List, using: str) -> Prepared:
    owners: QuerySet[Any] = QuerySet(spec.model, using=using)
    owner = "__".join((*one.steps, "pk"))

    def rows(key: Any) -> QuerySet[Any]:
        of_owner = key if not one.steps else owners.filter(pk=key).values(owner)[:1]
        return _rows_of_list(one.bound, of_owner, using)

    return _prepared(spec, f"list {owner} {one.bound.part.name} {using}", rows, using)


def _rows_of_list(bound: Bound, owner: Any, using: str) -> QuerySet[Any]:
    relation = bound.paths[0].field
    back = relation.related_query_name() if isinstance(relation, ManyToManyField) else relation.field.name
    # By the owner's key, though the column may hold another one: a foreign key can have a `to_field`.
    assert bound.of is not None
    return _all_rows(bound.of, using).filter(**{f"{back}__pk": owner})


def _prepared(spec: Spec, name: str, queryset_for: Callable[[Any], QuerySet[Any]], using: str) -> Prepared:
    if name not in spec.prepared:
        spec.prepared[name] = Prepared(queryset_for, using)
    return spec.prepared[name]


def _list_name(bound: Bound) -> str:
    return f"_dms_live_{bound.part.name}"


def _write(bound: Bound, instance: Model, unit_id: Any, whole: bool) -> Any:
    part, of = bound.part, bound.of
    if part.form == "entities" and of is not None and _list_name(bound) in instance.__dict__:
        return _entities(of, instance.__dict__[_list_name(bound)], unit_id)
    value = next((found for path in bound.paths if (found := path.value_of(instance)) is not None), None)
    if part.is_list:
        return None if value is None else [_scalar(bound, one) for one in as_list(value)]
    if part.form == "entity":
        return None if value is None or of is None else _part_of_another(of, value, whole)
    if part.form == "entities":
        return None if value is None or of is None else _entities(of, _all_of(of, value, instance), unit_id)
    return _scalar(bound, value)


def _scalar(bound: Bound, value: Any) -> Any:
    if bound.part.form == "word":
        if type(value) is not str:
            return _word(bound, value)
        if value not in bound.known:
            bound.known[value] = _word(bound, value)
        return bound.known[value]
    return _PLAIN[bound.part.form](value)


def _word(bound: Bound, value: Any) -> str | None:
    try:
        return as_word(value, None, bound.part.words, bound.own_words)
    except Unfit:
        return as_word(value, label_of(bound, value), bound.part.words, bound.own_words)


def _part_of_another(of: Spec, instance: Model, whole: bool) -> dict[str, Any] | None:
    """The entity as a part of another; ``None`` if it has no unit, since then nobody may see it. It is written once for all
    that share it.
    """
    written = instance.__dict__.setdefault(_WRITTEN, {})
    if whole not in written:
        written[whole] = entity_of(of, instance, whole=whole)
    entity: dict[str, Any] = written[whole]
    return entity if entity.get("unitId") is not None else None


def _all_of(of: Spec, related: Any, instance: Model) -> Any:
    """The rows of a relation, or of what a property returns, from the database that the instance is from."""
    rows = related.all().using(instance._state.db)
    return (rows.select_related(*of.joins) if of.joins else rows).order_by("pk")


def _entities(of: Spec, rows: Iterable[Model], unit_id: Any) -> list[dict[str, Any]]:
    """The entities in a list. One that has no unit of its own has the unit of the instance."""
    return [{"unitId": unit_id, **_without_nones(entity_of(of, row))} for row in rows]


def _without_nones(entity: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entity.items() if value is not None}


def label_of(bound: Bound, value: Any) -> str | None:
    """The DMS's label of a choice, not translated."""
    choices = getattr(bound.paths[0].field, "flatchoices", None)
    if not choices:
        return None
    with override(None):
        label = dict(choices).get(value)
        return None if label is None else str(label)
