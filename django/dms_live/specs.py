"""How one model of the DMS becomes an entity of the contract: each part of its shape is bound to a field of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db import router
from django.db.models import Model
from django.utils.module_loading import import_string

from dms_live.conf import Accessor, conf
from dms_live.faults import Fault
from dms_live.kinds import KINDS, Kind
from dms_live.paths import Path, field_of, find_path
from dms_live.prepared import Prepared
from dms_live.shapes import SHAPES, Part, part_of

#: The options of an entry in the setting MODELS.
OPTIONS = ("kind", "fields", "words", "serializer", "actions")


@dataclass(frozen=True)
class Bound:
    """A part of a shape, and the paths where the model has it. The first path that leads to a value counts."""

    part: Part
    paths: tuple[Path, ...]
    own_words: Mapping[Any, str]
    of: Spec | None = None
    #: The contract's words that values of this part were found to be.
    known: dict[str, str | None] = field(default_factory=dict, compare=False)


@dataclass
class Spec:
    """A model, its kind, and how its instances are written."""

    kind: str
    model: type[Model]
    parts: tuple[Bound, ...] = ()
    serializer: Callable[[Any], dict[str, Any]] | None = None
    actions: Callable[[dict[str, Any] | None, dict[str, Any]], Any] | None = None
    faults: list[Fault] = field(default_factory=list)
    #: Queries of this spec that are written once.
    prepared: dict[str, Prepared] = field(default_factory=dict)

    @property
    def row(self) -> Kind:
        """The kind's row in ``kinds.py``."""
        return KINDS[self.kind]

    @cached_property
    def joins(self) -> tuple[str, ...]:
        """The relations to select with an instance. Without them, writing it would take a query for each relation. What is in
        another database, such as the user of an audit entry, cannot be joined.
        """
        joins = dict.fromkeys(join for bound in self.parts for join in _joins_of(bound))
        return tuple(join for join in joins if _is_in_one_database(self.model, join))

    def part(self, name: str) -> Bound | None:
        return next((bound for bound in self.parts if bound.part.name == name), None)


def bind(kind: str, model: type[Model], options: Mapping[str, Any], others: Callable[[str, type[Model]], Spec]) -> Spec:
    """Finds each part of a kind's shape on a model. Parts that are needed and not found are among the spec's faults.

    :param others: returns the spec of another model that this one refers to.
    """
    spec = Spec(kind, model)
    fields = options.get("fields", {})
    label = model._meta.label
    for option in options:
        if option not in OPTIONS:
            spec.faults.append(
                Fault(
                    "E007",
                    f"DMS_LIVE['MODELS'][{label!r}] has an unknown option {option!r}.",
                    f"Known are {', '.join(OPTIONS)}.",
                )
            )
    spec.serializer = _imported(spec, "serializer", options)
    spec.actions = _imported(spec, "actions", options)
    for name in fields:
        if name not in {part.name for part in SHAPES[kind]}:
            known = ", ".join(part.name for part in SHAPES[kind])
            spec.faults.append(Fault("E009", f"{label}: a {kind} has no field {name!r}.", f"Its fields are {known}."))
    bound = [_bind_part(spec, part, fields.get(part.name), options.get("words", {}), others) for part in SHAPES[kind]]
    found = [part for part in bound if part is not None]
    if "unitId" not in fields:
        found = _with_unit_of_another(spec, found)
    spec.parts = tuple(found)
    spec.faults += _missing(spec, fields)
    return spec


def _with_unit_of_another(spec: Spec, parts: list[Bound]) -> list[Bound]:
    """Where an entity has no unit of its own, the unit of its crate counts, or of its request: as its kind's row says."""
    other = next((bound for bound in parts if bound.part.name == spec.row.unit_from), None)
    unit = other.of.part("unitId") if other is not None and other.of is not None else None
    if other is None or unit is None:
        return parts
    steps = [".".join((*other.paths[0].steps, *path.steps)) for path in unit.paths]
    paths = tuple(path for written in steps if (path := find_path(spec.model, written, as_id=True)) is not None)
    if not paths:
        return parts
    own = next((bound for bound in parts if bound.part.name == "unitId"), None)
    if own is None:
        # Early among the parts, as in the shape: a later part may be written by this unit.
        return [parts[0], Bound(part_of(spec.kind, "unitId"), paths, {}), *parts[1:]]
    merged = replace(own, paths=tuple(dict.fromkeys((*own.paths, *paths))))
    return [merged if bound is own else bound for bound in parts]


