"""Simple JWT tokens with unit, role and name, which are read again at each refresh. For SIMPLE_JWT's settings see README."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import router
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.utils import aware_utcnow

from dms_live.rotation import token_rotation
from dms_live.users import name_of, role_of, unit_of


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
        add_live_claims(token, _stored(pk=user.pk))
        return token


class LiveTokenRefreshSerializer(TokenRefreshSerializer):
    """``SIMPLE_JWT["TOKEN_REFRESH_SERIALIZER"]``: reads unit and role again.

    Simple JWT's own serializer copies them from the refresh token, as they were at login. A user who moved would still see the
    old unit.
    """

    # Simple JWT has had this message since 5.4.
    default_error_messages = {"no_active_account": _("No active account found for the given token.")}

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        issued_at = aware_utcnow()
        try:
            with token_rotation():
                data: dict[str, str] = super().validate(attrs)
            access = self.token_class.access_token_class(data["access"])  # type: ignore[arg-type]
            user = _stored(**{api_settings.USER_ID_FIELD: access[api_settings.USER_ID_CLAIM]})
        except get_user_model().DoesNotExist as error:
            raise InvalidToken() from error
        if not api_settings.USER_AUTHENTICATION_RULE(user):
            raise AuthenticationFailed(str(self.error_messages["no_active_account"]), "no_active_account")
        access.set_iat(at_time=issued_at)
        add_live_claims(access, user)
        return {**data, "access": str(access)}


def _stored(**by: Any) -> Any:
    """The user as the database has it, and not a replica of it."""
    return get_user_model()._base_manager.using(router.db_for_write(get_user_model())).get(**by)
