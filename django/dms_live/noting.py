"""``publish()`` where triggers note changes: it names the action of a change, or adds an event without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections, transaction

from dms_live.actor import current_actor_id
from dms_live.models import CapturedChange
from dms_live.running import running_transaction
from dms_live.specs import Spec


def note_by_hand(spec: Spec, pks: Sequence[Any], action: str | None, using: str) -> None:
    """Notes rows as they are now, beside what the triggers have noted of them in this transaction."""
    connection, meta = connections[using], spec.model._meta
    quote = connection.ops.quote_name
    actor = current_actor_id()
    key = quote(str(meta.pk.column))
    wanted = [meta.pk.get_db_prep_value(pk, connection) for pk in pks]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(CapturedChange._meta.db_table)}"
            " (model, operation, key, after, action, actor, transaction, at, is_done)"
            f" SELECT %s, 'P', row.{key}::text, to_jsonb(row), %s, %s, txid_current(), clock_timestamp(), false"
            f" FROM {quote(meta.db_table)} AS row WHERE row.{key} = ANY(%s)"
            f" ORDER BY array_position(%s::text[], row.{key}::text)",  # before PostgreSQL 14, both must have the same type
            [meta.label, action or "", "" if actor is None else str(actor), wanted, [str(pk) for pk in wanted]],
        )
        running_transaction(using)
