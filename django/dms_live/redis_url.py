"""Redis URLs, in the same forms as the server reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

_URL = re.compile(r"(rediss?)(?:\+(sentinel|cluster))?://(?:([^@/]*)@)?([^/?#@]+)((?:/[^/?#]*)*)/?")
_NODE = re.compile(r"(\[[0-9a-fA-F:]+\]|[^:\[\]]+)(?::(\d{1,5}))?")
_DEFAULT_PORTS = {"single": 6379, "sentinel": 26379, "cluster": 6379}


@dataclass(frozen=True)
class RedisAddress:
    """The parts of a Redis URL. ``form`` is ``single``, ``sentinel`` or ``cluster``."""

    form: str
    nodes: tuple[tuple[str, int], ...]
    primary: str | None
    database: int
    tls: bool
    username: str | None
    password: str | None


def parse_redis_url(url: str) -> RedisAddress:
    """Reads ``redis://…``, ``redis+sentinel://host,host/primary`` or ``redis+cluster://host,host`` (``rediss``: TLS).

    :raises ValueError: that says what is wrong; the URL, which may hold a password, is not in it.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError(
            "must look like redis://host:6379, redis+sentinel://host,host/primary or redis+cluster://host,host"
        )
    scheme, form, credentials, hosts, path = match.groups()
    form = form or "single"
    nodes = tuple(_parse_node(node, _DEFAULT_PORTS[form]) for node in hosts.split(","))
    if form == "single" and len(nodes) > 1:
        raise ValueError("names several hosts: use redis+sentinel:// or redis+cluster://")
    segments = [segment for segment in path.split("/") if segment]
    if form == "sentinel" and not segments:
        raise ValueError("lacks the primary’s name: redis+sentinel://host/primary")
    primary = segments.pop(0) if form == "sentinel" else None
    database = _parse_database(segments)
    if form == "cluster" and database:
        raise ValueError("names a database: a cluster has but one")
    username, colon, password = (credentials or "").partition(":")
    return RedisAddress(
        form=form,
        nodes=nodes,
        primary=primary,
        database=database,
        tls=scheme == "rediss",
        username=unquote(username) or None,
        password=unquote(password) if colon else None,
    )


def fault_in_redis_url(url: Any) -> str | None:
    """The fault of a Redis URL; ``None``: it has none. The URL itself is not in the text."""
    if not isinstance(url, str) or not url:
        return "is missing"
    try:
        parse_redis_url(url)
    except ValueError as error:
        return str(error)
    return None


def _parse_node(written: str, default_port: int) -> tuple[str, int]:
    match = _NODE.fullmatch(written)
    port = int(match[2] or default_port) if match else 0
    if match is None or port > 65_535:
        raise ValueError("has a host or port that cannot be read")
    return match[1].strip("[]"), port


def _parse_database(segments: list[str]) -> int:
    if not segments:
        return 0
    if len(segments) > 1 or not re.fullmatch(r"\d{1,4}", segments[0]):
        raise ValueError("has a database that is no number")
    return int(segments[0])
