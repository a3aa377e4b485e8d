"""Each kind of change, by signals or by triggers, and what is published: ``python captures.py <host:port> <signals|triggers>``.

Prints, for each change, the events with their actions, and whether they name the acting user ("+") or nobody ("-").
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from typing import Any

from small_project import boot

m = boot(sys.argv[1], with_app=True, live={"KPIS": False, "UNTOLD": "ignore", "CAPTURE": sys.argv[2]})

from django.core.management import CommandError, call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from dms_live import acting_as, delivery, notes, publish, publish_bulk, tracked  # noqa: E402
from dms_live.capturing import faults_in_triggers  # noqa: E402
from dms_live.models import CapturedChange, OutboxEntry  # noqa: E402
from dms_live.relay import run_round  # noqa: E402

published: list[tuple[str, dict[str, Any]]] = []
answers: dict[str, Any] = {}


def append_event(topic: str, event_id: str, payload: str) -> bool:
    published.append((topic, json.loads(payload)))
    return True


delivery.append_event = append_event


def sql(statement: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def note(change: str, act: Callable[[], object]) -> None:
    """What a change publishes, while a user acts."""
    since = len(published)
    with acting_as(ann):
        act()
    run_round()
    answers[change] = [
        f"{topic.split(':')[0]} {event['action']} {'-' if event['actor'] is None else '+'}"
        for topic, event in published[since:]
    ]


def copy_in() -> None:
    with connection.cursor() as cursor, cursor.copy("COPY lab_storage (unit_id, room_name) FROM STDIN") as lines:
        lines.write_row((unit.pk, "copied"))


def together(*acts: Callable[[], object]) -> None:
    with transaction.atomic():
        for act in acts:
            act()


def many(statement: str, rows: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def undone() -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        step("Rejected").save()
        raise ZeroDivisionError


def undone_in_part() -> None:
    with transaction.atomic():
        step("Issued").save()
        undone()
        approve("Returned")


def step(status: str) -> Any:
    request.status = status
    return request


def approve(status: str) -> None:
    m.Request.objects.filter(pk=request.pk).update(status=status)


def approve_tracked() -> None:
    with tracked(rows):
        approve("Returned")


def by_nobody() -> None:
    with acting_as(None):
        place.pk = None
        place.save()


def say(command: str, *arguments: str) -> str:
    said = StringIO()
    try:
        call_command(command, *arguments, stdout=said)
    except CommandError as error:
        return str(error)
    return said.getvalue().strip()


def dies(topic: str, event_id: str, payload: str) -> bool:
    attempts.append(event_id)
    raise ZeroDivisionError


def update_without_autocommit() -> None:
    transaction.set_autocommit(False)
    try:
        rows.update(count=6)
        transaction.commit()
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)


def read_by_cursor_of_the_server() -> list[Any]:
    """As ``iterator()`` does, with a query that triggers might note."""
    with acting_as(ann), connection.chunked_cursor() as cursor:
        cursor.execute("WITH it AS (SELECT id FROM lab_request) SELECT id FROM it")
        return list(cursor.fetchall())


def indexes_of(query: str) -> list[str]:
    """Those of partial indexes by which PostgreSQL finds what waits."""
    if not query.startswith("SELECT"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}")
        return re.findall("dms_live_(?:put_off|sessions|waiting)", str(cursor.fetchall()))


def link() -> None:
    m.CrateDocument.objects.bulk_create([m.CrateDocument(crate=crate, document=paper)])


unit, other = m.Unit.objects.create(code="QC"), m.Unit.objects.create(code="RA")
ann = m.User.objects.create_user("ann", unit=unit)
place = m.Storage.objects.create(unit=unit)
crate = m.Crate.objects.create(unit=unit, storage=place)
paper = m.Document.objects.create()
request = m.Request.objects.create(unit=unit, crate=crate)
run_round()
rows = m.Request.objects.filter(pk=request.pk)
places = [m.Storage(unit=unit), m.Storage(unit=unit)]

note("save()", step("Approved").save)
note("save() without a change", request.save)
note("update()", lambda: approve("Issued"))
note("update() in tracked()", approve_tracked)
note("update() and publish()", lambda: together(lambda: rows.update(count=5), lambda: publish(request, "COMPLETED")))
note(
    "update() and publish() of the same",
    lambda: together(lambda: approve("Issued"), lambda: publish(request, "ISSUED")),
)
note("publish() alone", lambda: publish(request))
note("bulk_create()", lambda: m.Storage.objects.bulk_create(places))
more = [m.Storage(unit=unit), m.Storage(unit=unit)]
note(
    "bulk_create() and publish_bulk()",
    lambda: together(lambda: publish_bulk(m.Storage.objects.bulk_create(more), "CREATED")),
)
request.status = "Approved"
note("bulk_update()", lambda: m.Request.objects.bulk_update([request], ["status"]))
note("SQL", lambda: sql("UPDATE lab_request SET status = 'Issued', count = %s WHERE id = %s", 7, request.pk))
note("SQL with WITH", lambda: sql("WITH it AS (SELECT 1) UPDATE lab_request SET count = 8 WHERE id = %s", request.pk))
note("SQL that moves it", lambda: sql('UPDATE "lab_request" SET unit_id = %s WHERE id = %s', other.pk, request.pk))
note("a transaction that is rolled back", undone)
note("a savepoint that is rolled back", undone_in_part)
note("documents.add()", lambda: crate.documents.add(paper))
note("crates.remove()", lambda: paper.crates.remove(crate))
note("a row of a through table by bulk_create()", link)
note("a document by update()", lambda: m.Document.objects.filter(pk=paper.pk).update(document_name="new"))
note("SET_NULL", place.delete)
note("a child with a table of its own", lambda: m.Transfer.objects.create(unit=unit))
note("an audit entry", lambda: m.AuditTrail.objects.create(user=ann, action="LOGIN"))
counts = [(2, request.pk), (3, request.pk)]
note(
    "executemany() in a transaction",
    lambda: together(lambda: many("UPDATE lab_request SET count = %s WHERE id = %s", counts)),
)
connection.settings_dict["OPTIONS"]["server_side_binding"] = True  # then no message has two statements
note("server-side binding", lambda: rows.update(count=4))
connection.settings_dict["OPTIONS"]["server_side_binding"] = False
note("update() without autocommit", update_without_autocommit)
note("two users in a transaction", lambda: together(lambda: rows.update(count=1), by_nobody))
note("COPY", copy_in)
note("a crate with its requests is deleted", m.Crate.objects.get(pk=crate.pk).delete)
note("raw deletion", lambda: m.Storage.objects.filter(room_name="copied")._raw_delete("default"))
note("TRUNCATE", lambda: sql("TRUNCATE lab_storage CASCADE"))
answers["failed"] = list(OutboxEntry.objects.filter(state="failed").values_list("last_error", flat=True))
if sys.argv[2] == "triggers":
    # A process that still runs with the earlier setting has published this change already.
    run_round()
    with transaction.atomic():
        late = m.Request.objects.create(unit=unit)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO dms_live_outboxentry (topic, event_id, payload, state, created_at, attempts, last_error,"
                " subject, snapshot, is_ordered, is_captured, transaction) SELECT 'request:unit:1', 'x', '{}', 'sent', now(),"
                " 1, '', %s, txid_current_snapshot()::text, true, false, txid_current()",
                [f"request:{late.pk}"],
            )
    note("published by signals already", lambda: None)
    # Two transactions are made events in one round: each event shows the crate as it was.
    since, box = len(published), m.Crate.objects.create(unit=unit)
    late.crate = box
    late.save()
    m.Crate.objects.filter(pk=box.pk).update(status="Withdrawn")
    m.Request.objects.filter(pk=late.pk).update(count=9)
    run_round()
    answers["a crate in two events"] = [
        event["request"]["crate"]["status"] for topic, event in published[since:] if topic.startswith("request:")
    ]
    # A sender that dies while it sends has made the event before: the next one sends the same.
    attempts: list[str] = []
    delivery.append_event = dies
    m.Request.objects.filter(pk=late.pk).update(status="Approved")
    with suppress(ZeroDivisionError):
        run_round()
    delivery.append_event = append_event
    run_round()
    answers["sent again after a death"] = [published[-1][1]["id"]] == attempts
    with acting_as(ann), connection.cursor() as cursor:
        m.Request.objects.filter(pk=late.pk).update(status="Issued")
        cursor.execute("SELECT current_setting('dms_live.actor', true)")
        answers["the actor after a statement"] = cursor.fetchone()[0]
    answers["rows by a cursor of the server"] = len(read_by_cursor_of_the_server())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))"
            " WHERE proname = 'dms_live_capture' AND grantee <> proowner"
        )
        answers["others who may use the function"] = cursor.fetchone()[0]
    run_round()
    # A large transaction takes several rounds, and none of them reads all that waits.
    notes.MOST = 5
    m.Storage.objects.bulk_create([m.Storage(unit=unit) for _ in range(23)])
    with CaptureQueriesContext(connection) as captured:
        run_round()
    queries = [query["sql"] for query in captured.captured_queries]
    answers["looks at all notes"] = sum("GROUP BY" in query for query in queries)
    with transaction.atomic():
        sql(
            "INSERT INTO dms_live_outboxentry (topic, event_id, payload, state, created_at, attempts, last_error)"
            " SELECT 'request:unit:1', 'x', '{}', 'pending', now(), 0, '' FROM generate_series(1, 2000)"
        )
        sql("ANALYZE dms_live_outboxentry")
        sql("SET LOCAL enable_seqscan = off")
        answers["indexes"] = sorted({index for query in queries for index in indexes_of(query)})
        transaction.set_rollback(True)
    answers["notes that are left"] = CapturedChange.objects.count()
    answers["faults"] = list(faults_in_triggers("default"))
    answers["check"] = [say("live_triggers"), say("live_triggers", "--check")]
    sql("ALTER TABLE lab_crate DISABLE TRIGGER zz_dms_live_rows")
    sql("COMMENT ON TRIGGER zz_dms_live_updates ON lab_request IS 'old'")
    answers["check when changed"] = say("live_triggers", "--check").splitlines()
    call_command("migrate", "lab", "0001", verbosity=0)
    answers["faults when reversed"] = len(list(faults_in_triggers("default")))
    call_command("migrate", "dms_live", "zero", verbosity=0)
print(json.dumps(answers))
