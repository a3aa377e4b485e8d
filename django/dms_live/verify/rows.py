"""Published rows as the database has them, each with the entity that an event would have now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, router

from dms_live.freshness import id_lookup
from dms_live.prepared import read
from dms_live.registry import registry
from dms_live.rows import stored
from dms_live.rules import Entity
from dms_live.serialize import entity_of, load_lists
from dms_live.specs import Spec
from dms_live.topics import UnfitId, unit_topic
from dms_live.unit_of_object import in_its_unit
from dms_live.values import Unfit, as_id
from dms_live.verify.likeness import digest, likeness

#: How many rows are read at once.
PAGE = 500


@dataclass(frozen=True)
class Row:
    """A row, and what an event of it would say.

    :ivar id: as events have it.
    :ivar topic: where its events belong; ``None``: nobody may see it, or it cannot be published.
    :ivar reason: why it cannot be published.
    :ivar follows: whether it may be in another unit without an event: its unit is that of another row.
    """

    spec: Spec
    instance: Any
    id: str
    entity: Entity = field(default_factory=dict)
    topic: str | None = None
    marks: str = ""
    reason: str = ""
    follows: bool = False

    @property
    def unit_mark(self) -> str:
        return digest(str(self.entity.get("unitId")))

    @property
    def all_marks(self) -> str:
        """Its marks with that of its unit, which is the last."""
        return self.marks + self.unit_mark


def pages(kind: str) -> Iterator[list[Row]]:
    """All rows of a kind, page by page."""
    for spec in registry().of_kind(kind):
        using = router.db_for_write(spec.model)
        rows, after = stored(spec, using).order_by("pk"), None
        while True:
            page = read((rows if after is None else rows.filter(pk__gt=after))[:PAGE])
            if page:
                yield of_instances(spec, page, using)
            if len(page) < PAGE:
                break
            after = page[-1].pk


def of_ids(kind: str, ids: Sequence[str]) -> dict[str, Row]:
    """The rows with these ids, by the ids."""
    found: dict[str, Row] = {}
    for spec in registry().of_kind(kind):
        using = router.db_for_write(spec.model)
        for start in range(0, len(ids), PAGE):
            instances = _with_ids(spec, ids[start : start + PAGE], using)
            found |= {row.id: row for row in of_instances(spec, instances, using)}
    return found


def of_instances(spec: Spec, instances: list[Any], using: str) -> list[Row]:
    readable = _quietly(lambda: load_lists(spec, instances, using))
    return [_row(spec, instance, using, readable) for instance in instances]


def _row(spec: Spec, instance: Any, using: str, unreadable: str) -> Row:
    row = Row(spec, instance, str(_id_of(spec, instance)), reason=unreadable)
    try:
        entity = in_its_unit(spec, entity_of(spec, instance), using)
        topic = None if entity.get("unitId") is None else unit_topic(spec.kind, entity["unitId"])
    except (Unfit, UnfitId) as error:
        return Row(spec, instance, row.id, reason=str(error))
    except DatabaseError:
        raise
    except Exception as error:  # a serializer or a property of the project has a fault
        return Row(spec, instance, row.id, reason=f"could not be written: {type(error).__name__}")
    marks = likeness(spec.kind).marks(entity)
    return Row(spec, instance, str(entity.get("id")), entity, topic, marks, follows=_follows(spec, entity))


def _quietly(load: Callable[[], None]) -> str:
    try:
        load()
    except DatabaseError:
        raise
    except Exception as error:
        return f"could not be read: {type(error).__name__}"
    return ""


def _id_of(spec: Spec, instance: Any) -> Any:
    bound = spec.part("id")
    return as_id(instance.pk if bound is None else bound.paths[0].value_of(instance))


def _follows(spec: Spec, entity: Entity) -> bool:
    """Entities that are written once, or have ended, stay where they were when the entity moves whose unit is theirs."""
    unit = spec.part("unitId")
    is_own = unit is not None and len(unit.paths) == 1 and len(unit.paths[0].steps) == 1
    return not is_own and (spec.row.written_once or entity.get("status") in spec.row.ended)


def _with_ids(spec: Spec, ids: Sequence[str], using: str) -> list[Any]:
    rows, lookup = stored(spec, using).order_by("pk"), id_lookup(spec)
    try:
        return read(rows.filter(**{f"{lookup}__in": list(ids)}))
    except (TypeError, ValueError, ValidationError):  # an id of another model of this kind, or of nobody
        if len(ids) == 1:
            return []
        return [row for one in ids for row in _with_ids(spec, [one], using)]
