"""Simple JWT's settings, in projects that use it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings

BLACKLIST = "rest_framework_simplejwt.token_blacklist"


def simple_jwt() -> Any:
    """Simple JWT's settings; ``None`` if the project does not use it."""
    is_used = hasattr(settings, "SIMPLE_JWT") or any(
        apps.is_installed(name) for name in ("rest_framework_simplejwt", BLACKLIST)
    )
    if not is_used:
        return None
    from rest_framework_simplejwt.settings import api_settings

    return api_settings
