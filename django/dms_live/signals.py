"""Receives Django's signals of what the DMS saves and deletes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.signals import m2m_changed, post_delete, pre_delete

from dms_live.changes import find, noting_failures, record, record_departure, record_update
from dms_live.kinds import KINDS
from dms_live.locks import write_first
from dms_live.registry import registry
from dms_live.saving import Save, watch, watch_nothing
from dms_live.serialize import entity_of
from dms_live.specs import Bound, Spec

_BEFORE = "_dms_live_before"
_OWNERS = "_dms_live_owners"


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
        after = find(self.spec, save.pk, save.using)
        if after is not None:
            record(self.spec, before, after, save.using)


class Part:
    """Writes that the owners of a saved part are different: the crates where a document was, and where it is now."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def ignored_if(self, values: dict[str, Any]) -> dict[str, Any] | None:
        return None

    def before(self, save: Save) -> Any:
        return _owners_that_have(self.spec, save.pk, save.using)

    def after(self, save: Save, before: Any) -> None:
        owners = {*(before or ()), *_owners_that_have(self.spec, save.pk, save.using)}
        _record_owners(self.spec.row.part_of, owners, save.using)


def connect() -> None:
    """Watches every published model. See ``saving.py`` for how little that changes."""
    for model in registry().models():
        spec = registry().spec_of(model)
        if spec is None:
            continue
        watch(model, Part(spec) if spec.row.part_of else Published(spec))
        pre_delete.connect(before_delete, sender=model, dispatch_uid="dms_live")
        post_delete.connect(after_delete, sender=model, dispatch_uid="dms_live")
    for kind in KINDS.values():
        for owner, parts in _owners_of(kind.name):
            through = getattr(getattr(owner.model, parts.paths[0].steps[-1], None), "through", None)
            if through is not None:
                m2m_changed.connect(after_parts, sender=through, dispatch_uid="dms_live")


def disconnect() -> None:
    """Stops watching published models."""
    watch_nothing()
    for model in registry().models():
        for signal in (pre_delete, post_delete):
            signal.disconnect(sender=model, dispatch_uid="dms_live")


def before_delete(sender: type[Model], instance: Any, using: str, **_: Any) -> None:
    spec = registry().spec_of(sender)
    if spec is None or not _is_own_row(spec, sender):
        return
    write_first(using)
    setattr(instance, _OWNERS, _owners_that_have(spec, instance.pk, using))
    if not spec.row.deleted:
        return
    before = find(spec, instance.pk, using, lock=True)
    if before is not None:
        with noting_failures(spec.kind, using):
            setattr(instance, _BEFORE, entity_of(spec, before))  # its documents are still there


def after_delete(sender: type[Model], instance: Any, using: str, origin: Any = None, **_: Any) -> None:
    spec = registry().spec_of(sender)
    if spec is None or not _is_own_row(spec, sender):
        return
    entity = instance.__dict__.pop(_BEFORE, None)
    owners = instance.__dict__.pop(_OWNERS, ())
    if spec.row.part_of:
        # A crate that is deleted together with its documents has an event of its own.
        if registry().spec_of(getattr(origin, "model", type(origin))) is spec:
            _record_owners(spec.row.part_of, owners, using)
    elif entity is not None:
        record_departure(spec, entity, instance.pk, using)


def _is_own_row(spec: Spec, sender: type[Model]) -> bool:
    """Of a child with a table of its own, Django deletes and signals two rows. With ``keep_parents`` the parent's row stays."""
    return sender._meta.concrete_model is spec.model._meta.concrete_model


def after_parts(sender: Any, instance: Any, action: str, pk_set: Any, using: str, **_: Any) -> None:
    """Documents and crates by a many-to-many relation: either side may be the instance."""
    spec = registry().spec_of(type(instance))
    if spec is None or not action.startswith("post_"):
        return
    if spec.row.part_of:
        _record_owners(spec.row.part_of, pk_set or (), using)
    else:
        _record_owners(spec.kind, [instance.pk], using)


def _owners_of(kind: str) -> Iterator[tuple[Spec, Bound]]:
    """The models whose entities contain those of this kind, and the field: crates, and their documents."""
    for owner in registry().of_kind(KINDS[kind].part_of):
        parts = next((bound for bound in owner.parts if bound.part.of == kind), None)
        if parts is not None:
            yield owner, parts


def _owners_that_have(spec: Spec, pk: Any, using: str) -> list[Any]:
    """The keys of the crates that a document lies in. What is no part of anything has no owners."""
    found: list[Any] = []
    for owner, parts in _owners_of(spec.kind) if pk is not None else ():
        rows: QuerySet[Any] = QuerySet(owner.model, using=using)
        found += rows.filter(**{parts.paths[0].field.name: pk}).values_list("pk", flat=True)
    return found


def _record_owners(kind: str, pks: Any, using: str) -> None:
    for owner in registry().of_kind(kind):
        for pk in sorted(set(pks), key=str):
            record_update(owner, pk, using)
