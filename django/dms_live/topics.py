"""The names of topics, and of the keys beside them (contract, section 2). They are spelt in no other place.

A topic is kept without the prefix: ``request:unit:5``, ``sendback:user:17``, ``kpis:all``, ``session``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

PREFIX = re.compile(r"[A-Za-z0-9_-]{1,32}")
UNIT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: Control characters, and single surrogates, which UTF-8 cannot write.
UNFIT_IN_USER_ID = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: In UTF-16 code units, as the server counts.
MAX_ID_LENGTH = 128
SESSION = "session"
KPIS = "kpis"
KPIS_TOGETHER = f"{KPIS}:all"


class UnfitId(ValueError):
    """An id that cannot be part of a topic's name."""


@dataclass(frozen=True)
class LogKeys:
    """The channel and keys for append-event.lua. Keys of a kind share a hash tag, for Redis Cluster."""

    channel: str
    stream: str
    all_stream: str | None

    def id_key(self, event_id: str) -> str:
        return f"{self.stream}:id:{event_id}"


def unit_topic(kind: str, unit_id: object) -> str:
    return f"{kind}:unit:{_checked_unit(unit_id)}"


def user_topic(kind: str, user_id: object) -> str:
    return f"{kind}:user:{encode_user_id(user_id)}"


def log_keys(prefix: str, topic: str) -> LogKeys:
    kind, place = topic.split(":", 1)
    is_in_all = kind != KPIS and place.startswith("unit:")
    stream = f"{prefix}:{{{kind}}}"
    return LogKeys(
        channel=f"{prefix}:{topic}",
        stream=f"{stream}:{place}",
        all_stream=f"{stream}:units" if is_in_all else None,
    )


def revocations_key(prefix: str) -> str:
    """The record of revocations, which revoke.lua writes."""
    return f"{prefix}:{{{SESSION}}}:revocations"


def settings_key(prefix: str) -> str:
    """Where dms-live notes its settings."""
    return f"{prefix}:settings"


def security_key(prefix: str) -> str:
    """The stream into which dms-live adds the lines of its security log, and their anchors."""
    return f"{prefix}:security"


def session_key(prefix: str, state: str, subject: str, subject_id: object) -> str:
    """The key where earlier versions kept a revocation: ``dms:session:revoked:user:17``. ``subject`` is ``user`` or ``jti``."""
    written = encode_user_id(subject_id) if subject == "user" else subject_id
    return f"{prefix}:{SESSION}:{state}:{subject}:{written}"


def encode_user_id(user_id: object) -> str:
    """A user's id as it stands in the names of topics and keys: ``auth0|17`` is ``auth0%7C17``.

    Letters, digits and ``-._~`` stay, every other byte of its UTF-8 is percent-encoded: no separator or wildcard of an id
    reaches Redis, and different ids have different names.

    :raises UnfitId: if dms-live does not accept it as a user's id.
    """
    written = str(user_id)
    if not written or id_length(written) > MAX_ID_LENGTH or UNFIT_IN_USER_ID.search(written):
        raise UnfitId(f"a user's id must have 1 to {MAX_ID_LENGTH} characters, and no control characters")
    return quote(written, safe="")


def id_length(written: str) -> int:
    """The length of an id as the contract counts it: in UTF-16 code units."""
    return len(written.encode("utf-16-le", "surrogatepass")) // 2


def _checked_unit(written: object) -> str:
    unit_id = str(written)
    if UNIT_ID.fullmatch(unit_id):
        return unit_id
    raise UnfitId("the id of a unit in a topic must be 1 to 64 letters, digits, '-' or '_'")
