"""Who may do what, and where."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import Role, Unit, User

Row = TypeVar("Row", bound=models.Model)


class HasRole(BasePermission):
    """Lets in those whose role the view names in ``roles``, by method; System Admins always."""

    message = "Your role does not allow this."

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not isinstance(user, User):
            return False
        roles = getattr(view, "roles", {}).get(request.method)
        return roles is None or user.is_system_admin or user.role in roles


CREATORS = (Role.SECTION_HEAD, Role.SECTION_CLERK)
STORE = (Role.STORE_HEAD,)
CHECKERS = (Role.QC,)
NOBODY: tuple[Role, ...] = ()


def user_of(request: Request) -> User:
    """The user of a request that has passed authentication."""
    if not isinstance(request.user, User):
        raise TypeError("not signed in")
    return request.user


def require_signature(user: User, signature: str) -> None:
    """A signature is the user's password."""
    if not user.check_password(signature):
        raise ValidationError({"detail": "The signature is wrong."})


def visible(rows: models.QuerySet[Row], request: Request) -> models.QuerySet[Row]:
    """The rows of a list: of the own unit, or, for System Admins, of all units or of ``?unit=``."""
    return seen_by(rows, user_of(request), unit_asked(request))


def seen_by(rows: models.QuerySet[Row], user: User, unit: int | None = None) -> models.QuerySet[Row]:
    """The rows that somebody may see.

    :param unit: only those of this unit, where a System Admin asks for one.
    """
    if not user.is_system_admin:
        return rows.filter(unit_id=user.unit_id) if user.unit_id else rows.none()
    return rows.filter(unit_id=unit) if unit is not None else rows


def may_see(user: User, row: Any) -> bool:
    """As :func:`seen_by`, of one row that has a unit."""
    return user.is_system_admin or row.unit_id == user.unit_id


def unit_asked(request: Request) -> int | None:
    """Whose rows ``visible`` lets through: a unit's, or ``None``, those of all units."""
    return unit_for(user_of(request), request.query_params.get("unit"))


def unit_for(user: User, named: object) -> int | None:
    """The own unit, or for a System Admin the one that is named, if one is. Another unit than the own one is refused."""
    if user.is_system_admin:
        return known_unit(named).pk if named else None
    if named and str(named) != str(user.unit_id):
        raise PermissionDenied("You may only see your own unit.")
    return user.unit_id


def known_unit(named: object) -> Unit:
    """The unit that is named."""
    unit = Unit.objects.filter(pk=number_of(named, "unit")).first()
    if unit is None:
        raise ValidationError({"detail": f"unit: there is no {named}."})
    return unit


def unit_to_work_in(request: Request) -> Unit:
    """Where something new goes: into the own unit, or the one that a System Admin names by ``unit``."""
    body = body_of(request)
    unit = unit_for(user_of(request), body.get("unit") or body.get("unit_id"))
    if unit is None:
        raise ValidationError({"detail": "unit: say for which unit."})
    return known_unit(unit)


def body_of(request: Request) -> dict[str, Any]:
    """The fields of a request's body."""
    if not isinstance(request.data, dict):
        raise ValidationError({"detail": "The body must be an object."})
    return request.data


# No row has one that is larger: the databases keep ids in 64 bits, and refuse to compare them with more.
LARGEST_ID = 2**63 - 1


def number_of(written: object, field: str) -> int:
    """An id as a client writes it: a number, or a string of one."""
    number = id_in(str(written))
    if number is None:
        raise ValidationError({"detail": f"{field}: {str(written)[:40]} is no id."})
    return number


def id_in(text: str) -> int | None:
    """The id that a text is, if it is one."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))):
        return None
    return int(text) if int(text) <= LARGEST_ID else None


def text_of(given: Mapping[str, Any], name: str) -> str:
    """A text that a client asks for, without the spaces around it."""
    text = str(given.get(name) or "").strip()
    if "\0" in text:  # PostgreSQL has no such character
        raise ValidationError({"detail": f"{name}: Null characters are not allowed."})
    return text


def one_of(words: list[str], given: Mapping[str, Any], name: str) -> str | None:
    """One of some words; None where nothing is asked for, or ``all``."""
    asked = text_of(given, name)
    if asked in ("", "all"):
        return None
    if asked not in words:
        raise ValidationError({"detail": f"{name}: one of {', '.join(words)}."})
    return asked
