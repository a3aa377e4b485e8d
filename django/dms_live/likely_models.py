"""Which model of the project is probably meant: for hints, and for ``show_live_models --as-settings``."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from django.apps import apps
from django.db.models import Model

from dms_live.kinds import Kind
from dms_live.paths import find_path
from dms_live.shapes import SHAPES
from dms_live.specs import candidates_of

#: A field that is needed says more than any number of others.
_NEEDED = 100


def own_models() -> Iterator[type[Model]]:
    """The models of the project's apps, without proxies, and without Django's own."""
    for model in apps.get_models():
        if not model._meta.proxy and not model.__module__.startswith(("django.", "dms_live.", "rest_framework")):
            yield model


def models_named_as(kind: Kind) -> list[type[Model]]:
    """The models with the first of the kind's names that any model has. The one with most of its fields is first."""
    by_name = ([model for model in own_models() if plain(model.__name__) == name] for name in kind.model_names)
    return _sorted(kind, next((models for models in by_name if models), []))


def models_like(kind: Kind) -> list[type[Model]]:
    """The models that may be of a kind: by their names, or because a name of theirs contains one of the kind's."""
    named = models_named_as(kind)
    return named or _sorted(
        kind, [model for model in own_models() if any(name in plain(model.__name__) for name in kind.model_names)]
    )


def likely_instead(label: str, kind: Kind) -> str | None:
    """The label that was probably meant by one that is no model's."""
    name = label.split(".")[-1].lower()
    same = [model for model in own_models() if model._meta.model_name == name]
    found = [model._meta.label for model in (_sorted(kind, same) or models_like(kind))]
    near = get_close_matches(label, [model._meta.label for model in own_models()], n=1)
    return next(iter([*found, *near]), None)


def _sorted(kind: Kind, models: list[type[Model]]) -> list[type[Model]]:
    return sorted(models, key=lambda model: -_fit(kind, model))


def _fit(kind: Kind, model: type[Model]) -> int:
    """How many of the kind's fields are found."""
    found = [part for part in SHAPES[kind.name] if any(find_path(model, name) for name in candidates_of(part))]
    return sum(_NEEDED if part.required else 1 for part in found)


def plain(name: str) -> str:
    """The name without what differs between spellings: ``audit_trail``, ``AuditTrail``."""
    return name.replace("_", "").replace(" ", "").lower()
