"""Triggers note every committed change of published tables on PostgreSQL, and the sender publishes it."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from conftest import RedisServer
from dms_live.checks import check_settings
from dms_live.expanding import expand_all
from dms_live.management.commands.live_triggers import _written
from dms_live.models import OutboxEntry
from dms_live.registry import registry
from dms_live.relay import run_round
from dms_live.statements import _changes_captured, _setting_before, _tables
from dms_live.testing import captured_events
from dms_live.trigger_migrations import CaptureChanges, CreateCaptureFunction
from dms_live.users import actors_of, shape_user
from documents.models import Crate, Request, Storage
from live_case import World, actions, sent
from programs import answers_of

#: "+": the event names the acting user, "-": nobody.
SIGNALS: dict[str, Any] = {
    "save()": ["request APPROVED +"],
    "save() without a change": [],
    "update()": [],
    "update() in tracked()": ["request RETURNED +"],
    "update() and publish()": ["request COMPLETED +"],
    "update() and publish() of the same": ["request ISSUED +"],
    "publish() alone": ["request UPDATED +"],
    "bulk_create()": [],
    "bulk_create() and publish_bulk()": ["storage BULK_CREATED +"],
    "bulk_update()": [],
    "SQL": [],
    "SQL with WITH": [],
    "SQL that moves it": [],
    "a transaction that is rolled back": [],
    "a savepoint that is rolled back": ["request MOVED_OUT +", "request MOVED_IN +"],
    "documents.add()": ["crate UPDATED +"],
    "crates.remove()": ["crate UPDATED +"],
    "a row of a through table by bulk_create()": [],
    "a document by update()": [],
    "SET_NULL": ["storage DELETED +", "crate RELOCATED +"],
    "a child with a table of its own": ["request CREATED +"],
    "an audit entry": ["audit LOGIN +"],
    "executemany() in a transaction": [],
    "server-side binding": [],
    "update() without autocommit": [],
    "two users in a transaction": ["storage CREATED -"],
    "COPY": [],
    "a crate with its requests is deleted": ["request MOVED_OUT +", "crate DELETED +"],
    "raw deletion": [],
    "TRUNCATE": [],
    "failed": [],
}
#: What triggers publish otherwise, or besides.
TRIGGERS: dict[str, Any] = {
    "update()": ["request ISSUED +"],
    "bulk_create()": ["storage BULK_CREATED +"],
    "bulk_update()": ["request APPROVED +"],
    "SQL": ["request ISSUED +"],
    "SQL with WITH": ["request UPDATED +"],
    "SQL that moves it": ["request MOVED_OUT +", "request MOVED_IN +"],
    "a savepoint that is rolled back": ["request MOVED_OUT +", "request MOVED_IN +", "request RETURNED +"],
    "a row of a through table by bulk_create()": ["crate UPDATED +"],
    "a document by update()": ["crate UPDATED +"],
    "SET_NULL": ["crate RELOCATED +", "storage DELETED +"],
    "executemany() in a transaction": ["request UPDATED +"],
    "server-side binding": ["request UPDATED +"],
    "update() without autocommit": ["request UPDATED +"],
    "two users in a transaction": ["request UPDATED +", "storage CREATED -"],
    "COPY": ["storage CREATED -"],
    "a crate with its requests is deleted": ["crate DELETED +", "request MOVED_OUT +"],
    "raw deletion": ["storage DELETED +"],
    "TRUNCATE": [
        "storage DELETED +",
        "storage DELETED +",
        "storage DELETED +",
        "storage DELETED +",
        "storage DELETED +",
        "request MOVED_OUT +",
    ],
    "published by signals already": [],
    "a crate in two events": ["ACTIVE", "WITHDRAWN"],
    "looks at all notes": 1,
    "indexes": ["dms_live_put_off", "dms_live_sessions", "dms_live_waiting"],
    "notes that are left": 0,
    "sent again after a death": True,
    "the actor after a statement": "",
    "rows by a cursor of the server": 1,
    "others who may use the function": 0,
    "faults": [],
    "check": ["The migrations have all triggers.", "All triggers are there."],
    "check when changed": [
        "the triggers of lab_request are of an earlier version",
        "the triggers of lab_crate are disabled",
        "Run manage.py live_triggers, then manage.py migrate.",
    ],
    "faults when reversed": 6,
}


def test_triggers_are_refused_on_other_databases(live: RedisServer) -> None:
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "CAPTURE": "triggers"}):
        found = [message.id for message in check_settings() if message.id in ("dms_live.E014", "dms_live.E003")]
        assert found == ([] if connection.vendor == "postgresql" else ["dms_live.E014"])
        assert [fault.code for fault in registry().faults if fault.code == "E014"] == [
            each.removeprefix("dms_live.") for each in found
        ]


@pytest.mark.parametrize(
    ("sql", "is_captured"),
    [
        ('UPDATE "documents_request" SET x = 1', True),
        ("update only public.documents_request set x = 1", True),
        ("/* a tool's comment */ DELETE FROM documents_request", True),
        ("\n  INSERT  INTO documents_request VALUES (1)", True),
        ("TRUNCATE TABLE ONLY documents_request", True),
        ("WITH x AS (SELECT 1) UPDATE documents_request SET x = 1", True),
        ("SELECT * FROM documents_request FOR UPDATE", False),
        ('UPDATE "documents_requests" SET x = 1', False),
        ("WITH x AS (SELECT 1) SELECT * FROM x", False),
    ],
)
def test_statements_that_change_captured_tables_are_found(sql: str, is_captured: bool, live: RedisServer) -> None:
    assert _changes_captured(sql) is is_captured


def test_tables_in_a_schema_of_their_own_are_found(live: RedisServer) -> None:
    table = Request._meta.db_table
    try:
        Request._meta.db_table = 'archive"."orders'
        _tables.cache_clear()
        assert _changes_captured('UPDATE "archive"."orders" SET x = 1')
        call = CaptureChanges("documents.Request", table=Request._meta.db_table, key="id", version="1")
        assert 'table="archive\\".\\"orders"' in _written([call], [])
    finally:
        Request._meta.db_table = table
        _tables.cache_clear()


@pytest.mark.parametrize("user_id", ["a%b", "a\\b"])
def test_an_id_that_cannot_travel_with_a_statement_names_nobody(user_id: str, live: RedisServer) -> None:
    with mock.patch("dms_live.statements.current_actor_id", return_value=user_id):
        assert _setting_before(mock.Mock()) == "SET LOCAL dms_live.actor = ''"


@pytest.mark.django_db
@pytest.mark.parametrize("named", ["pk", "date_joined"])
def test_an_id_that_another_program_made_up_hides_no_other_user(named: str, live: RedisServer) -> None:
    head = World().head
    with mock.patch("dms_live.users.id_name", return_value=named):
        known = actors_of({str(getattr(head, named)), "import"})
    assert known["import"] == {"id": "import", "name": None, "role": None}
    assert shape_user(head) in known.values() or named != "pk"


@override_settings(DATABASE_ROUTERS=["test_triggers.Elsewhere"])
def test_the_function_is_made_only_where_its_table_is() -> None:
    editor = mock.Mock()
    editor.connection.vendor, editor.connection.alias = "postgresql", "archive"
    for move in (CreateCaptureFunction().database_forwards, CreateCaptureFunction().database_backwards):
        move("dms_live", editor, None, None)
    assert not editor.execute.called


class Elsewhere:
    """A router of a project that keeps nothing of this app in its other database."""

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool:
        return db == "default"


def test_what_triggers_note_is_published_as_the_contract_says(triggers: RedisServer) -> None:
    world = World()
    request = world.request(crate=world.crate())
    Request.objects.filter(pk=request.pk).update(status="Approved")
    Storage.objects.bulk_create([Storage(unit=world.unit, shelf_name=name) for name in "ab"])
    events = sent(triggers, f"request:unit:{world.unit.pk}")
    assert actions(events) == ["CREATED", "APPROVED"]
    assert events[1]["request"]["crate"]["documents"][0]["documentName"] == "Ledger"
    assert actions(sent(triggers, f"storage:unit:{world.unit.pk}")) == ["CREATED", "BULK_CREATED"]


def test_many_noted_transactions_take_as_many_statements_as_few(triggers: RedisServer, counted: None) -> None:
    world = World()
    crates = [world.crate() for _ in range(12)]
    requests = [world.request(crate=crate) for crate in crates]
    counts = []  # the first is of what was left to look for
    for several, becomes in ((1, "Withdrawal"), (2, "Storage"), (12, "Destruction")):
        run_round()
        for request in requests[:several]:
            Request.objects.filter(pk=request.pk).update(request_type=becomes)
        with transaction.atomic():
            for crate in crates[:several]:
                crate.documents.create(document_name="Deed")
        with CaptureQueriesContext(connection) as captured:
            expand_all("default")
        counts.append(len(captured))
    assert counts[1] == counts[2]


def test_a_note_that_cannot_be_read_holds_back_no_other(triggers: RedisServer) -> None:
    world = World()
    request = world.request(crate=world.crate())
    run_round()
    Request.objects.filter(pk=request.pk).update(status="Approved")
    Crate.objects.filter(pk=request.crate_id).update(status="Withdrawn")
    with connection.cursor() as cursor:  # as after a migration that changes the type of a column
        cursor.execute(
            "UPDATE dms_live_capturedchange SET before = jsonb_set(before, '{unit_id}', '\"x\"') WHERE model = %s",
            [Crate._meta.label],
        )
    run_round()
    assert actions(sent(triggers, f"request:unit:{world.unit.pk}")) == ["CREATED", "APPROVED"]
    assert OutboxEntry.objects.get(state="failed").last_error == "what was noted cannot be read: DataError"


def test_a_test_of_a_project_sees_what_triggers_note(triggers: RedisServer) -> None:
    world = World()
    with transaction.atomic():
        request = world.request()
        with captured_events() as events:
            Request.objects.filter(pk=request.pk).update(status="Approved")
        assert [event.action for event in events] == ["APPROVED"]
        with captured_events() as events:
            Request.objects.filter(pk=request.pk).update(status="Issued")
        events.assert_published("request", action="ISSUED", id=request)
        transaction.set_rollback(True)


@pytest.mark.own_database
def test_each_kind_of_change_is_published_as_the_readme_says(postgres: str) -> None:
    by_signals = answers_of("captures.py", postgres, "signals")
    by_triggers = answers_of("captures.py", postgres, "triggers")
    assert by_signals == SIGNALS
    assert by_triggers == {**SIGNALS, **TRIGGERS}


@pytest.mark.own_database
def test_subscribers_know_what_two_workers_have_committed(postgres: str) -> None:
    answers = answers_of("capture_crowd.py", postgres, "1")
    assert answers.pop("published") > 200
    assert answers == {
        "twice": 0, "undone": 0, "differences": [], "steps": [{}, {}], "failed": [], "left": 0, "errors": [],
    }  # fmt: skip
