"""Simple JWT tokens with unit, role and name, which are read again at each refresh. For SIMPLE_JWT's settings see README."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.module_loading import import_string
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken, TokenError
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken
from rest_framework_simplejwt.utils import aware_utcnow

from dms_live.actor import current_request
from dms_live.sessions import revoke_token, user_changed
from dms_live.users import name_of, role_of, unit_of

_rotating: ContextVar[bool] = ContextVar("dms_live_rotating", default=False)


def add_live_claims(token: Any, user: Any) -> None:
    """Adds ``unit_id``, ``role`` and ``name`` to a token, and so to the access tokens made from it."""
    token["unit_id"] = unit_of(user)
    token["role"] = role_of(user)
    token["name"] = name_of(user)


class LiveTokenObtainPairSerializer(TokenObtainPairSerializer):
    """``SIMPLE_JWT["TOKEN_OBTAIN_SERIALIZER"]``: makes tokens that contain all that dms-live needs."""

    @classmethod
    def get_token(cls, user: Any) -> Any:
        token = super().get_token(user)
        # The user is read after the token got its time of issue. If the unit changes meanwhile, the token either has the
        # new unit or is refused.
        add_live_claims(token, get_user_model()._base_manager.get(pk=user.pk))
        return token


class LiveTokenRefreshSerializer(TokenRefreshSerializer):
    """``SIMPLE_JWT["TOKEN_REFRESH_SERIALIZER"]``: reads unit and role again.

    Simple JWT's own serializer copies them from the refresh token, as they were at login. A user who moved would still see the
    old unit.
    """

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        issued_at = aware_utcnow()
        try:
            with _rotation():
                data: dict[str, str] = super().validate(attrs)
            access = AccessToken(data["access"])  # type: ignore[arg-type]
            user = get_user_model()._base_manager.get(
                **{api_settings.USER_ID_FIELD: access[api_settings.USER_ID_CLAIM]}
            )
        except get_user_model().DoesNotExist as error:
            raise InvalidToken() from error
        if not api_settings.USER_AUTHENTICATION_RULE(user):
            raise AuthenticationFailed(str(self.error_messages["no_active_account"]), "no_active_account")
        access.set_iat(at_time=issued_at)
        add_live_claims(access, user)
        return {**data, "access": str(access)}


def after_blacklisted(sender: Any, instance: Any, created: bool, raw: bool, using: str, **_: Any) -> None:
    """Treats a refresh token that is blacklisted, and not only rotated, as a logout.

    The access token that the request came with is refused. Other access tokens of that session may be in use, and nobody knows
    which. So all tokens of the user must be renewed. The client that logged out cannot do that.
    """
    if raw or not created or _rotating.get() or _is_rotated_elsewhere():
        return
    user_id = instance.token.user_id
    jti = _presented_token_of(user_id)
    if jti is not None:
        revoke_token(jti, using=using)
    if user_id is not None:
        user_changed(user_id, using=using)


@contextmanager
def _rotation() -> Iterator[None]:
    token = _rotating.set(True)
    try:
        yield
    finally:
        _rotating.reset(token)


def _is_rotated_elsewhere() -> bool:
    """Whether each refresh blacklists a token by a serializer that is not ours, so that it looks like a logout."""
    if not (api_settings.ROTATE_REFRESH_TOKENS and api_settings.BLACKLIST_AFTER_ROTATION):
        return False
    return not refreshes_claims()


def refreshes_claims() -> bool:
    """Whether Simple JWT is set to refresh by our serializer, or by a subclass of it."""
    try:
        serializer = import_string(api_settings.TOKEN_REFRESH_SERIALIZER)
    except ImportError:
        return False
    return isinstance(serializer, type) and issubclass(serializer, LiveTokenRefreshSerializer)


def _presented_token_of(user_id: Any) -> str | None:
    """The id of the access token in the current request, if it verifies and is this user's."""
    request = current_request()
    if request is None:
        return None
    authentication = JWTAuthentication()
    try:
        header = authentication.get_header(request)  # type: ignore[arg-type]
        raw = None if header is None else authentication.get_raw_token(header)
        token: Any = None if raw is None else authentication.get_validated_token(raw)
    except (TokenError, InvalidToken, AuthenticationFailed):
        return None
    if token is None or str(token.get(api_settings.USER_ID_CLAIM)) != str(user_id):
        return None
    jti = token.get(api_settings.JTI_CLAIM)
    return None if jti is None else str(jti)
