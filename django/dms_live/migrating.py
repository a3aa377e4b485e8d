"""A migration may save published models before the outbox has its tables. Such a change cannot be published. It must not fail for
that either, nor be forgotten: a warning says so at once, and a failed row in the outbox as soon as there is one.

Only while ``migrate`` runs. Without tables at any other time, a save fails with the error of the database.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from dms_live.models import OutboxEntry

logger = logging.getLogger("dms_live")

#: The databases that are being migrated, and may lack the tables.
_migrating: set[str] = set()
#: The models that were changed before there were tables, in each database.
_unpublished: dict[str, dict[str, str]] = {}


def follow_migrations(app: Any) -> None:
    pre_migrate.connect(_begin, sender=app, dispatch_uid="dms_live")
    post_migrate.connect(_end, sender=app, dispatch_uid="dms_live")


def is_before_tables(using: str, changed: str, kind: str) -> bool:
    """Whether a migration changes rows before the outbox has its tables.

    :param changed: what it changes, for the warning.
    """
    if using not in _migrating:
        return False
    if _has_tables(using):
        _migrating.discard(using)
        return False
    if changed not in _unpublished.setdefault(using, {}):
        _unpublished[using][changed] = kind
        logger.warning(
            "dms_live: a migration changes %s before the outbox has its tables, and no event says so. Put "
            "('dms_live', '0004_captured_changes') among its dependencies.",
            changed,
        )
    return True


def _begin(using: str, **_: Any) -> None:
    if not _has_tables(using):
        _migrating.add(using)


def _end(using: str, **_: Any) -> None:
    from dms_live.outbox import refuse

    _migrating.discard(using)
    if using in _unpublished and _has_tables(using):
        for changed, kind in _unpublished.pop(using).items():
            refuse(kind, f"a migration changed {changed} before the outbox had its tables", using)


def _has_tables(using: str) -> bool:
    connection: Any = connections[using]
    wanted = {column.column for column in OutboxEntry._meta.concrete_fields}
    with connection.cursor() as cursor:
        if OutboxEntry._meta.db_table not in connection.introspection.table_names(cursor):
            return False
        described = connection.introspection.get_table_description(cursor, OutboxEntry._meta.db_table)
    return wanted <= {column.name for column in described}
