"""One run: kind after kind, then users and key figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dms_live.registry import registry
from dms_live.shapes import EVENTS
from dms_live.topics import KPIS
from dms_live.verify.accounts import USER, Accounts
from dms_live.verify.entities import Entities
from dms_live.verify.figures import Figures
from dms_live.verify.findings import Outcome
from dms_live.verify.wishes import Found, Wishes

#: What a run may be about.
KINDS_TO_VERIFY = (*EVENTS, USER, KPIS)


def run(wishes: Wishes, show: Callable[[Found], None]) -> list[Outcome]:
    """Compares everything, and shows each fault as soon as it is sure.

    :raises RedisAway, Refused, DatabaseError:
    """
    outcomes: list[Outcome] = []
    left = wishes.limit
    for part in _parts(wishes):
        outcomes.append(part.outcome)
        for found in part.run():
            part.outcome.found += 1
            part.outcome.repaired += found.is_repaired
            show(found)
            left -= 1
            if left == 0:
                part.outcome.is_complete = False
                return outcomes
        if not wishes.is_quick:
            part.memory.end(part.outcome)
    return outcomes


def _parts(wishes: Wishes) -> Iterator[Entities | Accounts | Figures]:
    for kind in wishes.kinds or KINDS_TO_VERIFY:
        if kind == USER:
            yield Accounts(wishes)
        elif kind == KPIS:
            yield Figures(wishes)
        elif registry().of_kind(kind):
            yield Entities(kind, wishes)
