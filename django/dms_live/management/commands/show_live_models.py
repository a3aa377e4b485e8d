"""Shows which model is what kind of event, and where each field was found."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from dms_live.registry import registry
from dms_live.shapes import SHAPES
from dms_live.specs import Bound


class Command(BaseCommand):
    help = "Shows which model is what kind of live event, and from which of its fields the event's are taken."

    def handle(self, *args: Any, **options: Any) -> None:
        for kind, parts in SHAPES.items():
            for spec in registry().of_kind(kind):
                self.stdout.write(
                    f"\n{kind}: {spec.model._meta.label}" + (" (by its serializer)" if spec.serializer else "")
                )
                for part in parts:
                    self.stdout.write(f"  {part.name:<20} {_source_of(spec.part(part.name))}")


def _source_of(bound: Bound | None) -> str:
    return "–" if bound is None else ", else ".join(".".join(path.steps) for path in bound.paths)
