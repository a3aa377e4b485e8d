"""The trace that an event belongs to, in W3C's Trace Context: dms-live goes on with it, if it is set up to."""

from __future__ import annotations

import re
import sys

from dms_live.actor import current_request, noted_time

#: Version 00, as it is written today. The last two digits say whether anybody records the trace.
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_SAMPLED = 1


def current_traceparent() -> str | None:
    """Of OpenTelemetry's current span, if the project uses that, or else of the request; ``None`` if nobody records the trace."""
    if noted_time() is not None:
        return None  # a trigger noted the change: what runs now did not cause it
    found = _of_span() or _of_request()
    return found if found is not None and int(found[-2:], 16) & _SAMPLED else None


def _of_span() -> str | None:
    """Nothing is imported for it: a project that traces has imported the package."""
    trace = sys.modules.get("opentelemetry.trace")
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
