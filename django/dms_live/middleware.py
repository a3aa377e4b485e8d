"""Remembers the request while it is answered, so that events know the acting user, and says whether a user has made it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from dms_live.actor import during
from dms_live.background import is_background


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
        with during(request):
            response: HttpResponseBase = self.get_response(request)
            return response

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        with during(request):
            response: HttpResponseBase = await self.get_response(request)
            return response
