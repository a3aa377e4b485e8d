"""The trace that an event belongs to, in W3C's Trace Context, and the spans of its way to Redis: commit, relay, append.

dms-live goes on with the trace, if it is set up to. Nothing of OpenTelemetry is imported here unless the project has done so, and
events of no trace cost nothing. No span says anything of an event but its kind.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from dms_live.actor import current_request, noted_time

#: Version 00, as it is written today. The last two digits say whether anybody records the trace.
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_SAMPLED = 1
#: In a message. In what users write quotation marks are escaped, so it is found nowhere else.
_IN_MESSAGE = re.compile(rf'"traceparent":"({_TRACEPARENT.pattern})"')
_TRACER = "dms-live"


def current_traceparent() -> str | None:
    """Of OpenTelemetry's current span, if the project uses that, or else of the request; ``None`` if nobody records the trace."""
    if noted_time() is not None:
        return None  # a trigger noted the change: what runs now did not cause it
    found = _of_span() or _of_request()
    return found if found is not None and int(found[-2:], 16) & _SAMPLED else None


def _of_span() -> str | None:
    trace = _api()
    if trace is None:
        return None
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _of_request() -> str | None:
    request = current_request()
    sent = None if request is None else request.headers.get("traceparent")
    return sent if sent is not None and _TRACEPARENT.fullmatch(sent) else None


def traceparent_in(message: str) -> str | None:
    """Of an event that was written before."""
    found = _IN_MESSAGE.search(message)
    return None if found is None else found[1]


def begun_commit() -> Callable[[], None] | None:
    """The running transaction writes its first event now. Call what is returned after the commit. ``None``: there is no trace."""
    trace = _api()
    traceparent = None if trace is None else current_traceparent()
    if trace is None or traceparent is None:
        return None
    began = time.time_ns()
    return lambda: trace.get_tracer(_TRACER).start_span("dms-live commit", _within(traceparent), start_time=began).end()


@contextmanager
def appending(kind: str, message: str, written_at: datetime) -> Iterator[None]:
    """Makes two spans of an event that is appended within: how long it has been on its way to Redis, and the last part of that.

    :param written_at: when its row was written, perhaps by the clock of another machine.
    """
    trace = _api()
    traceparent = None if trace is None else traceparent_in(message)
    if trace is None or traceparent is None:
        yield
        return
    tracer, about = trace.get_tracer(_TRACER), {"dms_live.kind": kind}
    began = min(int(written_at.timestamp() * 1e9), time.time_ns())
    relay = tracer.start_span("dms-live relay", _within(traceparent), attributes=about, start_time=began)
    append = tracer.start_span("dms-live append", trace.set_span_in_context(relay), attributes=about)
    try:
        # Redis' own instrumentation finds its parent here.
        with trace.use_span(append, record_exception=False, set_status_on_exception=False):
            yield
    except BaseException as error:
        for span in (append, relay):
            span.set_status(trace.Status(trace.StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        append.end()
        relay.end()


def _api() -> Any:
    """A project that traces has imported it."""
    return sys.modules.get("opentelemetry.trace")


def _within(traceparent: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": traceparent})
