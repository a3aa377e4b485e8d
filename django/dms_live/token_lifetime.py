"""How long tokens live."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings

from dms_live.conf import conf

#: Of tokens that others issue than Simple JWT, unless TOKEN_SECONDS says otherwise.
DEFAULT_SECONDS = 86_400
#: Tokens are accepted for a while after their end, by dms-live's TOKEN_LEEWAY_SECONDS (300 at most); and a minute for clocks that
#: differ.
_SLACK_SECONDS = 360


def token_seconds() -> int:
    """For how long a revocation must be remembered: as long as the longest-lived access token, and a little longer."""
    given = conf().token_seconds
    if given is not None:
        return given + _SLACK_SECONDS
    if hasattr(settings, "SIMPLE_JWT") or apps.is_installed("rest_framework_simplejwt"):
        from rest_framework_simplejwt.settings import api_settings

        return int(api_settings.ACCESS_TOKEN_LIFETIME.total_seconds()) + _SLACK_SECONDS
    return DEFAULT_SECONDS
