"""Crates whose documents changed, as triggers note it: which they are, and their events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from dms_live.capturing import Source, is_captured
from dms_live.changes import Change, drafts_of
from dms_live.images import Images
from dms_live.outbox import Draft
from dms_live.parts import lists_of, owners_of
from dms_live.registry import registry
from dms_live.rules import QUIET
from dms_live.serialize import find, load_lists
from dms_live.specs import Spec


class Owners:
    """Finds the owners of parts, for a batch of changes."""

    def __init__(self, images: Images, using: str) -> None:
        self.images, self.using = images, using

    def of(self, source: Source, before: Any, after: Any) -> Iterator[tuple[Any, Any]]:
        """The model and the key of each owner that a changed row is a part of, or was."""
        rows = [row for row in (before, after) if row is not None]
        if source.through is not None:
            column = source.model._meta.get_field(source.through.link)
            for row in rows:
                yield from self._named(source.through.owner_model, column, row)
        elif source.spec is not None and source.spec.row.part_of:
            yield from self._of_part(source.spec, rows)

    def _of_part(self, spec: Spec, rows: list[Any]) -> Iterator[tuple[Any, Any]]:
        has_table_between = False
        for owner, bound in lists_of(spec.kind):
            relation = bound.paths[0].field
            if relation.many_to_many:
                has_table_between = True
                continue
            for row in rows:
                yield from self._named(owner.model, relation.field, row)
        if has_table_between and len(rows) == 2:  # a new document is in no crate, one that is gone in none any more
            yield from owners_of(spec, Q(pk=rows[-1].pk), self.using)

    def _named(self, model: Any, column: Any, row: Any) -> Iterator[tuple[Any, Any]]:
        """The owner that a row names in a column."""
        value = getattr(row, column.attname)
        if value is not None and not column.target_field.primary_key:
            owner = column.related_model._base_manager.using(self.using).filter(**{column.target_field.name: value})
            value = owner.values_list("pk", flat=True).first()
        if value is not None:
            yield model, value

    def drafts(self, model: Any, pk: Any, transaction: int) -> list[Draft]:
        """The update of an owner, as it was when the transaction ended. Nothing if it was not there."""
        spec = registry().spec_of(model)
        row = None if spec is None else find(spec, pk, self.using)
        if spec is None or row is None:
            return []
        if is_captured(spec.model):
            was = self.images.history(spec.model, [pk]).at(pk, transaction, row)
            if was is not None and was is not row:
                self.images.load_joins(spec, [(transaction, was)])
            row = was
        if row is None:
            return []
        load_lists(spec, [row], self.using)
        return drafts_of(Change(spec, None, row, QUIET, is_ordered=False), self.using)
