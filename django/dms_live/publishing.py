"""Publishes changes for which Django sends no signals: ``bulk_create``, ``bulk_update``, ``QuerySet.update``, SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import groupby
from typing import Any

from django.db import router, transaction
from django.db.models import Model, QuerySet

from dms_live.capturing import is_captured
from dms_live.changes import Change, entities_of, record, record_departures
from dms_live.locks import write_first
from dms_live.noting import note_by_hand
from dms_live.prepared import read
from dms_live.registry import registry
from dms_live.rows import stored
from dms_live.shapes import EVENTS, knows_action
from dms_live.specs import Spec
from dms_live.tracking import is_tracked, tracking
from dms_live.uncounted import uncounted
from dms_live.unpublished import published_otherwise, settle, tables_of

#: How many rows are read at once.
_ROWS_AT_ONCE = 500


def publish(instance: Model, action: str = "UPDATED", *, using: str | None = None) -> None:
    """Publishes one instance, as the database has it now. Call it in the transaction of the change.

    :param action: one of the contract's for this kind, e.g. ``APPROVED``. An audit entry names its action itself.
    :raises LookupError: if its model is not among MODELS.
    :raises ValueError: if the contract has no such action for its kind.
    """
    publish_bulk([instance], action, using=using)


@uncounted()
def publish_bulk(instances: Iterable[Model], action: str = "UPDATED", *, using: str | None = None) -> None:
    """Publishes several instances, in this order. Storage locations that were ``CREATED`` are one event for each unit.

    Example: ``with transaction.atomic(): publish_bulk(Storage.objects.bulk_create(locations), "CREATED")``
    """

    def place(instance: Model) -> tuple[type[Model], str]:
        return type(instance), using or instance._state.db or router.db_for_write(type(instance))

    for (model, alias), several in groupby(instances, place):
        spec, pks = _spec_of(model), [instance.pk for instance in several]
        own = None if spec.row.own_action else _checked(spec, action)
        if is_captured(model):
            note_by_hand(spec, pks, own, alias)
            continue
        with transaction.atomic(using=alias):
            write_first(alias)
            settle(spec.kind, alias)
            rows: dict[Any, Any] = {}
            for start in range(0, len(pks), _ROWS_AT_ONCE):
                chunk = pks[start : start + _ROWS_AT_ONCE]
                rows |= {row.pk: row for row in read(stored(spec, alias).filter(pk__in=chunk))}
            record([Change(spec, None, rows[pk], own, is_ordered=False) for pk in pks if pk in rows], alias)


@contextmanager
def tracked(queryset: QuerySet[Model]) -> Iterator[None]:
    """Publishes what happens to a queryset's rows within, as their saves and deletions would.

    Example: ``with tracked(Request.objects.filter(pk__in=ids)): Request.objects.filter(pk__in=ids).update(status="Approved")``

    All of it is one transaction. The rows are read before and after, all at once: do not pass too many.
    """
    spec, using = _spec_of(queryset.model), queryset.db
    if is_captured(queryset.model):  # the triggers publish what happens, one by one
        with transaction.atomic(using=using):
            yield
        return
    with transaction.atomic(using=using):
        with uncounted():
            write_first(using)
            sliced = queryset.query.is_sliced  # such a queryset has its order already
            pks = list((queryset if sliced else queryset.order_by("pk")).values_list("pk", flat=True))
            pks = [pk for pk in pks if not is_tracked(spec, pk, using)]
            before = {row.pk: row for row in read(stored(spec, using, lock=True).filter(pk__in=pks).order_by("pk"))}
            entities = dict(entities_of(spec, list(before.values()), using))
        with tracking(spec, pks, using), published_otherwise(tables_of(spec.kind)):
            yield
        with uncounted():
            after = {row.pk: row for row in read(stored(spec, using).filter(pk__in=pks))}
            record([Change(spec, row, after[pk]) for pk, row in before.items() if pk in after], using)
            record_departures(spec, [(pk, entity) for pk, entity in entities.items() if pk not in after], using)


def _checked(spec: Spec, action: str) -> str:
    if knows_action(spec.kind, action):
        return action
    known = EVENTS[spec.kind].actions or ()
    near = [spec.row.deleted] if action == "DELETED" and spec.row.deleted else get_close_matches(action, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"The contract has no action {action!r} for a {spec.kind}.{hint} Known are {', '.join(known)}.")


def _spec_of(model: type[Model]) -> Spec:
    spec = registry().spec_of(model)
    if spec is None or spec.row.part_of:
        raise LookupError(f"{model._meta.label} is not published: name it in DMS_LIVE['MODELS'].")
    return spec
