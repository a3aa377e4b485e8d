"""Ends live sessions: of a token, of a user, of a user whose unit or role has changed."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import router
from django.db.models import Model
from django.http import HttpRequest

from dms_live.outbox import write_session
from dms_live.topics import SESSION
from dms_live.uncounted import uncounted
from dms_live.unpublished import settle
from dms_live.users import id_of
from dms_live.values import as_id


def revoke_user(user: Any, *, using: str | None = None) -> None:
    """Refuses all tokens that this user has now. For a user who has a new password, is deactivated or is deleted.

    :param user: the user, or the primary key.
    """
    alias = using or _database()
    id_revoked(_id_in_tokens(user, alias), using=alias)


def user_changed(user: Any, *, using: str | None = None) -> None:
    """Refuses this user's present tokens, which have the old unit or role. Open connections get a new token and go on.

    :param user: the user, or the primary key.
    """
    alias = using or _database()
    id_changed(_id_in_tokens(user, alias), using=alias)


def id_revoked(user_id: Any, *, using: str) -> None:
    """The same for a user who is known by the id that tokens have."""
    write_session({"action": "REVOKED", "userId": as_id(user_id)}, using)
    settle(SESSION, using)


def id_changed(user_id: Any, *, using: str) -> None:
    write_session({"action": "CHANGED", "userId": as_id(user_id)}, using)
    settle(SESSION, using)


def revoke_token(jti: str, *, using: str | None = None) -> None:
    """Refuses one token, by its id."""
    write_session({"action": "REVOKED", "jti": str(jti)}, using or _database())


def revoke_access_of(request: HttpRequest, *, using: str | None = None) -> bool:
    """Refuses the access token that a request came with. For a logout view of your own.

    :param request: Django's or REST framework's, authenticated by Simple JWT.
    :returns: ``False`` if it came with no token.
    """
    payload = getattr(getattr(request, "auth", None), "payload", None)
    jti = payload.get("jti") if isinstance(payload, dict) else None
    if jti is None:
        return False
    revoke_token(jti, using=using)
    return True


@uncounted()
def _id_in_tokens(user: Any, using: str) -> Any:
    """The id that tokens have, which need not be the primary key."""
    if isinstance(user, Model):
        return id_of(user)
    try:
        row = get_user_model()._base_manager.using(using).filter(pk=user).first()
    except (TypeError, ValueError, ValidationError):  # no primary key: it is that id already
        return user
    return user if row is None else id_of(row)


def _database() -> str:
    return router.db_for_write(get_user_model())
