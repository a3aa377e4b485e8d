"""Finds out what happened to an entity by comparing it before and after. Both are in the contract's words, not the DMS's."""

from __future__ import annotations

from dms_live.rules import QUIET, Entity
from dms_live.specs import Spec

#: The longest action that the contract allows where the DMS has words of its own, in characters.
_MAX_ACTION_LENGTH = 128


def actions_of(spec: Spec, before: Entity | None, after: Entity) -> list[str]:
    """The actions of one change, in order. An entity that is written once has an action only when it is new."""
    if spec.actions is not None:
        answer = spec.actions(before, after)
        return [answer] if isinstance(answer, str) else list(answer or ())
    if before is None:
        return [str(after[spec.row.own_action])[:_MAX_ACTION_LENGTH] if spec.row.own_action else "CREATED"]
    if spec.row.written_once:
        return []
    named = [action for rule in spec.row.changes if (action := rule(before, after)) is not None]
    return named or [QUIET]
