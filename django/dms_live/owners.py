"""Crates whose documents changed, as triggers note it: which they are, and how they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q

from dms_live.capturing import Source, is_captured
from dms_live.changes import Change
from dms_live.images import Images
from dms_live.parts import lists_of, owners_of
from dms_live.prepared import read
from dms_live.registry import registry
from dms_live.rows import stored
from dms_live.rules import QUIET
from dms_live.serialize import load_lists
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

    def as_they_were(self, owners: Iterable[tuple[Any, Any]], transaction: int) -> Iterator[tuple[Any, Any, Change]]:
        """The model, the key and the update of each owner, as it was when the transaction ended. None of one that is gone."""
        by_model: dict[Any, list[Any]] = defaultdict(list)
        for model, pk in owners:
            by_model[model].append(pk)
        for model, pks in by_model.items():
            spec = registry().spec_of(model)
            if spec is not None:
                for row in self._rows(spec, pks, transaction):
                    yield model, row.pk, Change(spec, None, row, QUIET, is_ordered=False)

    def _rows(self, spec: Spec, pks: list[Any], transaction: int) -> list[Any]:
        rows = read(stored(spec, self.using).filter(pk__in=pks).order_by("pk"))
        if is_captured(spec.model):
            history = self.images.history(spec.model, pks)
            were = [(row, history.at(row.pk, transaction, row)) for row in rows]
            self.images.load_joins(
                spec, [(transaction, was) for row, was in were if was is not None and was is not row]
            )
            rows = [was for _, was in were if was is not None]
        load_lists(spec, rows, self.using)
        return rows
