"""Requests that a live page makes by itself keep no idle session alive."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any
from unittest import mock

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, SimpleTestCase

from dms_live import is_background
from dms_live.middleware import ActingUserMiddleware

README = Path(__file__).parent.parent / "README.md"
BACKGROUND = {"Dms-Live-Background": "1"}


class Session(dict[str, float]):
    flush = dict.clear


class Page:
    """A DMS with the README's middleware, and a clock."""

    def __init__(self) -> None:
        block = re.search(r"```python\n([^`]*class IdleMiddleware.*?)```", README.read_text(), re.DOTALL)
        assert block is not None
        code: dict[str, Any] = {"time": self.time}
        self.now = 1_800_000_000.0
        self.session = Session()
        with mock.patch("time.time", self.time):
            exec(block[1], code)
        self.middleware = code["IdleMiddleware"](lambda _: HttpResponse("here"))

    def time(self) -> float:
        return self.now

    def status(self, headers: dict[str, str] | None = None) -> int:
        request = RequestFactory().get("/api/requests/", headers=headers)
        request.session = self.session  # type: ignore[assignment]
        status: int = self.middleware(request).status_code
        return status


class IdleSessions(SimpleTestCase):
    def test_background_requests_are_answered_but_prolong_nothing(self) -> None:
        page = Page()
        self.assertEqual(page.status(), 200)
        for _ in range(14):
            page.now += 60
            self.assertEqual(page.status(BACKGROUND), 200)
        page.now += 61
        self.assertEqual(page.status(BACKGROUND), 401)

    def test_requests_of_the_user_prolong_the_session(self) -> None:
        page = Page()
        for _ in range(5):
            self.assertEqual(page.status(), 200)
            page.now += 14 * 60


class TheMiddleware(SimpleTestCase):
    def test_passes_on_who_asks(self) -> None:
        for headers, expected in ((None, False), (BACKGROUND, True), ({"Dms-Live-Background": "0"}, False)):
            request = RequestFactory().get("/", headers=headers)
            seen = ActingUserMiddleware(lambda request: HttpResponse(request.live_background))(request)
            assert isinstance(seen, HttpResponse)
            self.assertEqual(seen.content, str(expected).encode())
            self.assertIs(is_background(request), expected)

    def test_passes_it_on_under_asgi(self) -> None:
        async def view(request: HttpRequest) -> HttpResponse:
            return HttpResponse(request.live_background)  # type: ignore[attr-defined]

        async def answer() -> Any:
            return await ActingUserMiddleware(view)(RequestFactory().get("/", headers=BACKGROUND))  # type: ignore[misc]

        self.assertEqual(asyncio.run(answer()).content, b"True")
