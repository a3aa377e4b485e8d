"""Shows which model is of which kind, and where each field was found."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from dms_live.parts import through_of
from dms_live.registry import registry
from dms_live.shapes import SHAPES
from dms_live.specs import Bound, Spec


class Command(BaseCommand):
    help = "Shows which model is what kind of live event, and from which of its fields the event's are taken."
    requires_system_checks = ()  # it is needed most while a check fails

    def handle(self, *args: Any, **options: Any) -> None:
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


def _through(spec: Spec, bound: Bound) -> str:
    """The table between, whose changes are published as the owner's."""
    through = through_of(spec, bound) if bound.part.form == "entities" and bound.paths[0].field is not None else None
    return "" if through is None else f" (by {through.model._meta.label})"
