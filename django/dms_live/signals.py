"""What is watched: saves and deletions of published models, and their many-to-many relations."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import m2m_changed

from dms_live import deleting, parts
from dms_live.changes import Change, record, record_updates
from dms_live.kinds import KINDS
from dms_live.locks import write_first
from dms_live.registry import registry
from dms_live.rows import find
from dms_live.saving import Save, watch, watch_nothing
from dms_live.specs import Spec
from dms_live.written import as_written

_CLEARED = "_dms_live_cleared"


class Published:
    """Writes the events of a save, by comparing the row before and after. The instance itself may be deferred, half saved,
    stale, or hold expressions.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def ignored_if(self, values: dict[str, Any]) -> dict[str, Any] | None:
        return None

    def before(self, save: Save) -> Any:
        return find(self.spec, save.pk, save.using, lock=True)

    def after(self, save: Save, before: Any) -> None:
        after = None if before is None else as_written(before, save.values, save.using)
        if after is None:
            after = find(self.spec, save.pk, save.using)
        if after is not None:
            record([Change(self.spec, before, after)], save.using)


class Part:
    """Writes that the owners of a saved part are different: the crates where a document was, and where it is now."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def ignored_if(self, values: dict[str, Any]) -> dict[str, Any] | None:
        return None

    def before(self, save: Save) -> Any:
        return parts.owners_of(self.spec, [save.pk], save.using)

    def after(self, save: Save, before: Any) -> None:
        owners = {*(before or ()), *parts.owners_of(self.spec, [save.pk], save.using)}
        record_updates(self.spec.row.part_of, owners, save.using)


def connect() -> None:
    """Watches every published model. See ``saving.py`` for how little that changes."""
    deleting.install()
    for model in registry().models():
        spec = registry().spec_of(model)
        if spec is not None:
            watch(model, Part(spec) if spec.row.part_of else Published(spec))
    for kind in KINDS.values():
        for owner, bound in parts.lists_of(kind.name):
            through = getattr(getattr(owner.model, bound.paths[0].steps[-1], None), "through", None)
            if through is not None:
                m2m_changed.connect(after_parts, sender=through, dispatch_uid="dms_live")


def disconnect() -> None:
    """Stops watching."""
    watch_nothing()


def after_parts(sender: Any, instance: Any, action: str, pk_set: Any, using: str, **_: Any) -> None:
    """Documents and crates by a many-to-many relation: either side may be the instance."""
    spec = registry().spec_of(type(instance))
    if spec is None:
        return
    if action == "pre_clear" and spec.row.part_of:
        write_first(using)
        instance.__dict__[_CLEARED] = parts.owners_of(spec, [instance.pk], using)
    elif action.startswith("post_") and spec.row.part_of:
        record_updates(spec.row.part_of, pk_set or instance.__dict__.pop(_CLEARED, ()), using)
    elif action.startswith("post_"):
        record_updates(spec.kind, [instance.pk], using)
