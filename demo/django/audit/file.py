"""The audit trail as a file that Excel and LibreOffice open as a table (RFC 4180)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Unit, User
from audit.filters import Filters, in_words
from audit.models import AuditEntry
from audit.words import SYSTEM, changes_in_words, utc_time

BYTE_ORDER_MARK = "\ufeff"
"""Excel takes a file without it for one in the encoding of the country."""

FORMULA = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ufeff\u200b-\u200f\u2060]*[=+\-@|＝＋－＠｜]|[\t\r\n]")
"""A spreadsheet takes such a text for a formula, which could run or send something when the file is opened. Some take wide
characters for their narrow ones, and pass over what is not seen."""

COLUMNS = (
    "Entry",
    "Time (UTC)",
    "Who",
    "Role",
    "User ID",
    "Action",
    "Object type",
    "Object ID",
    "Changes",
    "IP address",
    "Unit",
)

BATCH = 200
LONGEST_PART = 40


@dataclass(frozen=True)
class AuditFile:
    entries: Sequence[int]
    """The ids, in the order of the lines: an entry that is written meanwhile is not in the file."""
    filters: Filters
    unit: Unit | None
    by: User
    now: datetime

    @property
    def name(self) -> str:
        """``audit-trail_2026-11-26_unit-1_from-2026-11-20_request-approved.csv``"""
        filters = self.filters
        parts = (
            "audit-trail",
            utc_time(self.now)[:10],
            f"unit-{self.unit.pk}" if self.unit else "all-units",
            filters.starts and f"from-{filters.starts.date()}",
            filters.ends and f"before-{filters.ends.date()}",
            filters.user and f"user-{filters.user}",
            filters.action,
            filters.type,
            filters.search and f"search-{filters.search}",
        )
        return "_".join(_slug(part) for part in parts if part) + ".csv"

    def lines(self) -> Iterator[str]:
        """First what the file is, who made it and what its filters were; then a line for each entry."""
        unit = f"Unit {self.unit.pk} · {self.unit.name}" if self.unit else "all units"
        role = self.by.role if self.by.unit_id is None else f"{self.by.role} of unit {self.by.unit_id}"
        yield BYTE_ORDER_MARK + _line(("Audit trail", "Records"))
        yield _line(("Exported", f"{utc_time(self.now)} UTC by {self.by.name}, {role}"))
        yield from (_line(pair) for pair in in_words(self.filters, unit))
        yield _line(("Entries", str(len(self.entries))))
        yield _line(()) + _line(COLUMNS)
        for start in range(0, len(self.entries), BATCH):
            ids = self.entries[start : start + BATCH]
            found = AuditEntry.objects.select_related("user").in_bulk(ids)
            yield "".join(_line(_values(found[pk])) for pk in ids)


def _values(entry: AuditEntry) -> tuple[str, ...]:
    user = entry.user
    return (
        str(entry.pk),
        utc_time(entry.at),
        user.name if user else SYSTEM,
        user.role if user else "",
        str(user.pk) if user else "",
        entry.action,
        entry.object_type,
        str(entry.object_id),
        changes_in_words(entry.changes),
        entry.ip_address or "",
        str(entry.unit_id),
    )


def _line(values: Iterable[str]) -> str:
    """Each value is quoted, so that no separator or line break in it breaks the table."""
    return ",".join(_quoted(value) for value in values) + "\r\n"


def _quoted(value: str) -> str:
    harmless = f"'{value}" if FORMULA.match(value) else value
    return '"' + harmless.replace('"', '""') + '"'


def _slug(part: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")[:LONGEST_PART]
