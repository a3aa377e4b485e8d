"""Users as events and tokens have them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldError, ValidationError
from django.db import router
from django.db.models import Model, QuerySet
from django.utils.translation import override

from dms_live.conf import Accessor, conf
from dms_live.simple_jwt import simple_jwt
from dms_live.specs import joins_of_user, user_path
from dms_live.units import refers_by_key, unit_id_of
from dms_live.values import as_id


def id_of(user: Any) -> int | str | None:
    """The user's id as tokens have it: what ``USER_ID`` names, or Simple JWT's ``USER_ID_FIELD``, else the primary key."""
    # Users that Simple JWT makes of a token alone have nothing but that id, as their primary key.
    value = getattr(user, id_name(), None)
    return as_id(user.pk if value is None else value)


def id_name() -> str:
    """The user's attribute that tokens have as the id."""
    named, jwt = conf().user_id, simple_jwt()
    if named is not None:
        return named
    return "pk" if jwt is None else str(jwt.USER_ID_FIELD)


def unit_of(user: Any) -> int | str | None:
    """The id of the user's unit, as events name it."""
    accessor = conf().unit
    column = None if callable(accessor) else user_path(accessor, as_id=True)
    if column is not None and refers_by_key(column):
        return as_id(column.value_of(user))  # without a query for the unit itself
    return unit_id_of(_read(user, accessor))


def role_of(user: Any) -> str | None:
    """The user's role as the field holds it. For a number it is the choice's label, not translated; for a row, its name."""
    path = None if callable(conf().role) else user_path(conf().role)
    return shown_role(_read(user, conf().role), None if path is None else path.field)


def shown_role(role: Any, field: Any) -> str | None:
    """A value of the field as tokens have it."""
    if isinstance(role, int) and getattr(field, "choices", None):
        with override(None):
            role = dict(field.flatchoices).get(role, role)
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
    return {"id": id_of(user), "name": name_of(user), "role": role_of(user)}


def actors_of(ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Users in events, by their ids as text. Of a user who is gone only the id is known."""
    wanted = {each for each in ids if each}
    if not wanted:
        return {}
    users: QuerySet[Any] = QuerySet(get_user_model(), using=router.db_for_read(get_user_model()))
    joins = joins_of_user()
    users = users.select_related(*joins) if joins else users
    found = _users_by_id(users, list(wanted))
    return {each: found.get(each) or {"id": each, "name": None, "role": None} for each in wanted}


def _users_by_id(users: QuerySet[Any], ids: list[str]) -> dict[str, dict[str, Any] | None]:
    try:
        return {str(id_of(user)): shape_user(user) for user in users.filter(**{f"{id_name()}__in": ids})}
    except (
        FieldError,
        TypeError,
        ValueError,
        ValidationError,
    ):  # an id that is a property, or that another program made up
        several = ids if len(ids) > 1 else []
        return {key: user for one in several for key, user in _users_by_id(users, [one]).items()}


def _read(user: Any, accessor: Accessor) -> Any:
    if callable(accessor):
        return accessor(user)
    path = user_path(accessor)
    return None if path is None or path.leads_to_many else path.value_of(user)
