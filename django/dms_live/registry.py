"""Which model of the DMS is which kind: by the setting MODELS, or found by the models' names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connections, router
from django.db.models import IntegerField, Model

from dms_live.conf import conf
from dms_live.faults import Fault
from dms_live.kinds import KINDS
from dms_live.likely_models import likely_instead, models_named_as
from dms_live.specs import Spec, bind

AS_SETTINGS = "For the whole setting: manage.py show_live_models --as-settings"


class Registry:
    """The specs of all models that events are about."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._specs: dict[tuple[str, type[Model]], Spec] = {}
        self._options: dict[type[Model], Mapping[str, Any]] = {}
        models = conf().models
        chosen = list(self._found() if models is None else self._named(models))
        for _, model, options in chosen:
            self._options[model] = options
        self._published = {model: self.spec(kind, model) for kind, model, _ in chosen}
        self.faults += self._without_triggers()
        for spec in self._specs.values():
            self.faults += [fault for fault in spec.faults if fault not in self.faults]
        self.faults += self._mixed()

    def spec(self, kind: str, model: type[Model]) -> Spec:
        """The spec of a model. The model need not be published: a crate is part of its request's events in any case."""
        if (kind, model) not in self._specs:
            self._specs[kind, model] = bind(kind, model, self._options.get(model, {}), self.spec)
        return self._specs[kind, model]

    def spec_of(self, model: type[Model]) -> Spec | None:
        """The spec by which a model is published. A proxy or child is of the same kind as its parent."""
        return next((self._published[parent] for parent in model.__mro__ if parent in self._published), None)

    def of_kind(self, kind: str) -> list[Spec]:
        return [spec for spec in self._published.values() if spec.kind == kind]

    def published(self) -> list[Spec]:
        """The specs of all published models, in the order of the kinds."""
        return [spec for kind in KINDS for spec in self.of_kind(kind)]

    def models(self) -> Iterator[type[Model]]:
        """Every model that is published, by itself or by its parent."""
        return (model for model in apps.get_models() if self.spec_of(model) is not None)

    def databases(self) -> list[str]:
        """The databases that hold an outbox: those of published models and of users, so that both are written in one
        transaction.
        """
        from dms_live.models import OutboxEntry

        models: list[type[Model]] = [*self._published, OutboxEntry, get_user_model()]
        return list(dict.fromkeys(router.db_for_write(model) for model in models))

    def _without_triggers(self) -> list[Fault]:
        """Databases of published models where ``CAPTURE`` cannot be ``"triggers"``."""
        if conf().capture != "triggers":
            return []
        aliases = dict.fromkeys(router.db_for_write(model) for model in self._published)
        return [
            Fault(
                "E014",
                f"DMS_LIVE['CAPTURE'] is 'triggers', and the database {alias!r} is no PostgreSQL.",
                "Leave it out: signals work with every database.",
            )
            for alias in aliases
            if connections[alias].vendor != "postgresql"
        ]

    def _mixed(self) -> Iterator[Fault]:
        """Two models of one kind that number their rows: clients would take one's row for the other's."""
        for several in map(self.of_kind, KINDS):
            numbered = [spec for spec in several if not spec.row.part_of and _is_numbered(spec)]
            for one, other in pairwise(numbered):
                label = other.model._meta.label
                if issubclass(other.model, one.model) or issubclass(one.model, other.model):
                    continue  # the child's row has the number of its parent's
                yield Fault(
                    "E013",
                    f"{one.model._meta.label} and {label} are both {one.kind}s and number their rows: clients would take a "
                    f"{one.kind} for another with the same number.",
                    f"Name a column whose values no other {one.kind} has, such as a UUID: "
                    f"DMS_LIVE['MODELS'][{label!r}] = {{'kind': {one.kind!r}, 'fields': {{'id': '…'}}}}",
                )

    def _found(self) -> Iterator[tuple[str, type[Model], Mapping[str, Any]]]:
        for kind, row in KINDS.items():
            matching = models_named_as(row)
            if len(matching) == 1:
                yield kind, matching[0], {}
            elif matching:
                labels = ", ".join(model._meta.label for model in matching)
                hint = f"Probably {matching[0]._meta.label!r}. {AS_SETTINGS}"
                self.faults.append(Fault("E006", f"Several models could be the {kind}: {labels}.", hint))

    def _named(self, models: Mapping[str, Any]) -> Iterator[tuple[str, type[Model], Mapping[str, Any]]]:
        for label, value in models.items():
            options: Mapping[str, Any] = value if isinstance(value, Mapping) else {"kind": value}
            kind = options.get("kind")
            if kind not in KINDS:
                hint = f"Known are {', '.join(KINDS)}."
                self.faults.append(Fault("E007", f"DMS_LIVE['MODELS'][{label!r}] has the unknown kind {kind!r}.", hint))
                continue
            try:
                yield str(kind), apps.get_model(label), options
            except (LookupError, ValueError):
                likely = likely_instead(label, KINDS[str(kind)])
                hint = f"Did you mean {likely!r}? {AS_SETTINGS}" if likely else AS_SETTINGS
                self.faults.append(Fault("E006", f"DMS_LIVE['MODELS'] names {label!r}, which is no model.", hint))


def _is_numbered(spec: Spec) -> bool:
    bound = spec.part("id")
    column: Any = spec.model._meta.pk if bound is None else bound.paths[0].field
    while getattr(column, "is_relation", False):
        column = column.target_field
    return spec.serializer is None and isinstance(column, IntegerField)


@lru_cache(maxsize=1)
def registry() -> Registry:
    return Registry()
