"""Users as events and tokens have them."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import override

from dms_live.conf import Accessor, conf
from dms_live.specs import user_path
from dms_live.values import as_id


def unit_of(user: Any) -> int | str | None:
    """The id of the user's unit."""
    return as_id(_read(user, conf().unit))


def role_of(user: Any) -> str | None:
    """The user's role as the field holds it. For a number it is the choice's label, not translated; for a row, its name."""
    role = _read(user, conf().role)
    path = user_path(conf().role)
    if path is not None and isinstance(role, int) and getattr(path.field, "choices", None):
        with override(None):
            role = dict(path.field.flatchoices).get(role, role)
            return str(role) if role else None
    if isinstance(role, Model):
        role = getattr(role, "name", role)
    return str(role) if role else None


def name_of(user: Any) -> str | None:
    name = _read(user, conf().name)
    return str(name or user.get_username()) or None


def shape_user(user: Any) -> dict[str, Any] | None:
    """A user in an event; ``None`` for nobody and for the anonymous."""
    if user is None or getattr(user, "pk", None) is None:
        return None
    return {"id": as_id(user), "name": name_of(user), "role": role_of(user)}


def _read(user: Any, accessor: Accessor) -> Any:
    if callable(accessor):
        return accessor(user)
    path = user_path(accessor)
    return None if path is None else path.value_of(user)
