"""Hears of what the DMS saves and deletes."""

from __future__ import annotations

from typing import Any

from django.db import router, transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from dms_live.changes import find, noting_failures, record, record_crate, record_departure
from dms_live.registry import registry
from dms_live.serialize import entity_of
from dms_live.specs import Spec

_BEFORE = "_dms_live_before"
_CRATES = "_dms_live_crates"


def connect() -> None:
    """Listens to every published model. Their saves become transactions where they were none: see README, guarantees."""
    for model in registry().models():
        pre_save.connect(before_save, sender=model, dispatch_uid="dms_live")
        post_save.connect(after_save, sender=model, dispatch_uid="dms_live")
        pre_delete.connect(before_delete, sender=model, dispatch_uid="dms_live")
        post_delete.connect(after_delete, sender=model, dispatch_uid="dms_live")
        save_in_a_transaction(model)
    for spec in registry().of_kind("crate"):
        documents = spec.part("documents")
        through = (
            getattr(getattr(spec.model, documents.paths[0].steps[-1], None), "through", None) if documents else None
        )
        if through is not None:
            m2m_changed.connect(after_documents, sender=through, dispatch_uid="dms_live")


def disconnect() -> None:
    """Listens no longer."""
    for model in registry().models():
        for signal in (pre_save, post_save, pre_delete, post_delete):
            signal.disconnect(sender=model, dispatch_uid="dms_live")


def before_save(sender: type[Model], instance: Any, raw: bool, using: str, **_: Any) -> None:
    spec = registry().spec_of(sender)
    if raw or spec is None:
        return
    setattr(instance, _BEFORE, find(spec, instance.pk, using, lock=True))
    setattr(instance, _CRATES, _crates_of(spec, instance, using))


def after_save(sender: type[Model], instance: Any, raw: bool, using: str, **_: Any) -> None:
    """Reads the row back: an instance may be deferred, half saved, stale, or hold expressions."""
    spec = registry().spec_of(sender)
    if raw or spec is None:
        return
    before = instance.__dict__.pop(_BEFORE, None)
    if spec.kind == "document":
        _touch_crates({*instance.__dict__.pop(_CRATES, ()), *_crates_of(spec, instance, using)}, using)
        return
    instance.__dict__.pop(_CRATES, None)
    after = find(spec, instance.pk, using)
    if after is not None:
        record(spec, before, after, using)


def before_delete(sender: type[Model], instance: Any, using: str, **_: Any) -> None:
    spec = registry().spec_of(sender)
    if spec is None or not _is_own_row(spec, sender):
        return
    setattr(instance, _CRATES, _crates_of(spec, instance, using))
    if spec.kind not in ("crate", "storage", "request"):
        return
    before = find(spec, instance.pk, using, lock=True)
    if before is not None:
        with noting_failures(spec.kind, using):
            setattr(instance, _BEFORE, entity_of(spec, before))  # while all that belongs to it is there


def after_delete(sender: type[Model], instance: Any, using: str, origin: Any = None, **_: Any) -> None:
    spec = registry().spec_of(sender)
    if spec is None or not _is_own_row(spec, sender):
        return
    entity = instance.__dict__.pop(_BEFORE, None)
    crates = instance.__dict__.pop(_CRATES, ())
    if spec.kind == "document":
        # Of a crate that is deleted with its documents nothing more is to be said.
        if registry().spec_of(getattr(origin, "model", type(origin))) is spec:
            _touch_crates(crates, using)
    elif entity is not None:
        record_departure(spec, entity, instance.pk, using)


def _is_own_row(spec: Spec, sender: type[Model]) -> bool:
    """Of a child with a table of its own Django deletes, and signals, two rows; ``keep_parents`` leaves the parent's."""
    return sender._meta.concrete_model is spec.model._meta.concrete_model


def after_documents(sender: Any, instance: Any, action: str, pk_set: Any, using: str, **_: Any) -> None:
    """Documents and crates by a many-to-many relation."""
    spec = registry().spec_of(type(instance))
    if spec is None or not action.startswith("post_"):
        return
    if spec.kind == "crate":
        _touch_crates([instance.pk], using)
    elif spec.kind == "document":
        _touch_crates(pk_set or (), using)


def _crates_of(spec: Spec, document: Any, using: str) -> list[Any]:
    if spec.kind != "document" or document.pk is None:
        return []
    found: list[Any] = []
    for crates in registry().of_kind("crate"):
        documents = crates.part("documents")
        if documents is not None:
            rows = crates.model._base_manager.using(using)
            found += rows.filter(**{documents.paths[0].field.name: document.pk}).values_list("pk", flat=True)
    return found


def _touch_crates(pks: Any, using: str) -> None:
    for crates in registry().of_kind("crate"):
        for pk in sorted(set(pks), key=str):
            record_crate(crates, pk, using)


def save_in_a_transaction(model: Any) -> None:
    """Django sends ``post_save`` outside the transaction of a save that has one only for itself: the change would be
    committed, and its event lost by whatever ends the process in between. So such a save gets a transaction around both.
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
