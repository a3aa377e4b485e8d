"""How long access tokens live."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings

from dms_live.conf import conf

#: The lifetime of tokens that are not Simple JWT's, unless TOKEN_SECONDS says otherwise.
DEFAULT_SECONDS = 86_400
#: dms-live accepts tokens for a while after their end: TOKEN_LEEWAY_SECONDS, 300 at most. A minute is added, since clocks
#: differ.
_SLACK_SECONDS = 360


def token_seconds() -> int:
    """How long a revocation must be remembered: a little longer than any access token lives."""
    given = conf().token_seconds
    if given is not None:
        return given + _SLACK_SECONDS
    if hasattr(settings, "SIMPLE_JWT") or apps.is_installed("rest_framework_simplejwt"):
        from rest_framework_simplejwt.settings import api_settings

        return int(api_settings.ACCESS_TOKEN_LIFETIME.total_seconds()) + _SLACK_SECONDS
    return DEFAULT_SECONDS
