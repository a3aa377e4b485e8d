"""Publishes changes for which Django sends no signals: ``bulk_create``, ``bulk_update``, ``QuerySet.update``, SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import router, transaction
from django.db.models import Model, QuerySet

from dms_live.changes import find, noting_failures, record, record_departure, stored
from dms_live.locks import write_first
from dms_live.registry import registry
from dms_live.serialize import entity_of
from dms_live.specs import Spec


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
    for instance in instances:
        spec = _spec_of(type(instance))
        alias = using or instance._state.db or router.db_for_write(type(instance))
        with transaction.atomic(using=alias):
            write_first(alias)
            after = find(spec, instance.pk, alias)
            if after is not None:
                record(spec, None, after, alias, action=None if spec.row.own_action else action)


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
        entities = {}
        for pk, row in before.items():
            with noting_failures(spec.kind, using):
                entities[pk] = entity_of(spec, row)
        yield
        after = {row.pk: row for row in stored(spec, using).filter(pk__in=pks)}
        for pk, row in before.items():
            if pk in after:
                record(spec, row, after[pk], using)
            elif pk in entities:
                record_departure(spec, entities[pk], pk, using)


def _spec_of(model: type[Model]) -> Spec:
    spec = registry().spec_of(model)
    if spec is None or spec.row.part_of:
        raise LookupError(f"{model._meta.label} is not published: name it in DMS_LIVE['MODELS'].")
    return spec
