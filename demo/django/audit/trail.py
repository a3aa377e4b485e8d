"""Writes the audit trail."""

from typing import Any

from django.db import models
from django.http import HttpRequest

from accounts.models import User
from audit.models import AuditEntry

Changes = dict[str, Any]


def record(
    action: str,
    row: models.Model,
    *,
    unit_id: int,
    user: User | None = None,
    request: HttpRequest | None = None,
    changes: Changes | None = None,
) -> AuditEntry:
    """Notes an action in the transaction that carries it out.

    :param request: what was asked for by HTTP; a job has none.
    """
    return AuditEntry.objects.create(
        unit_id=unit_id,
        action=action,
        object_type=type(row).__name__,
        object_id=row.pk,
        user=user,
        ip_address=request.META.get("REMOTE_ADDR") or None if request else None,
        changes=changes,
    )


def fields_of(row: models.Model) -> Changes:
    """What a row holds, to be compared later."""
    return {field.attname: _as_json(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def changed(before: Changes, after: Changes) -> Changes:
    """``{"status": ["Pending", "Approved"]}``: of each field that differs the old value and the new one."""
    return {field: [before[field], after[field]] for field in before if before[field] != after[field]}


def _as_json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
