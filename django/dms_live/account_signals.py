"""Ends live sessions by itself when a user is deactivated, deleted, logs out, or has another password, unit or role."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.core.exceptions import FieldDoesNotExist
from django.db import connections
from django.db.models import Model, Q, QuerySet
from django.db.models.signals import m2m_changed, post_delete

from dms_live.conf import Accessor, conf
from dms_live.profiles import Profile, profiles
from dms_live.rows import locked
from dms_live.saves import Save
from dms_live.saving import watch
from dms_live.sessions import id_revoked, revoke_user, user_changed
from dms_live.simple_jwt import BLACKLIST
from dms_live.specs import joins_of_user, user_path
from dms_live.topics import SESSION
from dms_live.unpublished import notice_accounts
from dms_live.users import id_name, id_of, role_of, unit_of


class Account(NamedTuple):
    """The parts of a user that tokens depend on."""

    is_active: bool
    password: str
    unit: Any
    role: Any
    #: As tokens have it.
    id: Any


def connect() -> None:
    """Listens to users, to a profile that has their unit or role, and to Simple JWT's blacklist where it is installed."""
    user_model = get_user_model()
    for model in apps.get_models():
        if issubclass(model, user_model):
            watch(model, Users())
            post_delete.connect(after_user_deleted, sender=model, dispatch_uid="dms_live_account")
    _notice(user_model, account_columns())
    for profile in profiles():
        for model in apps.get_models():
            if issubclass(model, profile.model):
                watch(model, Profiles(profile))
        _notice(profile.model, profile.columns or ())
    groups = getattr(getattr(user_model, "groups", None), "through", None)
    if groups is not None and (callable(conf().role) or callable(conf().unit)):
        m2m_changed.connect(after_groups, sender=groups, dispatch_uid="dms_live_account")
    if apps.is_installed(BLACKLIST):
        from dms_live import logout

        logout.connect()


def _notice(model: type[Model], attnames: Container[str]) -> None:
    columns = [str(column.column) for column in model._meta.concrete_fields if column.attname in attnames]
    notice_accounts(model._meta.db_table, frozenset(columns))


def account_columns() -> frozenset[str]:
    """The user's columns that tokens depend on, as far as they are known."""
    return _columns(id_name(), conf().unit, conf().role) or frozenset({"is_active", "password"})


class Users:
    """Ends the sessions of a user who is saved with another password, unit or role, or deactivated."""

    follows_inserts = False  # a new user has no sessions
    kind = SESSION

    def ignored_if(self, values: dict[str, Any]) -> dict[str, Any] | None:
        columns = _columns(id_name(), conf().unit, conf().role)
        if columns is None:
            return {} if set(values) <= {"last_login"} else None
        return _comparable(get_user_model(), {name: value for name, value in values.items() if name in columns})

    def before(self, save: Save) -> Account | None:
        return _account(save.pk, save.using, lock=True)

    def after(self, save: Save, before: Account | None) -> None:
        after = None if before is None else _account(save.pk, save.using)
        if before is None or after is None:
            return
        if before.password != after.password and _is_same_password_hashed_again(save, before):
            after = after._replace(password=before.password)
        _end_sessions(save.instance, before, after, save.using)


class Profiles:
    """Ends the sessions of users whose profile is saved with another unit or role."""

    follows_inserts = False
    kind = SESSION

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def ignored_if(self, values: dict[str, Any]) -> dict[str, Any] | None:
        columns = self.profile.columns
        if columns is None:
            return None
        return _comparable(self.profile.model, {name: value for name, value in values.items() if name in columns})

    def before(self, save: Save) -> Accounts:
        rows: QuerySet[Any] = QuerySet(self.profile.model, using=save.using)
        if connections[save.using].features.has_select_for_update:
            list(locked(rows.filter(pk=save.pk), save.using))  # its own row, before the accounts are read
        return accounts_of(self._users_of(save), save.using)

    def after(self, save: Save, before: Accounts | None) -> None:
        end_sessions_of_changed(before or {}, save.using)

    def _users_of(self, save: Save) -> Q:
        return self.profile.users_of(Q(pk=save.pk), save.using)


Accounts = dict[Any, Account]


def accounts_of(users: Q, using: str) -> Accounts:
    """The accounts of some users, by their keys."""
    joins = joins_of_user()
    rows: QuerySet[Any] = QuerySet(get_user_model(), using=using)
    rows = rows.select_related(*joins) if joins else rows
    return {user.pk: _account_of(user) for user in rows.filter(users)}


