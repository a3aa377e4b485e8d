"""Shows which model is of which kind, and where each field was found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dms_live.conf import conf
from dms_live.kinds import KINDS
from dms_live.likely_models import models_like, models_named_as
from dms_live.parts import through_of
from dms_live.registry import Registry, registry
from dms_live.shapes import SHAPES
from dms_live.specs import Bound, Spec


class Command(BaseCommand):
    help = "Shows which model is what kind of live event, and from which of its fields the event's are taken."
    requires_system_checks = ()  # it is needed most while a check fails

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-settings", action="store_true", help="print DMS_LIVE['MODELS'] as it probably is for this project"
        )

    def handle(self, *args: Any, as_settings: bool = False, **options: Any) -> None:
        if as_settings:
            self.stdout.write("\n".join(_settings()))
            return
        for kind, parts in SHAPES.items():
            for spec in registry().of_kind(kind):
                self.stdout.write(
                    f"\n{kind}: {spec.model._meta.label}" + (" (by its serializer)" if spec.serializer else "")
                )
                for part in parts:
                    is_needed = part.required and spec.serializer is None
                    self.stdout.write(f"  {part.name:<20} {_source_of(spec, spec.part(part.name), is_needed)}")


def _source_of(spec: Spec, bound: Bound | None, is_needed: bool) -> str:
    if bound is None:
        return "– (needed)" if is_needed else "–"
    return ", else ".join(".".join(path.steps) for path in bound.paths) + _through(spec, bound)


def _settings() -> Iterator[str]:
    """What the setting has now stays, as far as there are such models."""
    known = Registry()
    yield 'DMS_LIVE["MODELS"] = {'
    for kind in KINDS.values():
        specs = known.of_kind(kind.name)
        likely = models_named_as(kind)
        if not specs and likely:
            specs = [known.spec(kind.name, likely[0])]
        yield from (f"    {_entry(spec)}," for spec in specs)
        others = [model._meta.label for model in models_like(kind) if model not in {spec.model for spec in specs}]
        if others or not specs:
            found = f"perhaps {', '.join(others)}" if others else "no model was found"
            yield f"    # {kind.name}: {'or ' if specs and others else ''}{found}"
    yield "}"


def _entry(spec: Spec) -> str:
    label = spec.model._meta.label
    given = (conf().models or {}).get(label)
    if given is not None:
        return f'"{label}": {given!r}'
    missing = [
        part.name
        for part in SHAPES[spec.kind]
        if part.required and spec.serializer is None and spec.part(part.name) is None
    ]
    if not missing:
        return f'"{label}": "{spec.kind}"'
    fields = ", ".join(f'"{name}": "…"' for name in missing)
    return f'"{label}": {{"kind": "{spec.kind}", "fields": {{{fields}}}}}'


def _through(spec: Spec, bound: Bound) -> str:
    """The table between, whose changes are published as the owner's."""
    through = through_of(spec, bound) if bound.part.form == "entities" and bound.paths[0].field is not None else None
    return "" if through is None else f" (by {through.model._meta.label})"
