"""The views of the project that make tokens, and whether those have what dms-live needs. Their code is read, and not run.

A view makes tokens by a serializer of Simple JWT's, or its code names ``for_user`` or ``access_token``, itself or in a function,
method or class of the project that it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.serializers import BaseSerializer
from rest_framework_simplejwt.serializers import TokenBlacklistSerializer, TokenObtainSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.tokens import SlidingToken, Token

from dms_live.code_reach import Reach, reach_of
from dms_live.tokens import LiveTokenObtainPairSerializer, LiveTokenRefreshSerializer

_OURS = (LiveTokenObtainPairSerializer, LiveTokenRefreshSerializer)


@dataclass(frozen=True)
class TokenView:
    """A view that makes tokens, or blacklists them."""

    name: str
    makes: bool
    #: Whether it exchanges a token for a new one, rather than a password.
    refreshes: bool
    #: Whether unit and role are written into its tokens.
    adds_claims: bool
    blacklists: bool
    #: Whether the app knows that what it blacklists is exchanged. Otherwise it is a logout.
    is_rotation_known: bool
    #: Whether its tokens are sliding ones, which dms-live does not take.
    slides: bool


def token_views() -> list[TokenView]:
    """Each view once, in the order of the URLs."""
    found: dict[str, TokenView] = {}
    for callback in _callbacks():
        view = _token_view(callback)
        if view is not None:
            found.setdefault(view.name, view)
    return list(found.values())


def _callbacks() -> Iterator[Any]:
    if not getattr(settings, "ROOT_URLCONF", None):
        return
    try:
        yield from _callbacks_in(get_resolver().url_patterns)
    except Exception:  # Django's own checks report URLs that cannot be imported
        return


def _callbacks_in(patterns: list[Any]) -> Iterator[Any]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _callbacks_in(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.callback


def _token_view(callback: Any) -> TokenView | None:
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    serializer = _serializer_of(callback, view)
    reach = reach_of([*_entries(callback, view), *([serializer] if serializer else [])], _is_followed_whole)
    makes = "for_user" in reach.names or _has(reach, TokenObtainSerializer)
    refreshes = _has(reach, TokenRefreshSerializer) or ("access_token" in reach.names and _has(reach, Token))
    blacklists = "blacklist" in reach.names or _has(reach, TokenBlacklistSerializer)
    if not makes and not refreshes and not blacklists:
        return None
    return TokenView(
        name=_name_of(callback if view is None else view),
        makes=makes or refreshes,
        refreshes=refreshes and not makes,
        adds_claims="add_live_claims" in reach.names or {"unit_id", "role"} <= reach.words or _has(reach, *_OURS),
        blacklists=blacklists,
        is_rotation_known="token_rotation" in reach.names or _has(reach, TokenRefreshSerializer),
        slides=_has(reach, SlidingToken) or (serializer is not None and _makes_sliding(serializer)),
    )


def _serializer_of(callback: Any, view: Any) -> Any:
    """The serializer that a view uses: that of its class, of ``as_view()``, or of the settings."""
    try:
        serializer = view(**getattr(callback, "initkwargs", {})).get_serializer_class()
    except Exception:  # it has none, or it depends on the request
        return None
    return serializer if isinstance(serializer, type) else None


def _entries(callback: Any, view: Any) -> list[Any]:
    """What runs first: the function, the class, or of a viewset the methods that this URL leads to."""
    actions = getattr(callback, "actions", None)
    if view is not None and actions:
        return [getattr(view, name) for name in set(actions.values()) if hasattr(view, name)]
    return [callback if view is None else view]


def _is_followed_whole(reached: type) -> bool:
    return issubclass(reached, (BaseSerializer, Token))


def _makes_sliding(serializer: type) -> bool:
    token = getattr(serializer, "token_class", None)
    return isinstance(token, type) and issubclass(token, SlidingToken)


def _has(reach: Reach, *bases: type) -> bool:
    return any(issubclass(reached, bases) for reached in reach.classes)


def _name_of(view: Any) -> str:
    while isinstance(view, partial):
        view = view.func
    return f"{view.__module__}.{getattr(view, '__name__', type(view).__name__)}"
