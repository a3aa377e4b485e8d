"""Publishes what a Django document management system commits to dms-live. See README.md for settings and guarantees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dms_live.actor import acting_as
    from dms_live.background import is_background
    from dms_live.publishing import publish, publish_bulk, tracked
    from dms_live.rotation import token_rotation
    from dms_live.sessions import revoke_access_of, revoke_token, revoke_user, user_changed
    from dms_live.versions import list_version, live_version

_HOMES = {
    "acting_as": "dms_live.actor",
    "is_background": "dms_live.background",
    "list_version": "dms_live.versions",
    "live_version": "dms_live.versions",
    "publish": "dms_live.publishing",
    "publish_bulk": "dms_live.publishing",
    "tracked": "dms_live.publishing",
    "token_rotation": "dms_live.rotation",
    "revoke_access_of": "dms_live.sessions",
    "revoke_token": "dms_live.sessions",
    "revoke_user": "dms_live.sessions",
    "user_changed": "dms_live.sessions",
}

__all__ = [
    "acting_as",
    "is_background",
    "list_version",
    "live_version",
    "publish",
    "publish_bulk",
    "revoke_access_of",
    "revoke_token",
    "revoke_user",
    "token_rotation",
    "tracked",
    "user_changed",
]


def __getattr__(name: str) -> Any:
    """Imports on first use: Django imports this package before its models may be."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
