"""Remembers the request while it is answered: events know the acting user, views whether a user has made it, and the answer names
the events.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from dms_live.actor import during
from dms_live.background import is_background
from dms_live.caused import HEADER, gathering, header_of


class ActingUserMiddleware:
    """May be anywhere in MIDDLEWARE. It works under WSGI and ASGI.

    What comes after it in MIDDLEWARE, and the views, find ``request.live_background``: see :func:`is_background`.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        request.live_background = is_background(request)  # type: ignore[attr-defined]
        if self.is_async:
            return self._answer(request)
        with _around(request) as finish:
            return finish(self.get_response(request))

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        with _around(request) as finish:
            return finish(await self.get_response(request))


@contextmanager
def _around(request: HttpRequest) -> Iterator[Callable[[HttpResponseBase], HttpResponseBase]]:
    """Yields a function that names the events in the answer."""
    with during(request), gathering() as caused:

        def finish(response: HttpResponseBase) -> HttpResponseBase:
            if caused:
                response.headers[HEADER] = header_of(caused)
            return response

        yield finish
