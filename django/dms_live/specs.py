"""How one model of the DMS becomes an entity of the contract: its shape bound to the model's own fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils.module_loading import import_string

from dms_live.conf import Accessor, conf
from dms_live.faults import Fault
from dms_live.paths import Path, find_path, first_path
from dms_live.shapes import SHAPES, Part

#: What an entry of the setting MODELS may say beside its kind.
OPTIONS = ("kind", "fields", "words", "serializer", "actions")
#: Whose unit a kind's may be, if it has none of its own.
_UNIT_OF_ANOTHER = (("request", "crate"), ("sendback", "request"))


@dataclass(frozen=True)
class Bound:
    """A part of a shape, and where the model has it: the first path that leads to something."""

    part: Part
    paths: tuple[Path, ...]
    own_words: Mapping[Any, str]
    of: Spec | None = None


@dataclass
class Spec:
    """A model, its kind, and how to write its instances."""

    kind: str
    model: type[Model]
    parts: tuple[Bound, ...] = ()
    serializer: Callable[[Any], dict[str, Any]] | None = None
    actions: Callable[[dict[str, Any] | None, dict[str, Any]], Any] | None = None
    faults: list[Fault] = field(default_factory=list)

    @cached_property
    def joins(self) -> tuple[str, ...]:
        """What to select along with an instance, so that to write it needs no query for each relation."""
        return tuple(dict.fromkeys(join for bound in self.parts for join in _joins_of(bound)))

    def part(self, name: str) -> Bound | None:
        return next((bound for bound in self.parts if bound.part.name == name), None)


def bind(kind: str, model: type[Model], options: Mapping[str, Any], others: Callable[[str, type[Model]], Spec]) -> Spec:
    """Finds each part of a kind's shape on a model; what cannot be found is among the spec's faults.

    :param others: gives the spec of another model that this one refers to.
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
        found = _with_unit_of_another(model, kind, found)
    spec.parts = tuple(found)
    spec.faults += _missing(spec, fields)
    return spec


def _with_unit_of_another(model: type[Model], kind: str, parts: list[Bound]) -> list[Bound]:
    """A request without a unit of its own is of its crate's, a send-back of its request's."""
    for other in parts:
        if other.part.form != "entity" or other.of is None or (kind, other.part.of) not in _UNIT_OF_ANOTHER:
            continue
        unit = other.of.part("unitId")
        own = next((bound for bound in parts if bound.part.name == "unitId"), None)
        steps = [".".join((*other.paths[0].steps, *path.steps)) for path in unit.paths] if unit is not None else []
        paths = tuple(path for written in steps if (path := find_path(model, written, as_id=True)) is not None)
        if not paths:
            continue
        if own is None:
            part = next(part for part in SHAPES[kind] if part.name == "unitId")
            # Where the shape has it: what comes later may be of the same unit.
            return [parts[0], Bound(part, paths, {}), *parts[1:]]
        merged = replace(own, paths=tuple(dict.fromkeys((*own.paths, *paths))))
        return [merged if bound is own else bound for bound in parts]
    return parts


def _missing(spec: Spec, named: Mapping[str, Any]) -> list[Fault]:
    """What is needed and was not found; what was named wrongly is told of elsewhere."""
    label = spec.model._meta.label
    hint = f"Say which it is: DMS_LIVE['MODELS'][{label!r}] = {{'kind': {spec.kind!r}, 'fields': {{'%s': '…'}}}}"
    return [
        Fault(
            "E008",
            f"{label}: no field for {part.name} was found; tried {', '.join(_candidates(part))}.",
            hint % part.name,
        )
        for part in SHAPES[spec.kind]
        if part.required and spec.serializer is None and spec.part(part.name) is None and part.name not in named
    ]


def _bind_part(
    spec: Spec, part: Part, written: str | None, words: Mapping[str, Any], others: Callable[[str, type[Model]], Spec]
) -> Bound | None:
    label = spec.model._meta.label
    candidates = (written,) if written is not None else _candidates(part)
    paths = [find_path(spec.model, candidate, as_id=part.form == "id") for candidate in candidates]
    found = [path for path in paths if path is not None]
    if not found:
        if written is not None:
            spec.faults.append(
                Fault(
                    "E009",
                    f"{label} has no {written!r}, which should be its {part.name}.",
                    "Name a field, property or path.",
                )
            )
        return None
    # Only what decides where an event goes is looked for in several places: to guess a person would be wrong.
    paths_used = tuple(found) if part.name == "unitId" else (found[0],)
    related = getattr(found[0].field, "related_model", None) if part.of else None
    if part.of and related is None:
        return None
    own = words.get(part.name, {})
    return Bound(
        part, paths_used, own if isinstance(own, Mapping) else {}, others(part.of, related) if related else None
    )


def _candidates(part: Part) -> tuple[str, ...]:
    """The unit of an entity is likely to be called as the user's is."""
    unit = conf().unit
    if part.name != "unitId" or not isinstance(unit, str):
        return part.candidates
    return tuple(dict.fromkeys((unit.replace("__", ".").split(".")[-1], *part.candidates)))


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


def joins_of_user() -> tuple[str, ...]:
    """What to select along with a user, to know role and name."""
    paths = (user_path(accessor) for accessor in (conf().role, conf().name))
    return tuple(dict.fromkeys(join for path in paths if path is not None for join in path.joins))


@lru_cache(maxsize=16)
def user_path(accessor: Accessor) -> Path | None:
    """Where users have their unit, role or name; ``None`` for a callable."""
    return None if callable(accessor) else first_path(get_user_model(), (accessor,))
