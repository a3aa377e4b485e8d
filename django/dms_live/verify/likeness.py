"""What of an entity is compared: the fields that events must report when they change.

A request's event contains its crate, and the crate's status may change without an event of the request. The crate has events of
its own. So an entity of another kind, or a user, counts by its id alone. Fields that are computed, or that are columns of other
tables, are left out: a change there makes no event of this entity.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from dms_live.events import MAX_BYTES, to_json
from dms_live.kinds import KINDS, Kind
from dms_live.registry import Registry, registry
from dms_live.rules import Entity
from dms_live.shapes import SHAPES, Part
from dms_live.specs import Bound, Spec

#: How long the mark of one field is: 24 bits, in hexadecimal digits.
_LENGTH = 6
#: The mark of a field that is not there: nobody knows its value.
_UNKNOWN = "." * _LENGTH
#: A message that is larger than this may have left something out (``Kind.sheds``).
_MAY_SHED = MAX_BYTES - 8 * 1024
_OTHERS = re.compile(r"[^a-z0-9]")


class Likeness:
    """Compares entities of one kind by their marks: a short digest of each field."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        specs = registry().of_kind(kind.name)
        parts = [part for part in SHAPES[kind.name] if part.name not in ("id", "unitId")]
        self.parts = [part for part in parts if any(_has(spec, part) for spec in specs) and _all_own(specs, part)]
        self.names = [part.name for part in self.parts]
        self.left_out = [
            part.name for part in parts if part not in self.parts and any(_has(spec, part) for spec in specs)
        ]
        self.sheds = "" if "." in kind.sheds else kind.sheds

    @property
    def form(self) -> str:
        """Marks of two runs are comparable if their forms are the same."""
        return _mark([self.kind.name, *([part.name, part.form] for part in self.parts)])

    def marks(self, entity: Entity) -> str:
        return "".join(
            _mark(_plain(part, entity[part.name])) if part.name in entity else _UNKNOWN for part in self.parts
        )

    def differing(self, was: str, now: str, entity: Entity) -> list[str]:
        """The names of the fields that differ.

        :param entity: the entity as it is now.
        """
        if was == now:
            return []
        return [
            name
            for name, one, other in zip(self.names, _each(was), _each(now), strict=False)
            if one != other and _UNKNOWN not in (one, other) and not self._may_be_shed(name, one, entity)
        ]

    def _may_be_shed(self, name: str, was: str, entity: Entity) -> bool:
        return name == self.sheds and was == _NOTHING and len(to_json(entity)) > _MAY_SHED


def likeness(kind: str) -> Likeness:
    return _likeness(kind, registry())


@lru_cache(maxsize=32)
def _likeness(kind: str, _: Registry) -> Likeness:
    return Likeness(KINDS[kind])


def digest(value: Any) -> str:
    """The mark of a value that JSON can express."""
    return _mark(value)


def _each(marks: str) -> Iterator[str]:
    return (marks[start : start + _LENGTH] for start in range(0, len(marks), _LENGTH))


def _mark(value: Any) -> str:
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return blake2b(written.encode("utf-8", "surrogatepass"), digest_size=_LENGTH // 2).hexdigest()


_NOTHING = _mark(None)


def _plain(part: Part, value: Any) -> Any:
    """The value as it is compared. Publishers may spell ids and words in several ways."""
    if value is None:
        return None
    if part.form == "entities":
        return [_plain_entity(part.of, one) for one in value]
    if part.is_list:
        return [_plain_scalar(part, one) for one in value]
    return _plain_scalar(part, value)


def _plain_scalar(part: Part, value: Any) -> Any:
    if part.form in ("entity", "user"):
        return str(value["id"])
    if part.form == "id":
        return str(value)
    return _OTHERS.sub("", str(value).lower()) if part.form == "word" else value


def _plain_entity(kind: str, entity: Entity) -> list[Any]:
    inner = likeness(kind)
    return [str(entity.get("id")), *(_plain(part, entity.get(part.name)) for part in inner.parts)]


def _has(spec: Spec, part: Part) -> bool:
    return spec.serializer is not None or spec.part(part.name) is not None


def _all_own(specs: list[Spec], part: Part) -> bool:
    """Whether each model reports a change of this field. What a serializer of the project writes, it has to report."""
    bounds = (spec.part(part.name) for spec in specs if spec.serializer is None)
    return all(_is_own(bound) for bound in bounds if bound is not None)


def _is_own(bound: Bound) -> bool:
    path = bound.paths[0]
    if len(path.steps) != 1 or path.field is None:
        return False
    if bound.part.form == "entities":
        of = bound.of
        return of is not None and any(of.model is spec.model for spec in registry().of_kind(of.kind))
    return bool(path.field.concrete) and not path.leads_to_many and not getattr(path.field, "auto_now", False)