def _missing(spec: Spec, named: Mapping[str, Any]) -> list[Fault]:
    """The parts that are needed and were not found. A field that was named wrongly is another fault (E009)."""
    label = spec.model._meta.label
    hint = f"Say which it is: DMS_LIVE['MODELS'][{label!r}] = {{'kind': {spec.kind!r}, 'fields': {{'%s': '…'}}}}"
    return [
        Fault(
            "E008",
            f"{label}: no field for {part.name} was found; tried {', '.join(candidates_of(part))}.",
            hint % part.name,
        )
        for part in SHAPES[spec.kind]
        if part.required and spec.serializer is None and spec.part(part.name) is None and part.name not in named
    ]


def _bind_part(
    spec: Spec, part: Part, written: str | None, words: Mapping[str, Any], others: Callable[[str, type[Model]], Spec]
) -> Bound | None:
    label = spec.model._meta.label
    candidates = (written,) if written is not None else candidates_of(part)
    paths = [find_path(spec.model, candidate, as_id=part.form == "id") for candidate in candidates]
    found = [path for path in paths if path is not None and (part.form == "entities" or not path.leads_to_many)]
    if not found:
        if written is not None:
            has_many = any(path is not None for path in paths)
            spec.faults.append(
                Fault(
                    "E009",
                    f"{label}: {written!r} leads to many rows, and there is one {part.name}."
                    if has_many
                    else f"{label} has no {written!r}, which should be its {part.name}.",
                    "Name a field, property or path.",
                )
            )
        return None
    # Only the unit, which decides who gets an event, may be in several places. To guess a person would be wrong.
    paths_used = tuple(found) if part.name == "unitId" else (found[0],)
    related = getattr(found[0].field, "related_model", None) if part.of else None
    if part.of and related is None:
        return None
    own = words.get(part.name, {})
    return Bound(
        part, paths_used, own if isinstance(own, Mapping) else {}, others(part.of, related) if related else None
    )


def candidates_of(part: Part) -> tuple[str, ...]:
    """The unit of an entity is probably called as the unit of a user is: ``profile.section.code``, ``section.code``, ``code``."""
    unit = conf().unit
    if part.name != "unitId" or not isinstance(unit, str):
        return part.candidates
    steps = unit.replace("__", ".").split(".")
    ends = (".".join(steps[start:]) for start in range(len(steps)))
    return tuple(dict.fromkeys((*ends, *part.candidates)))


def _imported(spec: Spec, option: str, options: Mapping[str, Any]) -> Any:
    value = options.get(option)
    if value is None or callable(value):
        return value
    try:
        imported = import_string(value)
    except (ImportError, AttributeError, TypeError):
        imported = None
    if callable(imported):
        return imported
    spec.faults.append(
        Fault(
            "E010",
            f"{spec.model._meta.label}: the {option} {value!r} cannot be imported or called.",
            "Give a dotted path, or a callable.",
        )
    )
    return None


def _joins_of(bound: Bound) -> tuple[str, ...]:
    joins = [join for path in bound.paths for join in path.joins]
    if bound.part.form == "user":
        joins += [f"{bound.paths[0].lookup}__{join}" for join in joins_of_user()]
    if bound.part.form == "entity" and bound.of is not None:
        joins += [f"{bound.paths[0].lookup}__{join}" for join in bound.of.joins]
    return tuple(joins)


def _is_in_one_database(model: type[Model], join: str) -> bool:
    home = router.db_for_write(model)
    here: Any = model
    for step in join.split("__"):
        relation = field_of(here, step)
        here = relation.related_model if relation is not None else None
        if here is None or router.db_for_write(here) != home:
            return False
    return True


def joins_of_user() -> tuple[str, ...]:
    """The relations to select with a user, to know the role and the name."""
    paths = (user_path(accessor) for accessor in (conf().role, conf().name))
    return tuple(dict.fromkeys(join for path in paths if path is not None for join in path.joins))


@lru_cache(maxsize=16)
def user_path(accessor: Accessor, *, as_id: bool = False) -> Path | None:
    """The path to a user's unit, role or name; ``None`` for a callable."""
    return None if callable(accessor) else find_path(get_user_model(), accessor, as_id=as_id)
