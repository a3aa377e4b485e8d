"""What ``manage.py check`` says about users: their units, roles and ids, as tokens have them and as events have them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from django.contrib.auth import get_user_model

from dms_live.conf import conf
from dms_live.faults import Fault
from dms_live.registry import registry
from dms_live.simple_jwt import simple_jwt
from dms_live.specs import user_path
from dms_live.topics import UNIT_ID
from dms_live.units import reference_of, references_of_events
from dms_live.users import id_name, role_of, shown_role, unit_of
from dms_live.values import as_id

#: How many users, and how many units of each model, are read.
_READ = 200


def faults_of_users() -> Iterator[Fault]:
    """What cannot be found on the user's model, or is no single value."""
    label = get_user_model()._meta.label
    for key, accessor in (("UNIT", conf().unit), ("ROLE", conf().role), ("NAME", conf().name)):
        if callable(accessor):
            continue
        path, what = user_path(accessor), key.lower()
        if path is None:
            yield Fault(
                "E011",
                f"{label} has no {accessor!r}, which should be the user’s {what}.",
                f"Say where it is: DMS_LIVE[{key!r}] = 'profile.{what}', or a callable that takes a user.",
            )
        elif path.leads_to_many:
            yield Fault(
                "E011",
                f"{label}: {accessor!r} leads to many rows, and a user has one {what}.",
                f"Choose one of them: DMS_LIVE[{key!r}] = a callable that takes a user and returns the {what}.",
            )


def faults_of_ids() -> Iterator[Fault]:
    """An id that users do not have, or that Simple JWT does not put into tokens."""
    named, jwt = conf().user_id, simple_jwt()
    if named is None:
        return
    label = get_user_model()._meta.label
    if not hasattr(get_user_model(), named):
        yield Fault(
            "E011",
            f"{label} has no {named!r}, which should be the user’s id.",
            "DMS_LIVE['USER_ID'] names the field whose value your tokens have as the user’s id.",
        )
    elif jwt is not None and named != jwt.USER_ID_FIELD:
        yield Fault(
            "E011",
            f"Tokens have a user’s {jwt.USER_ID_FIELD} as the id, as SIMPLE_JWT['USER_ID_FIELD'] says, and events {named}.",
            "Leave DMS_LIVE['USER_ID'] out, or name the same field in both.",
        )


def faults_of_units() -> Iterator[Fault]:
    """Two models that name the same units by different columns."""
    known: dict[type, tuple[str, str]] = {}
    for label, (model, key) in references_of_events():
        other, first = known.setdefault(model, (label, key))
        if first != key:
            yield Fault(
                "E012",
                f"{other} refers to {model._meta.label} by {first}, {label} by {key}: their events go to different topics.",
                f"Name the same column for both: DMS_LIVE['MODELS'][{label!r}] = {{…, 'fields': {{'unitId': '….{first}'}}}}",
            )
    accessor = conf().unit
    path = None if callable(accessor) else user_path(accessor)
    reference = None if path is None else reference_of(path)
    if reference is not None and known.get(reference.model, ("", reference.key))[1] != reference.key:
        label, key = known[reference.model]
        yield Fault(
            "E012",
            f"Tokens name a unit by {reference.key}, as DMS_LIVE['UNIT'] says, and events by {key}, as {label} does.",
            f"DMS_LIVE['UNIT'] = {'.'.join((*path.steps[:-1], key))!r}" if path is not None else "",
        )


def warnings_of_roles() -> Iterator[Fault]:
    """Choices of which none is an administrator's."""
    accessor = conf().role
    field = None if callable(accessor) else getattr(user_path(accessor), "field", None)
    choices = getattr(field, "flatchoices", None)
    if choices:
        yield from _without_admin(
            {str(shown_role(value, field)): str(label) for value, label in choices if value not in (None, "")}
        )


def faults_in_rows(using: str) -> Iterator[Fault]:
    every = get_user_model()._base_manager.using(using)
    # Those who were there first are likely to be administrators.
    users = {user.pk: user for user in (*every.order_by("pk")[:_READ], *every.order_by("-pk")[:_READ])}
    yield from _units_in_rows([*users.values()], using)
    yield from _ids_in_rows(using)
    yield from _roles_in_rows([*users.values()], using)


