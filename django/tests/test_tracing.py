"""An event names the trace that caused it, if somebody records that."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory

from dms_live.actor import Noted, as_noted, during
from dms_live.events import Event

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{SPAN}-01"


def traceparent_in_event(header: str | None) -> Any:
    request = RequestFactory().get("/", headers={} if header is None else {"traceparent": header})
    with during(request):
        event = Event("crate", "UPDATED", {"id": 1, "unitId": 5}, ("crate:unit:5",), actor=None)
    written = json.loads(event.payload())
    assert written["crate"] == {"id": 1, "unitId": 5}
    return written.get("traceparent", "none")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (SAMPLED, SAMPLED),
        (None, "none"),
        (f"00-{TRACE}-{SPAN}-00", "none"),
        (f"00-{TRACE}-{SPAN}-0g", "none"),
        (f"{SAMPLED}-and-more", "none"),
        ('"}', "none"),
    ],
)
def test_of_the_request(header: str | None, expected: str) -> None:
    assert traceparent_in_event(header) == expected


@pytest.mark.parametrize(("is_valid", "expected"), [(True, f"00-{TRACE}-{SPAN}-01"), (False, "none")])
def test_of_the_current_span_of_opentelemetry(monkeypatch: pytest.MonkeyPatch, is_valid: bool, expected: str) -> None:
    context = SimpleNamespace(is_valid=is_valid, trace_id=int(TRACE, 16), span_id=int(SPAN, 16), trace_flags=1)
    span = SimpleNamespace(get_span_context=lambda: context)
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", SimpleNamespace(get_current_span=lambda: span))  # type: ignore[arg-type]
    assert traceparent_in_event(None) == expected


def test_a_change_that_a_trigger_noted_has_none() -> None:
    with as_noted(Noted(None, datetime.now(timezone.utc))):
        assert traceparent_in_event(SAMPLED) == "none"
