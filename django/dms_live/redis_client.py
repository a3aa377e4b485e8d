"""The connection to Redis, and what is done with it: append an event to its log, end sessions, ask how it is."""

from __future__ import annotations

import json
import time
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from redis.sentinel import Sentinel

from dms_live.conf import conf
from dms_live.redis_url import RedisAddress, parse_redis_url
from dms_live.topics import SESSION, UnfitId, log_keys, revocations_key, security_key, session_key, settings_key

APPEND_SCRIPT = files("dms_live").joinpath("append-event.lua").read_text(encoding="utf-8")
REVOKE_SCRIPT = files("dms_live").joinpath("revoke.lua").read_text(encoding="utf-8")

# After these errors Redis will take the same event later. So the sender waits; to give up would lose the event.
_PASSING = (
    "BUSY", "CLUSTERDOWN", "CROSSSLOT", "LOADING", "MASTERDOWN", "MISCONF", "NOAUTH", "NOPERM", "NOREPLICAS", "OOM",
    "READONLY", "TRYAGAIN", "WRONGPASS",
)  # fmt: skip


#: How many entries of a log are read at once.
_ENTRIES_AT_ONCE = 500


class RedisAway(Exception):
    """Redis cannot take anything now. Events that it did not confirm are sent again later."""


class Refused(Exception):
    """Redis refuses this one event, and says why."""


class Connected(NamedTuple):
    client: Any
    append: Any
    revoke: Any


@lru_cache(maxsize=1)
def _connected() -> Connected:
    client = _connect(parse_redis_url(conf().redis_url))
    return Connected(client, client.register_script(APPEND_SCRIPT), client.register_script(REVOKE_SCRIPT))


def disconnect() -> None:
    """Forgets the connection: after a fork, and when settings change."""
    if _connected.cache_info().currsize:
        _connected().client.close()
    _connected.cache_clear()


def forget_after_fork() -> None:
    """Forgets the connection in a child process. The sockets are the parent's: the child must not use or close them."""
    _connected.cache_clear()


def append_event(topic: str, event_id: str, payload: str) -> bool:
    """Appends an event to its topic's log and publishes it, in one step.

    :returns: ``False`` if it was appended before.
    :raises RedisAway, Refused:
    """
    settings = conf()
    keys = log_keys(settings.topic_prefix, topic)
    return (
        _ask(
            lambda connected: connected.append(
                keys=[keys.stream, keys.id_key(event_id), *([keys.all_stream] if keys.all_stream else [])],
                args=[keys.channel, event_id, payload, settings.history_events, settings.history_seconds],
            )
        )
        is not None
    )


def end_sessions(payload: str, seconds: int) -> None:
    """Records that tokens issued up to now are refused, and notifies the servers.

    Up to *now*, not up to the change of the user: a token issued in between may still have the old unit or role.

    :param payload: a message of the session topic.
    :param seconds: how long the longest-lived token lives.
    :raises RedisAway, Refused:
    """
    message = json.loads(payload)
    prefix, now = conf().topic_prefix, int(time.time())
    whose = "jti" if "jti" in message else "user"
    subject = message["jti" if whose == "jti" else "userId"]
    try:
        # Servers of an earlier version read this key, and not the record.
        old_key = session_key(prefix, message["action"].lower(), whose, subject)
    except UnfitId:
        return  # dms-live accepts no token of such a user, so there is no session to end
    _ask(lambda connected: connected.client.set(old_key, 1 if whose == "jti" else now, ex=seconds))
    _ask(
        lambda connected: connected.revoke(
            keys=[revocations_key(prefix)],
            args=[f"{prefix}:{SESSION}", message["action"], whose, subject, seconds, now],
        )
    )


def ping() -> None:
    """:raises RedisAway, Refused:"""
    _ask(lambda connected: connected.client.ping())


def settings_of_server() -> str | None:
    """What a dms-live server has noted of its settings (contract, section 2, keys).

    :raises RedisAway, Refused:
    """
    written = _ask(lambda connected: connected.client.get(settings_key(conf().topic_prefix)))
    return None if written is None else str(written, "utf-8", "replace")


def last_events(topic: str, count: int) -> list[str]:
    """The last events in a topic's log, the last one first.

    :raises RedisAway, Refused:
    """
    stream = log_keys(conf().topic_prefix, topic).stream
    entries = _ask(lambda connected: connected.client.xrevrange(stream, count=count))
    return [str(fields.get(b"event", b""), "utf-8") for _, fields in entries]


