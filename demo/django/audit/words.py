"""What an audit entry says, in words: for the file and for the search."""

import json
import re
from datetime import datetime, timezone
from typing import Any

from django.utils.dateparse import parse_datetime

SYSTEM = "The system"

# The places that were made at once are a list, and no change from one thing to another.
LIST = "locations"

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT")


def changes_in_words(changes: Any) -> str:
    """``status: Pending → Approved; approved by: none → Peter Osei``"""
    if not isinstance(changes, dict):
        return ""
    return "; ".join(f"{_field(field)}: {_change(field, change)}" for field, change in changes.items())


def searched_text(action: str, what: str, who: str, address: str | None, changes: Any) -> str:
    """By what an entry is found."""
    return "\n".join((action, what, who, address or "", changes_in_words(changes))).lower()


def utc_time(instant: datetime) -> str:
    """``2026-11-26 09:58:12``

    Excel takes it for a date and a time, LibreOffice where its import is to detect special numbers. As a text, which it
    is there otherwise, it is sorted the same.
    """
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def _change(field: str, change: Any) -> str:
    if not isinstance(change, list):
        return _value(change)
    separator = " → " if field != LIST and len(change) == 2 else ", "
    return separator.join(_value(value) for value in change)


def _field(name: str) -> str:
    """``approval_date`` is ``approval date``."""
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    instant = parse_datetime(value) if INSTANT.match(value) else None
    return f"{utc_time(instant)} UTC" if instant else value
