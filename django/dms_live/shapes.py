"""What each kind of entity looks like in an event: read from ``entities.json``, which is generated from the schema."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from dms_live.kinds import KINDS, Kind, likely_names

#: The file ``contract/entities.json``, as this app ships it.
CONTRACT: dict[str, Any] = json.loads(files("dms_live").joinpath("entities.json").read_text(encoding="utf-8"))

#: How values of a type of the schema are written; words, times and entities are recognized by :func:`_form`.
_FORMS = {
    "ID": "id",
    "String": "text",
    "Int": "whole",
    "Float": "number",
    "Boolean": "truth",
    "JSON": "json",
    "User": "user",
}


@dataclass(frozen=True)
class Part:
    """One field of an entity.

    :ivar form: how a value is written: ``id``, ``text``, ``whole``, ``number``, ``truth``, ``json``, ``word``, ``day`` (or
        instant), ``instant``, ``user``, ``entity`` (one, of kind ``of``) or ``entities``. Of a list of other values: of each.
    :ivar is_list: whether it is a list of other values than entities.
    :ivar likely: paths where the DMS may have it, the likeliest first, beside the name itself in snake case.
    :ivar words: the schema's words, each with the DMS's likely spelling.
    :ivar required: whether the model must have it.
    """

    name: str
    form: str
    likely: tuple[str, ...]
    words: Mapping[str, str]
    of: str
    required: bool
    is_list: bool = False

    @property
    def candidates(self) -> tuple[str, ...]:
        return (re.sub(r"(?=[A-Z])", "_", self.name).lower(), *self.likely)


@dataclass(frozen=True)
class EventShape:
    """How an event of a kind holds its entity."""

    entity_field: str
    is_list: bool
    #: The actions that dms-live knows; ``None``: any.
    actions: tuple[str, ...] | None


def _type_of(kind: Kind) -> str:
    if kind.name not in CONTRACT["kinds"] and not kind.entity:
        raise LookupError(f"kinds.py has a row for {kind.name!r}, of which the contract has no events")
    return kind.entity or str(CONTRACT["kinds"][kind.name]["entity"])


_KIND_OF_TYPE = {_type_of(kind): kind.name for kind in KINDS.values()}


def fields_of(kind: str) -> Mapping[str, Any]:
    """The fields of a kind's entity in the contract, by their names."""
    fields: Mapping[str, Any] = CONTRACT["entities"][_type_of(KINDS[kind])]
    return fields


def id_beside(kind: str, name: str) -> str | None:
    """The field that keeps the id of an entity which is left out: ``requestId`` beside ``request``. ``None``: there is none."""
    return next((beside for beside, given in fields_of(kind).items() if given.get("default") == f"{name}.id"), None)


def _parts_of(kind: Kind) -> tuple[Part, ...]:
    # A field with a default is the server's to fill in, from another part of the entity.
    given = fields_of(kind.name).items()
    return tuple(_part(kind, name, field) for name, field in given if "default" not in field)


def _part(kind: Kind, name: str, given: Mapping[str, Any]) -> Part:
    return Part(
        name,
        _form(kind, name, given),
        likely_names(kind, name),
        given.get("words", {}),
        _KIND_OF_TYPE.get(given["type"], ""),
        given["required"] or name in kind.needs,
        given.get("list", False) and given["type"] not in _KIND_OF_TYPE,
    )


def _form(kind: Kind, name: str, given: Mapping[str, Any]) -> str:
    if given["type"] in _KIND_OF_TYPE:
        return "entities" if given.get("list", False) else "entity"
    form: str | None
    if "words" in given:
        form = "word"
    elif given["type"] == "DateTime":
        form = "instant" if given["instant"] else "day"
    else:
        form = _FORMS.get(given["type"])
    if form is None:
        raise LookupError(
            f"{kind.name}.{name} is {given['type']}: add a row to kinds.py, or a form to shapes.py and serialize.py"
        )
    return form


#: The parts of each kind, in the order of the schema.
SHAPES = {kind.name: _parts_of(kind) for kind in KINDS.values()}

#: Of each kind that has events.
EVENTS = {
    name: EventShape(
        CONTRACT["kinds"][name]["entityField"],
        CONTRACT["kinds"][name]["isList"],
        None if CONTRACT["kinds"][name]["actions"] is None else tuple(CONTRACT["kinds"][name]["actions"]),
    )
    for name, kind in KINDS.items()
    if not kind.part_of
}


def knows_action(kind: str, action: str) -> bool:
    actions = EVENTS[kind].actions
    return actions is None or action in actions


def part_of(kind: str, name: str) -> Part:
    return next(part for part in SHAPES[kind] if part.name == name)


def words_of(kind: Kind, name: str) -> tuple[str, ...]:
    """The words of a field, in the order of the schema."""
    return tuple(part_of(kind.name, name).words)


def followers_of(kind: str) -> list[Kind]:
    """The kinds whose entities move to another unit along with one of this kind."""
    return [
        row
        for row in KINDS.values()
        if row.move is not None and row.unit_from and part_of(row.name, row.unit_from).of == kind
    ]
