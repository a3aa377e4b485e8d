"""Single values as the contract writes them."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils import timezone

from dms_live.topics import MAX_ID_LENGTH, id_length

_OTHERS = re.compile(r"[^a-z0-9]")
# Larger ones are not the same number in JavaScript.
_LARGEST_INTEGER = 2**53 - 1


class Unfit(ValueError):
    """The contract does not allow a value or an event. The message names fields, never values."""


def as_id(value: Any) -> int | str | None:
    """An integer or a string of at most 128 characters; empty is ``None``."""
    if isinstance(value, Model):
        value = value.pk
    if value is None or value == "":
        return None
    if isinstance(value, int) and abs(value) <= _LARGEST_INTEGER:
        return value
    written = str(value)
    if id_length(written) > MAX_ID_LENGTH:
        raise Unfit("an id has at most 128 characters")
    return written


def as_text(value: Any) -> str | None:
    return None if value is None else str(value)


def as_whole(value: Any) -> int | None:
    """A whole number. GraphQL's ``Int`` has 32 bits."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value < 2**31:
        raise Unfit("a value is no whole number of 32 bits")
    return value


def as_number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise Unfit("a value is no number")
    return float(value)


def as_truth(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise Unfit("a value is neither true nor false")


def as_word(value: Any, label: Any, words: Collection[str], own: Mapping[Any, str]) -> str | None:
    """One of ``words``, however the DMS spells it: ``Sent Back``, ``sent-back``, ``SentBack``. If the value is none of them,
    its label counts.

    :param own: the DMS's own values, and the word that each stands for.
    """
    if value is None or value == "":
        return None
    by_letters = _by_letters(tuple(words))
    for spelling in (own.get(value, own.get(str(value))), value, label):
        if spelling is not None and (word := by_letters.get(_letters(spelling))) is not None:
            return word
    raise Unfit(f"a value is none of {', '.join(words)}")


def as_instant(value: Any) -> str | None:
    """A time in UTC. A day becomes its beginning in the time zone of the DMS."""
    if value is None:
        return None
    if not isinstance(value, datetime.date):
        raise Unfit("a time is neither a date nor a datetime")
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if timezone.is_naive(value):
        value = timezone.make_aware(value)
    return str(value.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat()) + "Z"


def as_day(value: Any) -> str | None:
    """A day stays one."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    return as_instant(value)


def as_json(value: Any) -> Any:
    """Any JSON value. Text that is JSON itself is parsed."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False))


def as_list(value: Any) -> list[Any]:
    """A list as a column has it, or as JSON in a text. An entry that is empty has no place in it."""
    listed = as_json(value) if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple, set, frozenset)):
        raise Unfit("a value is no list")
    return [
        one for one in (sorted(listed, key=str) if isinstance(listed, (set, frozenset)) else listed) if one is not None
    ]


@lru_cache(maxsize=256)
def _by_letters(words: tuple[str, ...]) -> dict[str, str]:
    return {_letters(word): word for word in words}


def _letters(written: Any) -> str:
    return _OTHERS.sub("", str(written).lower())
