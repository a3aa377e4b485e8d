"""What the README says of saves that Django does not report, and of the order of a send-back and its request."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test.utils import CaptureQueriesContext

from conftest import RedisServer
from dms_live import publish, tracked, written
from dms_live.models import OutboxEntry
from dms_live.testing import CapturedEvents, captured_events
from documents.models import Request, SendBack
from live_case import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_fixture_makes_no_events(live: RedisServer, tmp_path: Path) -> None:
    request, written = World().request(), tmp_path / "rows.json"
    call_command("dumpdata", "documents.request", output=str(written), stdout=StringIO())
    Request.objects.all().delete()
    with captured_events() as events:
        call_command("loaddata", str(written), stdout=StringIO())
        assert Request.objects.filter(pk=request.pk).exists()
        assert list(events) == []
        publish(Request.objects.get(pk=request.pk), "CREATED")
    events.assert_published("request", action="CREATED", id=request)


def test_the_migrations_of_the_app_are_complete() -> None:
    call_command("makemigrations", "dms_live", check=True, dry_run=True, stdout=StringIO())


def test_a_migration_makes_no_events(live: RedisServer) -> None:
    world = World()
    historical = MigrationLoader(connection).project_state().apps.get_model("documents", "Request")
    with captured_events() as events:
        historical.objects.create(request_type="Storage", unit_id=world.unit.pk)
        assert list(events) == []


def reverted(request: Request) -> CapturedEvents:
    """As django-reversion does it: an old version is deserialized and saved."""
    (old,) = serializers.deserialize("json", serializers.serialize("json", [request]))
    request.status = "Approved"
    request.save()
    with captured_events() as events, tracked(Request.objects.filter(pk=request.pk)):
        old.save()
    return events


def test_a_row_that_is_set_back_is_published_by_tracking_it(live: RedisServer) -> None:
    request = World().request()
    (event,) = reverted(request)
    assert (event.kind, event.entity["status"]) == ("request", "PENDING")


def test_a_send_back_shows_its_request_as_it_is_when_the_send_back_is_saved(live: RedisServer) -> None:
    world = World()
    first, second = world.request(), world.request()
    OutboxEntry.objects.all().delete()
    with captured_events() as events:
        for request in (first, second):
            if request is second:
                SendBack.objects.create(request=request, reason="Which?", created_by=world.head)
            request.status = "Sent Back"
            request.save()
            if request is first:
                SendBack.objects.create(request=request, reason="Which?", created_by=world.head)
    shown = [event.entity["request"]["status"] for event in events.of("sendback")]
    assert shown == ["SENT_BACK", "PENDING"]
    assert [event.action for event in events.of("request")] == ["SENT_BACK", "SENT_BACK"]


def test_a_trigger_that_is_added_is_seen_seconds_later(monkeypatch: pytest.MonkeyPatch) -> None:
    now, answers = [1000.0], [True, False]
    monkeypatch.setattr(written, "monotonic", lambda: now[0])
    monkeypatch.setattr(written, "_asked", lambda *_: answers.pop(0))
    monkeypatch.setattr(written, "_answers", {})

    def is_plain() -> bool:
        return written.stores_as_given("default", "documents_request")

    assert [is_plain(), is_plain()] == [True, True]
    now[0] += 5
    assert [is_plain(), is_plain()] == [False, False]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_a_save_on_sqlite_keeps_other_writers_waiting_for_few_statements(live: RedisServer, counted: None) -> None:
    request = World().request()
    request.status = "Approved"
    request.save()  # writes the queries, and asks whether there are triggers
    request.status = "Issued"
    with CaptureQueriesContext(connection) as captured:
        request.save()
    said = [query["sql"].split()[:3] for query in captured.captured_queries]
    assert [" ".join(words) for words in said] == [
        "BEGIN",
        "UPDATE dms_live_relaystate SET",
        'SELECT "documents_request"."id", "documents_request"."request_type",',
        'SELECT "documents_document"."id", "documents_document"."crate_id",',
        'UPDATE "documents_request" SET',
        'INSERT INTO "dms_live_outboxentry"',
        "COMMIT",
    ]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_a_trigger_on_sqlite_has_the_last_word(live: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "_answers", {})
    world = World()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER corrects AFTER UPDATE ON documents_request BEGIN"
            " UPDATE documents_request SET status = 'Rejected' WHERE id = NEW.id; END"
        )
    try:
        request = world.request()
        request.status = "Approved"
        with captured_events() as events:
            request.save()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER corrects")
    assert [event.action for event in events] == ["REJECTED"]
