"""How long access tokens live."""

from __future__ import annotations

from dms_live.conf import conf
from dms_live.simple_jwt import simple_jwt

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
    jwt = simple_jwt()
    return DEFAULT_SECONDS if jwt is None else int(jwt.ACCESS_TOKEN_LIFETIME.total_seconds()) + _SLACK_SECONDS
