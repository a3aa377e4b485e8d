"""What a run is asked for, and what it yields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dms_live.verify.findings import Finding


@dataclass(frozen=True)
class Wishes:
    """:ivar kinds: which kinds; empty: all.
    :ivar is_quick: whether only entities with an event in a log are looked at.
    :ivar repairs: whether what nobody published is published now.
    :ivar limit: after how many faults a run ends; 0: never.
    :ivar longest_wait: how long an event may wait to be sent.
    """

    kinds: tuple[str, ...] = ()
    is_quick: bool = False
    repairs: bool = False
    limit: int = 1000
    longest_wait: timedelta = timedelta(seconds=60)


@dataclass(frozen=True)
class Found:
    finding: Finding
    is_repaired: bool = False
