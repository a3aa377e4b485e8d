"""What ``manage.py check`` says about the views that make tokens."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.utils.module_loading import import_string
from rest_framework_simplejwt.settings import api_settings

from dms_live.faults import Fault
from dms_live.simple_jwt import BLACKLIST
from dms_live.token_views import TokenView, token_views
from dms_live.tokens import LiveTokenObtainPairSerializer, LiveTokenRefreshSerializer


def warnings_of_tokens() -> Iterator[Fault]:
    views = token_views()
    if not any(view.makes for view in views):
        views += _views_of_settings()
    logins = [view for view in views if view.makes and not view.refreshes]
    for view in views:
        if view.slides:
            yield Fault(
                "W007",
                f"{view.name} makes sliding tokens. dms-live takes access tokens only.",
                "Give clients of dms-live access tokens: by TokenObtainPairView, beside it or instead of it.",
            )
        elif view in logins and not view.adds_claims:
            yield Fault(
                "W005",
                f"{view.name} makes tokens without unit and role: with them, nobody sees anything in dms-live.",
                "Call dms_live.tokens.add_live_claims(token, user) where the token is made, or derive its serializer from "
                "dms_live.tokens.LiveTokenObtainPairSerializer. If dms-live asks PROFILE_URL instead, silence this warning: "
                "SILENCED_SYSTEM_CHECKS = ['dms_live.W005']",
            )
        elif view.refreshes and not view.adds_claims and any(login.adds_claims for login in logins):
            yield Fault(
                "W003",
                f"Tokens that {view.name} refreshes keep the unit and role that the user had at login.",
                "SIMPLE_JWT['TOKEN_REFRESH_SERIALIZER'] = 'dms_live.tokens.LiveTokenRefreshSerializer'; or use it, or a "
                "subclass of it, as the view's serializer_class.",
            )
        if view.blacklists and not apps.is_installed(BLACKLIST):
            yield Fault(
                "W010",
                f"{view.name} blacklists tokens, and there is no blacklist: a logout ends nothing.",
                f"INSTALLED_APPS += [{BLACKLIST!r}]; or call dms_live.revoke_user(user) at the logout.",
            )
        elif view.makes and view.blacklists and not view.is_rotation_known:
            yield Fault(
                "W006",
                f"{view.name} makes tokens and blacklists one. For dms-live that is a logout.",
                "If it exchanges a refresh token for a new one: `with dms_live.token_rotation(): token.blacklist()`. If it is a "
                "logout, silence this warning: SILENCED_SYSTEM_CHECKS = ['dms_live.W006']",
            )


def _views_of_settings() -> Iterator[TokenView]:
    """What the settings name. It counts where no URL leads to a view that makes tokens."""
    obtains, refreshes = (
        _imported(api_settings.TOKEN_OBTAIN_SERIALIZER),
        _imported(api_settings.TOKEN_REFRESH_SERIALIZER),
    )
    if issubclass(obtains, LiveTokenObtainPairSerializer):
        is_live = issubclass(refreshes, LiveTokenRefreshSerializer)
        yield _named("TOKEN_OBTAIN_SERIALIZER", refreshes=False, adds_claims=True)
        yield _named("TOKEN_REFRESH_SERIALIZER", refreshes=True, adds_claims=is_live)


def _named(setting: str, *, refreshes: bool, adds_claims: bool) -> TokenView:
    return TokenView(
        f"SIMPLE_JWT[{setting!r}]",
        makes=True,
        refreshes=refreshes,
        adds_claims=adds_claims,
        blacklists=False,
        is_rotation_known=True,
        slides=False,
    )


def _imported(path: str) -> type:
    try:
        imported = import_string(path)
    except ImportError:
        return object
    return imported if isinstance(imported, type) else object
