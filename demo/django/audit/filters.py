"""Which audit entries somebody asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.permissions import known_unit, number_of, seen_by, text_of
from audit.models import AuditEntry
from audit.words import SYSTEM

NOBODY = "system"
"""The user of the filter for what nobody did but a job."""

LONGEST = 200


@dataclass(frozen=True)
class Filters:
    """An empty text or None filters nothing."""

    unit: int | None
    search: str
    user: str
    action: str
    type: str
    starts: datetime | None
    ends: datetime | None
    """The first moment that is not wanted any more."""


def read_filters(given: Mapping[str, Any]) -> Filters:
    """The filters in a query or a body."""
    texts = {name: _text(given, name) for name in ("unit", "search", "user", "action", "type")}
    user = texts["user"]
    return Filters(
        unit=known_unit(texts["unit"]).pk if texts["unit"] else None,
        search=texts["search"],
        user=user if user in ("", NOBODY) else str(number_of(user, "user")),
        action=texts["action"],
        type=texts["type"],
        starts=_instant(given, "from"),
        ends=_instant(given, "until"),
    )


def find_entries(user: User, filters: Filters) -> QuerySet[AuditEntry]:
    """The entries that somebody may see and asks for."""
    rows = seen_by(AuditEntry.objects.select_related("user"), user, filters.unit)
    if filters.user == NOBODY:
        rows = rows.filter(user__isnull=True)
    elif filters.user:
        rows = rows.filter(user_id=int(filters.user))
    if filters.action:
        rows = rows.filter(action=filters.action)
    if filters.type:
        rows = rows.filter(object_type=filters.type)
    if filters.starts:
        rows = rows.filter(at__gte=filters.starts)
    if filters.ends:
        rows = rows.filter(at__lt=filters.ends)
    for word in filters.search.lower().split():
        rows = rows.filter(words__contains=word)
    return rows


def notes_of(filters: Filters) -> dict[str, Any]:
    """What is filtered, as an audit entry keeps it."""
    notes = {
        "unit": filters.unit,
        "search": filters.search,
        "user": filters.user,
        "action": filters.action,
        "type": filters.type,
        "from": filters.starts and filters.starts.isoformat(),
        "until": filters.ends and filters.ends.isoformat(),
    }
    return {name: note for name, note in notes.items() if note}


def in_words(filters: Filters, unit: str) -> list[tuple[str, str]]:
    """What the filters say, for the head of a file. What is not filtered is said, too."""
    return [
        ("Unit", unit),
        ("From", _instant_in_words(filters.starts) if filters.starts else "the first entry"),
        ("Until", f"{_instant_in_words(filters.ends)} (not included)" if filters.ends else "the last entry"),
        ("Who", _name_of(filters.user) if filters.user else "everybody"),
        ("Action", filters.action or "all"),
        ("Object type", filters.type or "all"),
        ("Search", filters.search or "none"),
    ]


def _text(given: Mapping[str, Any], name: str) -> str:
    text = text_of(given, name)
    if len(text) > LONGEST:
        raise ValidationError({"detail": f"{name}: at most {LONGEST} characters."})
    return text


def _instant(given: Mapping[str, Any], name: str) -> datetime | None:
    """A day alone is another period in each time zone, so that it would be ambiguous."""
    written = _text(given, name)
    if not written:
        return None
    try:
        instant = parse_datetime(written)
        if instant is not None and instant.tzinfo is not None:
            instant.astimezone(timezone.utc)  # as the database keeps it
            return instant
    except (ValueError, OverflowError):  # such as the 31st of February, or what is in UTC before the year 1
        pass
    example = "2026-11-26T00:00:00+01:00"
    raise ValidationError({"detail": f"{name}: Write a date and a time with the time zone, such as {example}."})


def _instant_in_words(instant: datetime) -> str:
    """``2026-11-20 00:00:00 +01:00``: the time zone stays the one of the person who asked."""
    day, zone = instant.strftime("%Y-%m-%d %H:%M:%S"), instant.strftime("%z")
    return f"{day} UTC" if instant.utcoffset() == timedelta() else f"{day} {zone[:3]}:{zone[3:]}"


def _name_of(user: str) -> str:
    if user == NOBODY:
        return SYSTEM
    found = User.objects.filter(pk=user).first()
    return found.name if found else f"User {user}"
