"""One run: kind after kind, then users and key figures."""

from __future__ import annotations

from collections.abc import Callable

from dms_live.registry import registry
from dms_live.shapes import EVENTS
from dms_live.verify.entities import Entities
from dms_live.verify.findings import Outcome
from dms_live.verify.wishes import Found, Wishes

#: What a run may be about.
KINDS_TO_VERIFY = tuple(EVENTS)


def run(wishes: Wishes, show: Callable[[Found], None]) -> list[Outcome]:
    """Compares everything, and shows each fault as soon as it is sure.

    :raises RedisAway, Refused, DatabaseError:
    """
    outcomes: list[Outcome] = []
    left = wishes.limit
    for kind in wishes.kinds or KINDS_TO_VERIFY:
        if not registry().of_kind(kind):
            continue
        entities = Entities(kind, wishes)
        outcome = entities.outcome
        outcomes.append(outcome)
        for found in entities.run():
            outcome.found += 1
            outcome.repaired += found.is_repaired
            show(found)
            left -= 1
            if left == 0:
                outcome.is_complete = False
                return outcomes
        if not wishes.is_quick:
            entities.memory.end(outcome.rows, outcome.found, outcome.repaired)
    return outcomes
