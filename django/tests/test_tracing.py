"""An event names the trace that caused it, if somebody records that, and its way to Redis has spans."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from django.db import transaction
from django.test import RequestFactory
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from conftest import RedisServer
from dms_live.actor import Noted, as_noted, during
from dms_live.delivery import retry
from dms_live.events import Event
from dms_live.models import OutboxEntry
from dms_live.relay import run_round
from documents.models import Request
from live_case import World, logged, sent

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


@pytest.mark.parametrize(("trace_id", "expected"), [(int(TRACE, 16), SAMPLED), (0, "none")])
def test_of_the_current_span_of_opentelemetry(trace_id: int, expected: str) -> None:
    context = trace.SpanContext(trace_id, int(SPAN, 16), is_remote=False, trace_flags=trace.TraceFlags(1))
    with trace.use_span(trace.NonRecordingSpan(context)):
        assert traceparent_in_event(None) == expected


def test_a_change_that_a_trigger_noted_has_none() -> None:
    with as_noted(Noted(None, datetime.now(timezone.utc))):
        assert traceparent_in_event(SAMPLED) == "none"


class Recorded:
    """The spans that have ended."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        trace.set_tracer_provider(provider)
        self.forget = self._exporter.clear

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self._exporter.get_finished_spans() if span.name == name]

    @property
    def names(self) -> list[str]:
        return [span.name for span in self._exporter.get_finished_spans()]


@pytest.fixture(scope="module")
def provider() -> Recorded:
    return Recorded()  # a process has one provider


@pytest.fixture
def recorded(provider: Recorded) -> Iterator[Recorded]:
    provider.forget()
    yield provider
    provider.forget()


def requested(world: World) -> trace.SpanContext:
    """A request of the DMS's API, which is traced, makes a request for a crate."""
    with trace.get_tracer("the DMS").start_as_current_span("POST /requests") as span:
        world.request()
    return span.get_span_context()


def parent_of(span: ReadableSpan) -> int | None:
    return None if span.parent is None else span.parent.span_id


@pytest.mark.django_db(transaction=True)
def test_spans_of_the_commit_the_relay_and_the_append(live: RedisServer, recorded: Recorded) -> None:
    world = World()
    run_round()
    cause = requested(world)
    topic = f"request:unit:{world.unit.pk}"
    (event,) = sent(live, topic)
    (commit,), (relay,), (append,) = (recorded.named(f"dms-live {name}") for name in ("commit", "relay", "append"))

    assert event["traceparent"] == f"00-{cause.trace_id:032x}-{cause.span_id:016x}-{cause.trace_flags:02x}"
    assert {span.context.trace_id for span in (commit, relay, append)} == {cause.trace_id}
    assert parent_of(commit) == parent_of(relay) == cause.span_id
    assert parent_of(append) == relay.context.span_id
    assert relay.attributes == append.attributes == {"dms_live.kind": "request"}
    assert not commit.attributes
    row = OutboxEntry.objects.get(event_id=event["id"])
    assert relay.start_time == int(row.created_at.timestamp() * 1e9)
    assert relay.start_time <= append.start_time <= append.end_time <= relay.end_time


@pytest.mark.django_db(transaction=True)
def test_one_span_for_a_commit_and_none_for_what_was_rolled_back(live: RedisServer, recorded: Recorded) -> None:
    world = World()
    with transaction.atomic():
        requested(world)
        requested(world)
        assert recorded.named("dms-live commit") == []
    assert len(recorded.named("dms-live commit")) == 1
    recorded.forget()
    with transaction.atomic():
        requested(world)
        transaction.set_rollback(True)
    assert recorded.names == ["POST /requests"]


@pytest.mark.django_db(transaction=True)
def test_an_append_that_fails_says_so_and_not_why(live: RedisServer, recorded: Recorded) -> None:
    world = World()
    run_round()
    requested(world)
    live.kill()
    assert run_round().away is not None
    (append,) = recorded.named("dms-live append")
    assert (append.status.status_code, append.status.description) == (trace.StatusCode.ERROR, "RedisAway")
    assert append.events == ()


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_read_again_belongs_to_its_trace(live: RedisServer, recorded: Recorded) -> None:
    world = World()
    run_round()
    cause = requested(world)
    OutboxEntry.objects.filter(state="pending").update(state="failed")
    Request.objects.update(status="Approved")
    retry(OutboxEntry.objects.all())
    with trace.get_tracer("the relay").start_as_current_span("its own work"):
        (event,) = sent(live, f"request:unit:{world.unit.pk}")
    assert event["request"]["status"] == "APPROVED"
    assert event["traceparent"].split("-")[1:3] == [f"{cause.trace_id:032x}", f"{cause.span_id:016x}"]


@pytest.mark.django_db(transaction=True)
def test_without_opentelemetry_and_without_a_trace_there_are_no_spans(
    live: RedisServer, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    world.request()
    run_round()
    assert recorded.names == []
    monkeypatch.delitem(sys.modules, "opentelemetry.trace")
    with during(RequestFactory().get("/", headers={"traceparent": SAMPLED})):
        world.request()
    run_round()
    assert logged(live, f"request:unit:{world.unit.pk}")[-1]["traceparent"] == SAMPLED
    assert recorded.names == []
    assert "opentelemetry.trace" not in sys.modules
