"""Which events a request has caused. The answer names them in a header, so that the page can wait until it shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

from dms_live.capturing import captures
from dms_live.inserting import Entry
from dms_live.running import after_commit

#: The header, such as ``request:unit:5=6f1c…, crate:unit:5=a0b3…``. Of each topic it names the last event only: events of a topic
#: arrive in order, so a page that has the last one has them all.
HEADER = "Dms-Live-Events"
#: How many topics the header names: the last ones. Proxies bound the size of headers.
_MOST_TOPICS = 20

_caused: ContextVar[dict[str, str] | None] = ContextVar("dms_live_caused", default=None)


@contextmanager
def gathering() -> Iterator[dict[str, str]]:
    """Yields the last event of each topic that is committed within."""
    caused: dict[str, str] = {}
    token = _caused.set(caused)
    try:
        yield caused
    finally:
        _caused.reset(token)


def note(entries: Iterable[Entry], using: str) -> None:
    """Events were written. They count once they are committed."""
    caused = _caused.get()
    if caused is None or captures(
        using
    ):  # a page that waited for these alone would not wait for those that triggers cause
        return
    last = {entry.topic: entry.event_id for entry in entries if entry.topic.split(":")[1] == "unit"}
    if last:
        after_commit(partial(_keep, caused, last), using)


def header_of(caused: dict[str, str]) -> str:
    return ", ".join(f"{topic}={event_id}" for topic, event_id in caused.items())


def _keep(caused: dict[str, str], last: dict[str, str]) -> None:
    for topic, event_id in last.items():
        caused.pop(topic, None)  # to the end
        caused[topic] = event_id
    for topic in list(caused)[:-_MOST_TOPICS]:
        del caused[topic]
