"""What an earlier run saw of each row. It costs no save anything: only ``verify_live`` writes it, and only what is different.

The logs reach back a day. A row that was changed by SQL long after its last event would never be found by them. So each run notes
the marks of each row. A row with other marks in the next run, of which neither the log nor the outbox has an event since, has
changed without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from dms_live.conf import conf
from dms_live.delivery import KEPT_TO_COMPARE
from dms_live.kinds import KINDS
from dms_live.locks import write_first
from dms_live.models import Verification, VerifiedRow
from dms_live.shapes import SHAPES
from dms_live.verify.findings import Outcome
from dms_live.verify.logs import SLACK, Logs
from dms_live.verify.rows import PAGE, Row

#: The marks of a row that was published as gone, such as one that is softly deleted.
GONE = ""


def reach() -> int:
    """For how many seconds rows stay in the outbox after they were sent."""
    return max(conf().keep_sent_seconds, KEPT_TO_COMPARE)


class Memory:
    """The rows of one kind as the last complete run saw them."""

    def __init__(self, kind: str, form: str, using: str) -> None:
        self.kind, self.form, self.using = kind, form, using
        self.began_at = timezone.now()
        run = Verification.objects.using(using).filter(kind=kind, form=form).first()
        self.since: datetime | None = None if run is None else run.began_at
        self._kept = self.began_at - timedelta(seconds=reach() if run is None else min(reach(), run.reach))
        self._new: list[VerifiedRow] = []

    def of(self, keys: Sequence[str]) -> dict[str, VerifiedRow]:
        """What is known of some rows. Nothing, where marks of another form were noted."""
        if self.since is None:
            return {}
        return {row.key: row for row in self._rows().filter(key__in=list(keys))}

    def knows_all_events(self, topic: str, logs: Logs | None) -> bool:
        """Whether every event since the last run would be in the log of a topic or in the outbox."""
        if self.since is None:
            return False
        begin = None if logs is None else logs.begin(topic)
        return self._kept < self.since or (begin is not None and begin + SLACK < self.since)

    def note(self, known: VerifiedRow | None, key: str, marks: str, needed: dict[str, Any]) -> None:
        """Notes a row, unless this is known."""
        if known is None or known.marks != marks or known.needed != needed:
            self._new.append(VerifiedRow(kind=self.kind, key=key, marks=marks, needed=needed))
        if len(self._new) >= PAGE:
            self.flush()

    def flush(self) -> None:
        rows = list({row.key: row for row in self._new}.values())
        self._new = []
        if rows:
            has_target = connections[self.using].features.supports_update_conflicts_with_target
            VerifiedRow.objects.using(self.using).bulk_create(
                rows,
                update_conflicts=True,
                update_fields=["marks", "needed"],
                unique_fields=["kind", "key"] if has_target else None,
            )

    def count(self) -> int:
        return self._rows().count() if self.since is not None else 0

    def all(self) -> Iterator[list[VerifiedRow]]:
        """All rows, page by page."""
        after = 0
        while self.since is not None:
            page = list(self._rows().filter(pk__gt=after).order_by("pk")[:PAGE])
            if page:
                yield page
            if len(page) < PAGE:
                return
            after = page[-1].pk

    def forget(self, keys: Iterable[str]) -> None:
        self._rows().filter(key__in=list(keys)).delete()

    def start_over(self) -> None:
        """Forgets marks of another form."""
        if self.since is None:
            self._rows().delete()

    def end(self, outcome: Outcome) -> None:
        """Notes that this run is complete."""
        self.flush()
        noted = {
            "began_at": self.began_at,
            "ended_at": timezone.now(),
            "form": self.form,
            "reach": reach(),
            "rows": outcome.rows,
            "found": outcome.found,
            "repaired": outcome.repaired,
        }
        with transaction.atomic(using=self.using):
            write_first(self.using)
            Verification.objects.using(self.using).update_or_create(kind=self.kind, defaults=noted)

    def _rows(self) -> Any:
        return VerifiedRow.objects.using(self.using).filter(kind=self.kind)


def needed_of(row: Row) -> dict[str, Any]:
    """The fields that an event cannot be without, if one has to report later that the row is gone."""
    kind = KINDS[row.spec.kind]
    return {
        part.name: row.entity[part.name]
        for part in SHAPES[kind.name]
        if part.required and part.name in row.entity and part.form not in ("entity", "entities")
    }
