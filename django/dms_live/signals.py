"""Receives Django's signals of what the DMS saves and deletes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import router, transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from dms_live.changes import find, noting_failures, record, record_departure, record_update
from dms_live.kinds import KINDS
from dms_live.registry import registry
from dms_live.serialize import entity_of
from dms_live.specs import Bound, Spec

_BEFORE = "_dms_live_before"
_OWNERS = "_dms_live_owners"


def connect() -> None:
    """Listens to every published model. A save outside any transaction gets one of its own: see README, guarantees."""
    for model in registry().models():
        pre_save.connect(before_save, sender=model, dispatch_uid="dms_live")
        post_save.connect(after_save, sender=model, dispatch_uid="dms_live")
        pre_delete.connect(before_delete, sender=model, dispatch_uid="dms_live")
        post_delete.connect(after_delete, sender=model, dispatch_uid="dms_live")
        save_in_a_transaction(model)
    for kind in KINDS.values():
        for owner, parts in _owners_of(kind.name):
            through = getattr(getattr(owner.model, parts.paths[0].steps[-1], None), "through", None)
            if through is not None:
                m2m_changed.connect(after_parts, sender=through, dispatch_uid="dms_live")


def disconnect() -> None:
    """Stops listening to published models."""
    for model in registry().models():
        for signal in (pre_save, post_save, pre_delete, post_delete):
            signal.disconnect(sender=model, dispatch_uid="dms_live")


def before_save(sender: type[Model], instance: Any, raw: bool, using: str, **_: Any) -> None:
    spec = registry().spec_of(sender)
    if raw or spec is None:
        return
    setattr(instance, _BEFORE, find(spec, instance.pk, using, lock=True))
    setattr(instance, _OWNERS, _owners_that_have(spec, instance, using))


def after_save(sender: type[Model], instance: Any, raw: bool, using: str, **_: Any) -> None:
    """Reads the row again: an instance may be deferred, half saved, stale, or hold expressions."""
    spec = registry().spec_of(sender)
    if raw or spec is None:
        return
    before = instance.__dict__.pop(_BEFORE, None)
    owners = instance.__dict__.pop(_OWNERS, ())
    if spec.row.part_of:
        _record_owners(spec.row.part_of, {*owners, *_owners_that_have(spec, instance, using)}, using)
        return
    after = find(spec, instance.pk, using)
    if after is not None:
        record(spec, before, after, using)


def before_delete(sender: type[Model], instance: Any, using: str, **_: Any) -> None:
    spec = registry().spec_of(sender)
    if spec is None or not _is_own_row(spec, sender):
        return
    setattr(instance, _OWNERS, _owners_that_have(spec, instance, using))
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


def _owners_that_have(spec: Spec, instance: Any, using: str) -> list[Any]:
    """The keys of the crates that a document lies in. What is no part of anything has no owners."""
    found: list[Any] = []
    for owner, parts in _owners_of(spec.kind) if instance.pk is not None else ():
        rows = owner.model._base_manager.using(using)
        found += rows.filter(**{parts.paths[0].field.name: instance.pk}).values_list("pk", flat=True)
    return found


def _record_owners(kind: str, pks: Any, using: str) -> None:
    for owner in registry().of_kind(kind):
        for pk in sorted(set(pks), key=str):
            record_update(owner, pk, using)


def save_in_a_transaction(model: Any) -> None:
    """Puts a save that is outside any transaction, and its signals, into one.

    Django ends the transaction of such a save before it sends ``post_save``. If the process died in between, the change would be
    committed and its event lost.
    """
    save_base = model.save_base
    if getattr(save_base, "is_of_dms_live", False):
        return

    def save_with_events(
        self: Any,
        raw: bool = False,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Any = None,
    ) -> None:
        alias = using or router.db_for_write(type(self), instance=self)
        if transaction.get_connection(alias).in_atomic_block:
            save_base(self, raw, force_insert, force_update, alias, update_fields)
            return
        with transaction.atomic(using=alias):
            save_base(self, raw, force_insert, force_update, alias, update_fields)

    save_with_events.is_of_dms_live = True  # type: ignore[attr-defined]
    model.save_base = save_with_events