def _roles_in_rows(users: list[Any], using: str) -> Iterator[Fault]:
    """Where the field has choices, those were checked without rows."""
    accessor = conf().role
    path = None if callable(accessor) else user_path(accessor)
    field = None if path is None or path.leads_to_many else path.field
    if not users or getattr(field, "choices", None):
        return
    if path is None or field is None or not field.concrete:
        roles: Iterable[Any] = (role_of(user) for user in users)
    elif field.related_model is not None:
        roles = (shown_role(role, None) for role in field.related_model._base_manager.using(using).all()[:_READ])
    else:
        found = get_user_model()._base_manager.using(using).order_by().values_list(path.lookup, flat=True)
        roles = (shown_role(role, None) for role in found.distinct()[:_READ])
    yield from _without_admin({role: "" for role in roles if role})


def _units_in_rows(users: list[Any], using: str) -> Iterator[Fault]:
    of_users = {str(unit) for user in users if (unit := unit_of(user)) is not None}
    of_events = {str(unit) for unit in _units_of_events(using)}
    for whose, units in (("tokens", of_users), ("events", of_events)):
        unfit = sorted(unit for unit in units if not UNIT_ID.fullmatch(unit))
        if unfit:
            yield Fault(
                "W009",
                f"Units in {whose}, such as {unfit[0]!r}, cannot be part of a topic’s name: nobody gets their events.",
                "Let DMS_LIVE['UNIT'] and the field unitId of MODELS lead to an id: 1 to 64 letters, digits, '-' or '_'.",
            )
    if of_users and of_events and not of_users & of_events:
        yield Fault(
            "W009",
            f"Tokens name units such as {min(of_users)!r}, events such as {min(of_events)!r}: no unit is in both.",
            "Let DMS_LIVE['UNIT'] and the field unitId of MODELS lead to the same column. With few rows it may be chance.",
        )


def _units_of_events(using: str) -> Iterator[Any]:
    """Every unit there is, where the published models refer to rows; else the units that their rows name."""
    models = {reference for _, reference in references_of_events()}
    for model, key in models:
        yield from map(as_id, model._base_manager.using(using).values_list(key, flat=True)[:_READ])
    for spec in registry().published():
        bound = spec.part("unitId")
        path = None if bound is None else bound.paths[0]
        if path is not None and path.field is not None and reference_of(path) is None:
            rows = spec.model._base_manager.using(using).order_by().values_list(path.lookup, flat=True).distinct()
            yield from (as_id(value) for value in islice(rows, _READ) if value not in (None, ""))


def _ids_in_rows(using: str) -> Iterator[Fault]:
    name = id_name()
    users = get_user_model()._base_manager.using(using)
    nameless = hasattr(get_user_model(), name) and users.filter(**{f"{name}__isnull": True}).first()
    if nameless:
        yield Fault(
            "W009",
            f"Users without {name}, which is the id in tokens, such as {nameless.pk!r}, all have the id 'None'.",
            f"Give each user a {name}.",
        )


def _without_admin(roles: dict[str, str]) -> Iterator[Fault]:
    """:param roles: the roles that tokens may have, each with its label."""
    wanted = conf().admin_roles
    if not roles or set(roles) & set(wanted):
        return
    alike = [role for role in roles if _is_alike(role, wanted)]
    if any(label in wanted for label in roles.values()):
        hint = "DMS_LIVE['ROLE'] = 'get_role_display', since the label of a choice is one."
    else:
        role = (alike or sorted(roles))[0]
        hint = (
            f"If {role!r} is one: ADMIN_ROLES={role!r} in dms-live’s environment, AUDIT_ROLES likewise, and "
            f"DMS_LIVE['ADMIN_ROLES'] = [{role!r}]."
        )
    yield Fault(
        "W008",
        f"No role is {' or '.join(map(repr, wanted))}, which is the administrators’ in dms-live: nobody sees all units.",
        hint,
    )


def _is_alike(role: str, wanted: Collection[str]) -> bool:
    letters = "".join(filter(str.isalnum, role.lower()))
    plain = {"".join(filter(str.isalnum, admin.lower())) for admin in wanted}
    return letters in plain or "admin" in letters
