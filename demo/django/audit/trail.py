"""Writes the audit trail."""

from typing import Any

from django.db import models
from django.http import HttpRequest

from accounts.models import User
from audit.models import AuditEntry
from audit.words import searched_text

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
    address = request.META.get("REMOTE_ADDR") or None if request else None
    named = changes and with_names(row, changes)
    object_type = type(row).__name__
    words = searched_text(action, f"{object_type} {row.pk}", user.name if user else "", address, named)
    return AuditEntry.objects.create(
        unit_id=unit_id,
        action=action,
        object_type=object_type,
        object_id=row.pk,
        user=user,
        ip_address=address,
        changes=named,
        words=words,
    )


def with_names(row: models.Model, changes: Changes) -> Changes:
    """Whatever another row is gets its name as of now: that row may be changed or deleted later, and the entry stays true.

    ``{"approved_by_id": [None, 104]}`` becomes ``{"approved_by": [None, "Peter Osei"]}``.
    """
    relations = {field.attname: field for field in row._meta.concrete_fields if isinstance(field, models.ForeignKey)}
    named: Changes = {}
    for name, change in changes.items():
        field = relations.get(name)
        if field is None:
            named[name] = change
        else:
            found = field.related_model._base_manager.in_bulk([pk for pk in change if pk is not None])
            named[field.name] = [pk and _name_of(found.get(pk), pk) for pk in change]
    return named


def _name_of(row: models.Model | None, pk: int) -> str:
    """Of a row that is gone its id."""
    return row.name if isinstance(row, User) else str(row or pk)


def fields_of(row: models.Model) -> Changes:
    """What a row holds, to be compared later."""
    return {field.attname: _as_json(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def changed(before: Changes, after: Changes) -> Changes:
    """``{"status": ["Pending", "Approved"]}``: of each field that differs the old value and the new one."""
    return {field: [before[field], after[field]] for field in before if before[field] != after[field]}


def _as_json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
