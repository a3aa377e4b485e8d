"""Ends live sessions by itself when a user is deactivated, deleted, logs out, or has another password, unit or role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from dms_live.conf import conf
from dms_live.sessions import id_revoked, revoke_user, user_changed
from dms_live.signals import save_in_a_transaction
from dms_live.simple_jwt import BLACKLIST
from dms_live.specs import user_path
from dms_live.users import id_of, role_of, unit_of

_BEFORE = "_dms_live_account"


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
            save_in_a_transaction(model)
            pre_save.connect(before_user, sender=model, dispatch_uid="dms_live_account")
            post_save.connect(after_user, sender=model, dispatch_uid="dms_live_account")
            post_delete.connect(after_user_deleted, sender=model, dispatch_uid="dms_live_account")
    for profile, _ in _profiles():
        save_in_a_transaction(profile)
        pre_save.connect(before_profile, sender=profile, dispatch_uid="dms_live_account")
        post_save.connect(after_profile, sender=profile, dispatch_uid="dms_live_account")
    groups = getattr(getattr(user_model, "groups", None), "through", None)
    if groups is not None and (callable(conf().role) or callable(conf().unit)):
        m2m_changed.connect(after_groups, sender=groups, dispatch_uid="dms_live_account")
    if apps.is_installed(BLACKLIST):
        from dms_live import logout

        logout.connect()


def before_user(sender: Any, instance: Any, raw: bool, using: str, update_fields: Any, **_: Any) -> None:
    is_login = update_fields is not None and set(update_fields) <= {"last_login"}
    if not raw and not is_login:
        setattr(instance, _BEFORE, _account(instance.pk, using))


def after_user(sender: Any, instance: Any, raw: bool, using: str, update_fields: Any, **_: Any) -> None:
    before = instance.__dict__.pop(_BEFORE, None)
    if raw or before is None:
        return
    after = _account(instance.pk, using)
    if after is None:
        return
    if before.password != after.password and _is_same_password_hashed_again(instance, update_fields):
        after = after._replace(password=before.password)
    _end_sessions(instance, before, after, using)


def after_user_deleted(sender: Any, instance: Any, using: str, **_: Any) -> None:
    revoke_user(instance, using=using)


def before_profile(sender: Any, instance: Any, raw: bool, using: str, **_: Any) -> None:
    if not raw:
        setattr(instance, _BEFORE, _account(_owner_of(sender, instance), using))


def after_profile(sender: Any, instance: Any, raw: bool, using: str, **_: Any) -> None:
    before = instance.__dict__.pop(_BEFORE, None)
    pk = _owner_of(sender, instance)
    after = None if raw or before is None else _account(pk, using)
    if before is not None and after is not None:
        _end_sessions(pk, before, after, using)


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


def _account(pk: Any, using: str) -> Account | None:
    """The account as the database has it. The instance that was saved may be half loaded, or stale."""
    user: Any = None if pk is None else get_user_model()._base_manager.using(using).filter(pk=pk).first()
    if user is None:
        return None
    return Account(user.is_active, user.password, unit_of(user), role_of(user), id_of(user))


def _is_same_password_hashed_again(user: Any, update_fields: Any) -> bool:
    """Django hashes the same password again at a login, if its hashing is stronger now. It then saves the hash alone."""
    return update_fields is not None and set(update_fields) == {"password"} and getattr(user, "_password", None) is None


def _profiles() -> Iterator[tuple[type[Model], Any]]:
    """The models on a path such as ``profile.unit`` that have one user each, and their relation to the user."""
    seen = set()
    for accessor in (conf().unit, conf().role):
        path = user_path(accessor)
        if path is None or not path.joins:
            continue
        for relation in get_user_model()._meta.related_objects:
            if (
                relation.one_to_one
                and relation.get_accessor_name() == path.steps[0]
                and relation.related_model not in seen
            ):
                seen.add(relation.related_model)
                yield relation.related_model, relation


def _owner_of(sender: Any, profile: Any) -> Any:
    return next((getattr(profile, relation.field.attname) for model, relation in _profiles() if model is sender), None)