def end_sessions_of_changed(before: Accounts, using: str) -> None:
    """Ends the sessions of those who have another unit or role now. Of those who are gone, others end them."""
    after = accounts_of(Q(pk__in=list(before)), using) if before else {}
    for pk, account in after.items():
        _end_sessions(pk, before[pk], account, using)


def after_user_deleted(sender: Any, instance: Any, using: str, **_: Any) -> None:
    revoke_user(instance, using=using)


def after_groups(sender: Any, instance: Any, action: str, reverse: bool, pk_set: Any, using: str, **_: Any) -> None:
    """A role that is computed may come from a group."""
    if action in ("post_add", "post_remove", "post_clear"):
        for user in (pk_set or ()) if reverse else [instance]:
            user_changed(user, using=using)


def _end_sessions(user: Any, before: Account, after: Account, using: str) -> None:
    is_out = (before.is_active and not after.is_active) or before.password != after.password
    if is_out or before.id != after.id:
        id_revoked(before.id, using=using)
    elif (before.unit, before.role) != (after.unit, after.role):
        user_changed(user, using=using)


def _account(pk: Any, using: str, *, lock: bool = False) -> Account | None:
    """The account as the database has it. The instance that was saved may be half loaded, or stale.

    :param lock: keeps others from changing it until the transaction ends. Otherwise a change that is committed between our two
        reads, and written back by this save, would be missed.
    """
    if pk is None:
        return None
    users: QuerySet[Any] = QuerySet(get_user_model(), using=using)
    joins = joins_of_user()
    users = (users.select_related(*joins) if joins else users).filter(pk=pk)
    user = next(iter(locked(users, using) if lock else users), None)
    return None if user is None else _account_of(user)


def _account_of(user: Any) -> Account:
    return Account(user.is_active, user.password, unit_of(user), role_of(user), id_of(user))


@lru_cache(maxsize=16)
def _columns(name_of_id: str, *accessors: Accessor) -> frozenset[str] | None:
    """The user's columns that an account depends on. ``None``: nobody knows, since the unit or role is computed."""
    columns = {"is_active", "password"}
    if name_of_id != "pk":
        ids = {column.attname for column in get_user_model()._meta.concrete_fields if column.name == name_of_id}
        if not ids:
            return None  # the id is a property
        columns |= ids
    for accessor in accessors:
        path = user_path(accessor)
        if path is None:
            return None
        step = path.steps[0]
        if step.startswith("get_") and step.endswith("_display"):
            step = step[len("get_") : -len("_display")]
        try:
            first = get_user_model()._meta.get_field(step)
        except FieldDoesNotExist:
            if not any(step == relation.get_accessor_name() for relation in get_user_model()._meta.related_objects):
                return None
            continue  # it is a column of the profile, whose saves are watched as well
        if first.concrete:
            columns.add(first.attname)
    return frozenset(columns)


def _is_same_password_hashed_again(save: Save, before: Account) -> bool:
    """Django hashes the same password again at a login, if its hashing is stronger now. It then saves the hash alone. A project
    that hashes a new password itself does the same, but hardly ever while the old hash is outdated.
    """
    is_hash_alone = set(save.values) == {"password"} and getattr(save.instance, "_password", None) is None
    return is_hash_alone and _is_outdated(before.password)


def _is_outdated(encoded: str) -> bool:
    """As ``verify_password()`` decides it at a login."""
    preferred = get_hasher()
    try:
        hasher = identify_hasher(encoded)
    except ValueError:  # not usable, or of a hasher that is gone: no login gets as far
        return False
    return hasher.algorithm != preferred.algorithm or preferred.must_update(encoded)


def _comparable(model: type[Model], values: dict[str, Any]) -> dict[str, Any] | None:
    """The values, if the database can say whether a row has them already."""
    is_known = all(
        _compares_exactly(model, name) and not hasattr(value, "resolve_expression") for name, value in values.items()
    )
    return values if is_known else None


@lru_cache(maxsize=32)
def _compares_exactly(model: type[Model], attname: str) -> bool:
    """Whether the database compares a column letter by letter. A field of the project's own may not be comparable at all (it
    encrypts), and a collation may ignore case.
    """
    column: Any = next(column for column in model._meta.concrete_fields if column.attname == attname)
    while column.is_relation:
        if not type(column).__module__.startswith("django.db.models.fields"):
            return False
        column = column.target_field
    return type(column).__module__ == "django.db.models.fields" and not getattr(column, "db_collation", None)
