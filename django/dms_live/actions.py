"""What happened to an entity, told from how it was and how it is. Both are in the contract's words, not the DMS's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dms_live.specs import Spec

Entity = dict[str, Any]

#: To be pending again, after a correction, is an update.
_BY_STATUS = {"PENDING": "UPDATED"}
#: Actions that say nothing but that something is different: what is saved once more needs no second event.
QUIET = "UPDATED"


def actions_of(spec: Spec, before: Entity | None, after: Entity) -> list[str]:
    """The actions of one change, in order; none for what is written once and told of once."""
    if spec.actions is not None:
        answer = spec.actions(before, after)
        return [answer] if isinstance(answer, str) else list(answer or ())
    if spec.kind == "audit":
        return [str(after["action"])[:128]] if before is None else []
    if before is None:
        return ["CREATED"]
    if spec.kind == "sendback":
        return []
    return list(_changes(spec.kind, before, after)) or [QUIET]


def _changes(kind: str, before: Entity, after: Entity) -> Iterable[str]:
    if kind == "request" and _is_new(before, after, "allocationDate", "allocatedBy"):
        yield "STORAGE_ALLOCATED"
    if kind == "crate" and _storage_of(before) != _storage_of(after):
        yield "RELOCATED"
    if kind in ("request", "crate") and before.get("status") != after.get("status"):
        status = str(after.get("status"))
        yield "STATUS_CHANGED" if kind == "crate" else _BY_STATUS.get(status, status)


def _is_new(before: Entity, after: Entity, *names: str) -> bool:
    """Whether the first of these that the DMS knows has a value that it had not."""
    known = [name for name in names if name in before or name in after]
    return bool(known) and before.get(known[0]) is None and after.get(known[0]) is not None


def _storage_of(crate: Entity) -> Any:
    return (crate.get("storage") or {}).get("id")
