"""Publishes changes for which Django sends no signals: ``bulk_create``, ``bulk_update``, ``QuerySet.update``, SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from django.db import router, transaction
from django.db.models import Model, QuerySet

from dms_live.changes import Change, entities_of, record, record_departures
from dms_live.locks import write_first
from dms_live.registry import registry
from dms_live.rows import stored
from dms_live.specs import Spec

#: How many rows are read at once.
_ROWS_AT_ONCE = 500


def publish(instance: Model, action: str = "UPDATED", *, using: str | None = None) -> None:
    """Publishes one instance, as the database has it now. Call it in the transaction of the change.

    :param action: one of the contract's for this kind, e.g. ``APPROVED``. An audit entry names its action itself.
    :raises LookupError: if its model is not among MODELS.
    """
    publish_bulk([instance], action, using=using)


def publish_bulk(instances: Iterable[Model], action: str = "UPDATED", *, using: str | None = None) -> None:
    """Publishes several instances, in this order. Storage locations that were ``CREATED`` are one event for each unit.

    Example: ``with transaction.atomic(): publish_bulk(Storage.objects.bulk_create(locations), "CREATED")``
    """

    def place(instance: Model) -> tuple[type[Model], str]:
        return type(instance), using or instance._state.db or router.db_for_write(type(instance))

    for (model, alias), several in groupby(instances, place):
        spec, pks = _spec_of(model), [instance.pk for instance in several]
        with transaction.atomic(using=alias):
            write_first(alias)
            rows: dict[Any, Any] = {}
            for start in range(0, len(pks), _ROWS_AT_ONCE):
                chunk = pks[start : start + _ROWS_AT_ONCE]
                rows |= {row.pk: row for row in stored(spec, alias).filter(pk__in=chunk)}
            own = None if spec.row.own_action else action
            record([Change(spec, None, rows[pk], own, is_ordered=False) for pk in pks if pk in rows], alias)


@contextmanager
def tracked(queryset: QuerySet[Model]) -> Iterator[None]:
    """Publishes what happens to a queryset's rows within, as their saves and deletions would.

    Example: ``with tracked(Request.objects.filter(pk__in=ids)): Request.objects.filter(pk__in=ids).update(status="Approved")``

    All of it is one transaction. The rows are read before and after, all at once: do not pass too many.
    """
    spec, using = _spec_of(queryset.model), queryset.db
    with transaction.atomic(using=using):
        write_first(using)
        pks = list(queryset.order_by("pk").values_list("pk", flat=True))
        before = {row.pk: row for row in stored(spec, using, lock=True).filter(pk__in=pks).order_by("pk")}
        entities = dict(entities_of(spec, list(before.values()), using))
        yield
        after = {row.pk: row for row in stored(spec, using).filter(pk__in=pks)}
        record([Change(spec, row, after[pk]) for pk, row in before.items() if pk in after], using)
        record_departures(spec, [(pk, entity) for pk, entity in entities.items() if pk not in after], using)


def _spec_of(model: type[Model]) -> Spec:
    spec = registry().spec_of(model)
    if spec is None or spec.row.part_of:
        raise LookupError(f"{model._meta.label} is not published: name it in DMS_LIVE['MODELS'].")
    return spec
