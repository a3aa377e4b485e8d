"""The project that ``cost.py`` measures: reads names of work from its input, does it, and prints statements and time."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from small_project import boot  # noqa: E402

by_signals = sys.argv[2] == "on"
m = boot(
    sys.argv[1],
    with_app=sys.argv[2] != "off",
    live={"CAPTURE": "triggers"} if sys.argv[2] == "triggers" else None,
)

from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

MANY = 2000
#: How often a small work is done in one turn: the first times, the other process has filled the caches.
REPEATS = 15
unit = m.Unit.objects.create(code="QC")
user = m.User.objects.create_user("ann", unit=unit)
place = m.Storage.objects.create(unit=unit)
crate = m.Crate.objects.create(unit=unit, storage=place)
request = m.Request.objects.create(unit=unit, crate=crate, created_by=user)
papers = [m.Document.objects.create(document_name=str(number)) for number in range(20)]
crate.documents.set(papers)
turn = 0


def save_request() -> None:
    request.count = turn
    request.save()


def approve_request() -> None:
    request.status = ("Approved", "Issued")[turn % 2]
    request.save(update_fields=["status"])


def save_request_unchanged() -> None:
    request.save()


def create_request() -> None:
    m.Request.objects.create(unit=unit, crate=crate)


def save_crate() -> None:
    crate.status = ("Active", "Withdrawn")[turn % 2]
    crate.save()


def save_document() -> None:
    papers[0].document_name = f"turn {turn}"
    papers[0].save()


def save_user() -> None:
    user.first_name = f"Ann {turn}"
    user.save()


def create_storage() -> None:
    m.Storage.objects.create(unit=unit)


def create_audit_entry() -> None:
    m.AuditTrail.objects.create(user=user, action="APPROVE")


def delete_crate() -> None:
    m.Crate.objects.create(unit=unit).delete()


def many_created_in_bulk() -> None:
    with transaction.atomic():
        made = m.Storage.objects.bulk_create([m.Storage(unit=unit, room_name=str(n)) for n in range(MANY)])
        if by_signals:
            from dms_live import publish_bulk

            publish_bulk(made, "CREATED")


def many_created_one_by_one() -> None:
    with transaction.atomic():
        for number in range(MANY // 4):
            m.Storage.objects.create(unit=unit, room_name=str(number))


def many_updated() -> None:
    changed = m.Storage.objects.filter(room_name__lt="3")
    if by_signals:
        from dms_live import tracked

        with tracked(changed):
            changed.update(room_name=f"2 {turn}")
    else:
        changed.update(room_name=f"2 {turn}")


def many_deleted() -> None:
    m.Request.objects.filter(count=-1).delete()


def prepare(work: Callable[[], None]) -> None:
    if work is many_deleted:
        m.Request.objects.bulk_create([m.Request(unit=unit, crate=crate, count=-1) for _ in range(MANY)])


WORKS = {
    work.__name__.replace("_", " "): work
    for work in (
        save_request, approve_request, save_request_unchanged, create_request, save_crate, save_document, save_user,
        create_storage, create_audit_entry, delete_crate, many_created_in_bulk, many_created_one_by_one, many_updated,
        many_deleted,
    )
}  # fmt: skip


def do(name: str) -> dict[str, Any]:
    work = WORKS[name]
    prepare(work)
    globals()["turn"] += 1
    if not name.startswith("many"):
        with CaptureQueriesContext(connection) as captured:
            work()
        said = [query["sql"] for query in captured.captured_queries]
        statements = len([sql for sql in said if sql not in ("BEGIN", "COMMIT")])
    else:
        statements = 0
    times = [_timed(work) for _ in range(1 if name.startswith("many") else REPEATS)]
    ms, cpu = (statistics.median(several) for several in zip(*times, strict=True))
    return {"statements": statements, "ms": ms, "cpu": cpu}


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """The time, and what of it this process worked, in milliseconds."""
    globals()["turn"] += 1
    begun, used = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000


if __name__ == "__main__":
    for line in sys.stdin:
        asked = line.strip()
        print(json.dumps({"works": list(WORKS)} if asked == "works" else do(asked)), flush=True)
