"""Rules from which the rows of ``kinds.py`` are made. A rule compares an entity before and after a change, both in the
contract's words, and names the action that the change is; ``None``: the rule has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Entity = dict[str, Any]
Rule = Callable[[Entity, Entity], str | None]

#: The action that only says that something is different. Within one transaction it needs no second event.
QUIET = "UPDATED"


def differs(path: str, action: str) -> Rule:
    """The value at a path, such as ``storage.id``, is another one."""
    return lambda before, after: action if value_at(before, path) != value_at(after, path) else None


def becomes(field: str, **others: str) -> Rule:
    """The field has another word. The action is called as the word is, unless ``others`` has another name for it."""

    def rule(before: Entity, after: Entity) -> str | None:
        if before.get(field) == after.get(field):
            return None
        word = str(after.get(field))
        return others.get(word, word)

    return rule


def gains(fields: tuple[str, ...], action: str) -> Rule:
    """The first of these fields that the DMS has was empty, and now has a value."""

    def rule(before: Entity, after: Entity) -> str | None:
        known = next((name for name in fields if name in before or name in after), None)
        is_gained = known is not None and before.get(known) is None and after.get(known) is not None
        return action if is_gained else None

    return rule


def value_at(entity: Entity, path: str) -> Any:
    """The value at a path, such as ``request.createdBy``; ``None`` where something on the way is missing."""
    value: Any = entity
    for name in path.split("."):
        value = (value or {}).get(name)
    return value
