"""What is watched: saves and deletions of published models, and their many-to-many relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.db.models import Model, Q

from dms_live import deleting, parts
from dms_live.additions import watch_additions
from dms_live.capturing import is_captured
from dms_live.changes import Change, record, record_updates
from dms_live.locks import write_first_when_selected_for_update
from dms_live.migrating import is_before_tables
from dms_live.outbox import refuse
from dms_live.parts import Owners
from dms_live.registry import registry
from dms_live.saves import Save, is_watched, watch_nothing
from dms_live.saving import watch
from dms_live.serialize import find
from dms_live.specs import Spec
from dms_live.statements import follow_no_statements, follow_statements
from dms_live.tracking import is_tracked
from dms_live.uncounted import uncounted
from dms_live.unpublished import follow_connections, follow_no_connections, settle
from dms_live.written import as_written


class Published:
    """Writes the events of a save, by comparing the row before and after. The instance itself may be deferred, half saved,
    stale, or hold expressions.
    """

    follows_inserts = True

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @property
    def kind(self) -> str:
        return self.spec.kind

    def ignored_if(self, values: dict[str, Any]) -> dict[str, Any] | None:
        return None

    def before(self, save: Save) -> Any:
        return None if self._is_tracked(save) else find(self.spec, save.pk, save.using, lock=True)

    def after(self, save: Save, before: Any) -> None:
        if self._is_tracked(save):
            return
        after = None if before is None else as_written(before, save.values, save.using)
        if after is None:
            after = find(self.spec, save.pk, save.using)
        if after is not None:
            record([Change(self.spec, before, after)], save.using)
        elif before is None:
            refuse(self.spec.kind, "the new row was not found by its key", save.using, pk=save.pk)

    def _is_tracked(self, save: Save) -> bool:
        return is_tracked(self.spec, save.pk, save.using)


class Part:
    """Writes that the owners of a saved part are different: the crates where a document was, and where it is now."""

    follows_inserts = True

    def __init__(self, kind: str, owners_of: Callable[[Q, str], Owners], *, may_move: bool = True) -> None:
        self.kind, self.owners_of, self.may_move = kind, owners_of, may_move

    def ignored_if(self, values: dict[str, Any]) -> dict[str, Any] | None:
        return None

    def before(self, save: Save) -> Owners:
        return self.owners_of(Q(pk=save.pk), save.using) if self.may_move else set()

    def after(self, save: Save, before: Owners | None) -> None:
        owners = {*(before or ()), *self.owners_of(Q(pk=save.pk), save.using)}
        record_updates(self.kind, owners, save.using)


def connect() -> None:
    """Watches every published model that triggers do not. See ``saving.py`` for how little that changes."""
    deleting.install()
    write_first_when_selected_for_update(is_watched)
    follow_connections()
    follow_statements()
    for model in registry().models():
        spec = None if is_captured(model) else registry().spec_of(model)
        if spec is not None and spec.row.part_of:
            owners_of = partial(parts.owners_of, spec)
            watch(model, Part(spec.row.part_of, owners_of, may_move=parts.names_its_owner(spec)))
        elif spec is not None:
            watch(model, Published(spec))
    for through in parts.throughs().values():
        if is_captured(through.model):
            continue
        watch(through.model, Part(through.owner, through.owners_of))
        watch_additions(through.model, added)


def disconnect() -> None:
    """Stops watching."""
    watch_nothing()
    follow_no_connections()
    follow_no_statements()


@uncounted()
def added(model: Any, instance: Model, pks: Iterable[Any], using: str) -> None:
    """Documents were added to crates, or crates to documents. Django saves none of them. What is removed is a deletion.

    :param model: the table between.
    """
    through = parts.throughs().get(model)
    if through is None or is_captured(model):
        return
    if is_before_tables(using, model._meta.label, through.owner):
        return
    settle(through.part, using)
    spec = registry().spec_of(type(instance))
    is_owner = spec is not None and spec.kind == through.owner
    record_updates(through.owner, [(through.owner_model, pk) for pk in ([instance.pk] if is_owner else pks)], using)
