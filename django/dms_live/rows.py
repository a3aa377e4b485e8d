"""Reads published rows as the database has them."""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction
from django.db.models import Func, QuerySet, TextField
from django.db.models.functions import Cast

from dms_live.specs import Spec

_SNAPSHOT = "dms_live_snapshot"


def stored(spec: Spec, using: str, *, lock: bool = False) -> QuerySet[Any]:
    """Instances with all relations that their entity needs. Managers that hide rows hide nothing here.

    :param lock: keeps others from changing the rows until the transaction ends. So the events of one entity are written in the
        order of its changes.
    """
    rows: QuerySet[Any] = QuerySet(spec.model, using=using)
    if spec.joins:  # with no names, Django would join everything
        rows = rows.select_related(*spec.joins)
    if connections[using].vendor == "postgresql":
        rows = rows.annotate(**{_SNAPSHOT: Cast(Func(function="txid_current_snapshot"), TextField())})
    return locked(rows, using) if lock else rows


def locked(rows: QuerySet[Any], using: str) -> QuerySet[Any]:
    """The same rows, kept from being changed by others until the transaction ends, where the database can lock rows."""
    features = transaction.get_connection(using).features
    if not features.has_select_for_update:
        return rows
    return rows.select_for_update(
        of=("self",) if features.has_select_for_update_of else (),
        # This lock is weaker than FOR UPDATE: others may still refer to the row, as they may during an UPDATE.
        no_key=features.has_select_for_no_key_update,
    )


def snapshot_of(instance: Any) -> str | None:
    """Which transactions the instance knows, as PostgreSQL writes it: ``795:799:796,797``. ``None`` on other databases."""
    snapshot: str | None = getattr(instance, _SNAPSHOT, None)
    return snapshot
