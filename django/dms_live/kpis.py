"""Key figures: the database counts them for all units at once. A unit gets a snapshot when its figures have changed.

This is the one module besides ``kinds.py`` that names kinds: the figures are about requests and crates.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from datetime import timezone as time_zones
from typing import Any
from uuid import uuid4

from django.db import DEFAULT_DB_ALIAS, router
from django.db.models import Count, DateTimeField, Q, QuerySet
from django.utils import timezone

from dms_live.events import to_json
from dms_live.kinds import CRATE, REQUEST
from dms_live.redis_client import append_event, last_events
from dms_live.registry import registry
from dms_live.serialize import label_of
from dms_live.shapes import words_of
from dms_live.specs import Bound, Spec
from dms_live.topics import KPIS, KPIS_TOGETHER, UnfitId, unit_topic
from dms_live.values import Unfit, as_id, as_instant, as_word

logger = logging.getLogger("dms_live")

#: How often each word occurs, by the id of the unit; ``None`` is all units together.
Counts = dict[Any, dict[str, int]]

#: How many of the last snapshots are searched for the newest. It need not be the last: another may have been sent late.
_LOOKED_AT = 5


def send_figures() -> int:
    """Counts, and appends a snapshot for each unit whose newest one in Redis has other figures.

    The caller must be the sole sender: then older figures never follow newer ones. Of two snapshots, dms-live shows the one
    that was computed later. So if this clock is late, the snapshot gets a time just after the newest one's.

    :returns: how many snapshots were sent.
    :raises RedisAway, Refused:
    """
    at = timezone.now()
    sent = 0
    for unit_id, figures in count_figures(at).items():
        try:
            topic = KPIS_TOGETHER if unit_id is None else unit_topic(KPIS, unit_id)
        except UnfitId:
            continue  # its events are among the failed
        newest, newest_at = _newest(last_events(topic, _LOOKED_AT))
        if _is_published(newest, figures):
            continue
        computed_at = as_instant(at if newest_at is None else max(at, newest_at + timedelta(microseconds=1)))
        snapshot_id = str(uuid4())
        append_event(topic, snapshot_id, to_json({"id": snapshot_id, "computedAt": computed_at, **figures}))
        sent += 1
    return sent


def newest_snapshot(topic: str) -> dict[str, Any] | None:
    """The snapshot that dms-live shows; ``None``: there is none.

    :raises RedisAway, Refused:
    """
    return _newest(last_events(topic, _LOOKED_AT))[0]


def counted_in() -> str:
    """The one database whose sender counts: that of requests. Crates may be in another, and are counted there."""
    specs = (*registry().of_kind(REQUEST.name), *registry().of_kind(CRATE.name))
    return router.db_for_write(specs[0].model) if specs else DEFAULT_DB_ALIAS


def count_figures(now: datetime) -> dict[Any, dict[str, Any]]:
    """The figures of each unit and, under ``None``, of all together. ``now`` decides which withdrawals are overdue."""
    requests = registry().of_kind(REQUEST.name)
    crates = registry().of_kind(CRATE.name)
    if not requests and not crates:
        return {}
    by_status = _count(requests, "status")
    by_type = _count(requests, "requestType")
    overdue = _count(requests, "requestType", lambda spec: _is_overdue(spec, now))
    crates_by_status = _count(crates, "status")
    units = {None, *_units(), *by_status, *crates_by_status}
    return {
        unit: {
            "unitId": unit,
            "requestsByStatus": _listed("status", words_of(REQUEST, "status"), by_status.get(unit, {})),
            "requestsByType": _listed("requestType", words_of(REQUEST, "requestType"), by_type.get(unit, {})),
            "overdueWithdrawals": sum(overdue.get(unit, {}).values()),
            "pendingApprovals": by_status.get(unit, {}).get("PENDING", 0),
            "cratesByStatus": _listed("status", words_of(CRATE, "status"), crates_by_status.get(unit, {})),
        }
        for unit in units
    }


def _count(specs: Iterable[Spec], part: str, only: Callable[[Spec], Q | None] = lambda _: Q()) -> Counts:
    counts: Counts = {None: {}}
    for spec in specs:
        bound, unit, condition = spec.part(part), spec.part("unitId"), only(spec)
        if bound is None or unit is None or condition is None:
            continue
        columns = unit.paths[0].lookup, bound.paths[0].lookup
        rows: QuerySet[Any] = QuerySet(spec.model, using=router.db_for_write(spec.model)).filter(condition)
        for unit_value, value, count in rows.order_by().values_list(*columns).annotate(Count("pk")):
            word = _word(bound, value)
            if word is None:
                continue
            for key in {None, as_id(unit_value)}:
                of_unit = counts.setdefault(key, {})
                of_unit[word] = of_unit.get(word, 0) + count
    return counts


def _word(bound: Bound, value: Any) -> str | None:
    try:
        return as_word(value, label_of(bound, value), bound.part.words, bound.own_words)
    except Unfit:
        return None


def _is_overdue(spec: Spec, now: datetime) -> Q | None:
    """The condition for a withdrawal that is issued and was expected back before now; if the DMS keeps a day, before today."""
    status, kind, due = spec.part("status"), spec.part("requestType"), spec.part("expectedReturnDate")
    if status is None or kind is None or due is None or due.paths[0].field is None:
        return None
    limit = now if isinstance(due.paths[0].field, DateTimeField) else timezone.localdate(now)
    return (
        Q(**{f"{status.paths[0].lookup}__in": _values_for(status, "ISSUED")})
        & Q(**{f"{kind.paths[0].lookup}__in": _values_for(kind, "WITHDRAWAL")})
        & Q(**{f"{due.paths[0].lookup}__lt": limit})
    )


def _values_for(bound: Bound, word: str) -> list[Any]:
    """The values that the DMS has for a word."""
    field = bound.paths[0].field
    spelt = [word, word.title().replace("_", " "), word.lower()]
    values = [value for value, _ in getattr(field, "flatchoices", None) or ()] or spelt
    own = [value for value, meant in bound.own_words.items() if meant == word]
    return [value for value in [*values, *own] if _word(bound, value) == word]


def _units() -> set[Any]:
    """Every unit there is. A unit without requests or crates has figures too: zeros."""
    for spec in (*registry().of_kind(REQUEST.name), *registry().of_kind(CRATE.name)):
        unit = spec.part("unitId")
        field = unit.paths[0].field if unit is not None else None
        if field is not None and field.related_model is not None:
            target = field.target_field.attname
            rows: QuerySet[Any] = QuerySet(field.related_model, using=router.db_for_write(field.related_model))
            return {as_id(value) for value in rows.values_list(target, flat=True)}
    return set()


def _listed(name: str, words: Iterable[str], counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{name: word, "count": counts.get(word, 0)} for word in words]


def _newest(last_first: list[str]) -> tuple[dict[str, Any] | None, datetime | None]:
    """The one of the last snapshots that dms-live shows, and its time. Of equal times, the one that was sent later counts."""
    newest, newest_at = None, None
    for written in last_first:
        snapshot = _snapshot(written)
        at = _instant(snapshot.get("computedAt"))
        if newest is None or (at is not None and (newest_at is None or at > newest_at)):
            newest, newest_at = snapshot, at
    return newest, newest_at


def _snapshot(written: str) -> dict[str, Any]:
    try:
        snapshot = json.loads(written)
    except ValueError:
        return {}
    return snapshot if isinstance(snapshot, dict) else {}


def _instant(written: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(written).replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=time_zones.utc)


def _is_published(newest: dict[str, Any] | None, figures: dict[str, Any]) -> bool:
    return newest is not None and all(newest.get(name) == value for name, value in figures.items())