def security_entries(first: str, count: int) -> list[tuple[str, dict[str, str]]]:
    """The entries of the stream of the security log from an id on (``-``: from its beginning), each with its id.

    :raises RedisAway, Refused:
    """
    return [
        (position, {name.decode(errors="replace"): text.decode(errors="replace") for name, text in fields.items()})
        for position, fields in _entries(security_key(conf().topic_prefix), first, count)
    ]


def read_log(
    topic: str, position: str, count: int, *, is_inclusive: bool = False
) -> list[tuple[str, dict[bytes, bytes]]]:
    """Entries of a topic's log after a position, the oldest first. Each is its position and its fields.

    :param position: empty: from the beginning.
    :raises RedisAway, Refused:
    """
    stream = log_keys(conf().topic_prefix, topic).stream
    return _entries(stream, position if is_inclusive or not position else f"({position}", count)


def channels_of(kind: str) -> tuple[set[str], int | None]:
    """The channels of the events in the log of all units, and since when that log has all events, in milliseconds.

    :raises RedisAway, Refused:
    """
    stream = log_keys(conf().topic_prefix, f"{kind}:unit:-").all_stream
    channels: set[str] = set()
    begin, position = None, ""
    while stream is not None:
        entries = _entries(stream, f"({position}" if position else "", _ENTRIES_AT_ONCE)
        for position, fields in entries:
            if begin is None:
                epoch, offset = position.split("-")
                begin = int(epoch) if offset == "1" else int(fields.get(b"at", b"0"))
            channels.add(str(fields.get(b"channel", b""), "utf-8", "replace"))
        if len(entries) < _ENTRIES_AT_ONCE:
            break
    return channels, begin


def is_remembered(topic: str, event_id: str) -> bool:
    """Whether a topic's log remembers the id of an event, as it does of each that is not deleted for its age or number. Of a log
    that is gone as a whole, the ids do not count.

    :raises RedisAway, Refused:
    """
    stream = log_keys(conf().topic_prefix, topic).stream
    if not _ask(lambda connected: connected.client.exists(stream)):
        return False
    return _ask(lambda connected: connected.client.zscore(f"{stream}:ids", event_id)) is not None


def _entries(stream: str, least: str, count: int) -> list[tuple[str, dict[bytes, bytes]]]:
    entries = _ask(lambda connected: connected.client.xrange(stream, min=least or "-", count=count))
    return [(str(position, "ascii"), fields) for position, fields in entries]


def _ask(question: Any) -> Any:
    try:
        return question(_connected())
    except redis.ResponseError as error:
        if any(word in str(error) for word in _PASSING) or isinstance(error, _PASSING_TYPES):
            raise RedisAway(type(error).__name__) from error
        raise Refused(str(error)[:500]) from error
    except (redis.RedisError, OSError) as error:
        # The message leaves the address out, since it may contain a password.
        raise RedisAway(type(error).__name__) from error


# redis-py strips the code from the messages of these.
_PASSING_TYPES = tuple(
    getattr(redis.exceptions, name)
    for name in (
        "ReadOnlyError", "NoPermissionError", "OutOfMemoryError", "ClusterDownError", "TryAgainError",
        "MasterDownError", "AskError", "MovedError", "ClusterCrossSlotError", "ExecAbortError",
    )
    if hasattr(redis.exceptions, name)
)  # fmt: skip


def _connect(address: RedisAddress) -> Any:
    timeout = conf().redis_timeout_seconds
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "username": address.username,
        "password": address.password,
        "retry": Retry(NoBackoff(), 0),  # the sender tries again by itself, without holding anything meanwhile
        **({"ssl": True} if address.tls else {}),
    }
    if address.form == "cluster":
        return RedisCluster(startup_nodes=[ClusterNode(host, port) for host, port in address.nodes], **options)
    if address.form == "sentinel":
        sentinels = Sentinel(
            address.nodes, sentinel_kwargs={"socket_timeout": timeout, "socket_connect_timeout": timeout}
        )
        return sentinels.master_for(address.primary or "", db=address.database, **options)
    host, port = address.nodes[0]
    return redis.Redis(host=host, port=port, db=address.database, **options)
