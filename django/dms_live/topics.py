"""The one place where the names of topics, and of the keys beside them, are spelt (contract, section 2).

A topic is kept without the prefix: ``request:unit:5``, ``sendback:user:17``, ``kpis:all``, ``session``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIX = re.compile(r"[A-Za-z0-9_-]{1,32}")
ID_IN_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
SESSION = "session"
KPIS_TOGETHER = "kpis:all"


class UnfitId(ValueError):
    """An id that cannot be part of a topic's name."""


@dataclass(frozen=True)
class LogKeys:
    """The arguments of append-event.lua that name places. Keys of a kind share a hash tag, for Redis Cluster."""

    channel: str
    stream: str
    all_stream: str | None

    def id_key(self, event_id: str) -> str:
        return f"{self.stream}:id:{event_id}"


def unit_topic(kind: str, unit_id: object) -> str:
    return f"{kind}:unit:{_checked(unit_id)}"


def user_topic(kind: str, user_id: object) -> str:
    return f"{kind}:user:{_checked(user_id)}"


def log_keys(prefix: str, topic: str) -> LogKeys:
    kind, place = topic.split(":", 1)
    is_in_all = kind != "kpis" and place.startswith("unit:")
    stream = f"{prefix}:{{{kind}}}"
    return LogKeys(
        channel=f"{prefix}:{topic}",
        stream=f"{stream}:{place}",
        all_stream=f"{stream}:units" if is_in_all else None,
    )


def session_key(prefix: str, state: str, subject: str, subject_id: object) -> str:
    """``dms:session:revoked:user:17``; ``subject`` is ``user`` or ``jti``."""
    return f"{prefix}:{SESSION}:{state}:{subject}:{subject_id}"


def _checked(written: object) -> str:
    topic_id = str(written)
    if ID_IN_TOPIC.fullmatch(topic_id):
        return topic_id
    raise UnfitId("the id of a unit or user in a topic must be 1 to 64 letters, digits, '-' or '_'")
