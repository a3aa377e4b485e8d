"""A refresh token on Simple JWT's blacklist is a logout, unless it is exchanged for a new one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import post_save
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken, TokenError
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from dms_live.actor import current_request
from dms_live.rotation import is_rotation, token_rotation
from dms_live.sessions import id_changed, revoke_token
from dms_live.uncounted import uncounted
from dms_live.users import id_of


def connect() -> None:
    """Listens to the blacklist. To know a rotation, each run of Simple JWT's refresh serializer is marked as one, whether the
    settings name it or a view does, and whether it is a subclass.
    """
    post_save.connect(after_blacklisted, sender=BlacklistedToken, dispatch_uid="dms_live_account")
    _follow_bulk_create()
    run_validation = TokenRefreshSerializer.run_validation
    if getattr(run_validation, "is_of_dms_live", False):
        return

    @wraps(run_validation)
    def run_as_rotation(self: Any, *args: Any, **named: Any) -> Any:
        with token_rotation():
            return run_validation(self, *args, **named)

    run_as_rotation.is_of_dms_live = True  # type: ignore[attr-defined]
    TokenRefreshSerializer.run_validation = run_as_rotation  # type: ignore[method-assign]


@uncounted()
def after_blacklisted(sender: Any, instance: Any, created: bool, raw: bool, using: str, **_: Any) -> None:
    """Refuses the access token that the request came with.

    Other access tokens of that session may be in use, and nobody knows which. So all tokens of the user must be renewed. The
    client that logged out cannot do that.
    """
    if not raw and created and not is_rotation():
        _log_out([instance.token], using)


def _follow_bulk_create() -> None:
    """Many tokens at once, as in "log out everywhere". Django sends no signal for them."""
    original = QuerySet.bulk_create
    if getattr(original, "is_of_dms_live", False):
        return

    @wraps(original)
    def bulk_create(self: Any, objs: Any, *args: Any, **named: Any) -> Any:
        if not issubclass(self.model, BlacklistedToken) or is_rotation():
            return original(self, objs, *args, **named)
        rows = list(objs)
        self._for_write = True
        with transaction.atomic(using=self.db, savepoint=False):  # as Django's own
            made = original(self, rows, *args, **named)
            tokens = OutstandingToken._base_manager.using(self.db).filter(pk__in=[row.token_id for row in rows])
            _log_out(tokens.select_related("user"), self.db)
        return made

    bulk_create.is_of_dms_live = True  # type: ignore[attr-defined]
    QuerySet.bulk_create = bulk_create  # type: ignore[method-assign]


@uncounted()
def _log_out(outstanding: Iterable[Any], using: str) -> None:
    for user_id in dict.fromkeys(map(_user_id_in, outstanding)):
        jti = _presented_token_of(user_id)
        if jti is not None:
            revoke_token(jti, using=using)
        if user_id is not None:
            id_changed(user_id, using=using)


def _user_id_in(outstanding: Any) -> Any:
    """The user's id as tokens have it. The row names no user if Simple JWT before 5.4 had exchanged the token."""
    if outstanding.user is not None:
        return id_of(outstanding.user)
    try:
        return RefreshToken(outstanding.token, verify=False).get(api_settings.USER_ID_CLAIM)
    except TokenError:
        return None


def _presented_token_of(user_id: Any) -> str | None:
    """The id of the access token in the current request, if it verifies and is this user's."""
    request = current_request()
    payload = None if request is None else _payload_of(request)
    if payload is None or str(payload.get(api_settings.USER_ID_CLAIM)) != str(user_id):
        return None
    jti = payload.get(api_settings.JTI_CLAIM)
    return None if jti is None else str(jti)


def _payload_of(request: Any) -> Any:
    """The claims of the access token. The view may have found it in a cookie; a view that asks for none did not look."""
    payload = getattr(getattr(request, "auth", None), "payload", None)
    if isinstance(payload, dict):
        return payload
    authentication = JWTAuthentication()
    try:
        header = authentication.get_header(request)
        raw = None if header is None else authentication.get_raw_token(header)
        return None if raw is None else authentication.get_validated_token(raw).payload
    except (TokenError, InvalidToken, AuthenticationFailed):
        return None
