"""Requests that a page makes by itself: idle time-outs leave them out, or a page that is live would never be idle."""

from __future__ import annotations

from django.http import HttpRequest

HEADER = "Dms-Live-Background"


def is_background(request: HttpRequest) -> bool:
    """Whether ``dms-live-react``, or dms-live itself, made this request in the background, and not for its user.

    It reads the header, so it works in any middleware, wherever that is in ``MIDDLEWARE``. Anybody may send the header: it can
    only end the sender's own session sooner.
    """
    return request.headers.get(HEADER) == "1"
