"""One command says whether events are delivered, and what should be looked at."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone

from conftest import RedisServer
from dms_live.models import OutboxEntry, RelayState
from dms_live.outbox import refuse
from dms_live.relay import run_round
from live_case import World

pytestmark = pytest.mark.django_db(transaction=True)

ALIKE = {"historyEvents": 10_000, "historySeconds": 86_400, "adminRoles": ["System Admin"], "auditRoles": ["QC"]}


def ask(*arguments: str) -> tuple[str, int]:
    shown, code = StringIO(), 0
    try:
        call_command("live_status", *arguments, stdout=shown)
    except SystemExit as ended:
        code = int(str(ended.code))
    return shown.getvalue(), code


def status(*arguments: str) -> tuple[dict[str, Any], int]:
    shown, code = ask("--json", *arguments)
    return json.loads(shown), code


def note(live: RedisServer, **settings: Any) -> None:
    live.client.set("dms:settings", json.dumps({**ALIKE, **settings}))


def test_all_is_well(live: RedisServer) -> None:
    note(live)
    World().request()
    run_round()
    found, code = status()
    assert (found["pending"], found["failed"], found["sent_per_minute"], found["redis"]) == (0, 0, 2, "up")
    assert found["last_round"] < 60
    assert (found["problems"], found["remarks"], code) == ([], [], 0)


def test_events_that_wait_are_no_problem_until_they_wait_too_long(live: RedisServer) -> None:
    note(live)
    world = World()
    world.request()
    run_round()
    world.request()
    found, code = status()
    assert found["pending"] > 0
    assert code == 0
    OutboxEntry.objects.update(created_at=timezone.now() - timedelta(seconds=90))
    found, code = status()
    assert found["oldest_pending"] >= 90
    assert (found["problems"], code) == (["an event has waited for 90 s"], 1)
    assert status("--max-wait", "120")[1] == 0


def test_nobody_who_sends_is_a_problem(live: RedisServer) -> None:
    note(live)
    world = World()
    assert status()[1] == 1
    run_round()
    world.request()
    RelayState.objects.update(pruned_at=timezone.now() - timedelta(minutes=5), kpis_at=None)
    OutboxEntry.objects.filter(state="sent").update(sent_at=timezone.now() - timedelta(minutes=5))
    found, code = status()
    assert (found["problems"], code) == (["nobody sends: run relay_live_events"], 1)


def test_a_sender_lives_also_where_key_figures_are_counted_rarely(live: RedisServer) -> None:
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "relay", "KPI_SECONDS": 3600}):
        World().request()
        run_round()
        assert run_round().next_due <= 60


def test_redis_that_is_away_is_a_problem_and_shows_no_address(live: RedisServer) -> None:
    live.kill()
    found, code = status()
    assert (found["redis"], code) == ("ConnectionError", 1)
    assert str(live.port) not in json.dumps(found)


def test_an_outbox_that_cannot_be_read_is_a_problem(live: RedisServer) -> None:
    with mock.patch("dms_live.status.OutboxEntry.objects.using", side_effect=OperationalError("secret")):
        found, code = status()
    assert (found["problems"][0], code) == ("the outbox in the database 'default' cannot be read", 1)
    assert "secret" not in json.dumps(found)


def test_failed_events_are_to_be_looked_at(live: RedisServer) -> None:
    note(live)
    refuse("crate", "a value is none of ACTIVE", "default")
    found, code = status()
    assert (found["failed"], found["remarks"], code) == (1, ["1 events failed: see the outbox in the admin"], 2)


def test_settings_that_differ_from_the_servers_are_named(live: RedisServer) -> None:
    note(live, historySeconds=3600, adminRoles=["ADMIN"])
    found, code = status()
    assert code == 2
    assert [each["name"] for each in found["differences"]] == ["HISTORY_SECONDS", "ADMIN_ROLES"]
    assert "HISTORY_SECONDS is 86400 here, 3600 in dms-live" in found["remarks"]
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "TOPIC_PREFIX": "staging"}):
        assert "its TOPIC_PREFIX is not 'staging'" in status()[0]["remarks"][0]


def test_what_a_server_of_another_version_notes_does_no_harm(live: RedisServer) -> None:
    note(live, something="new")
    assert status()[1] == 0
    for written in ('{"historyEvents": 10000}', "[]", "\udcff".encode("utf-8", "surrogateescape")):
        live.client.set("dms:settings", written)
        assert status()[0]["differences"] == []


def test_it_is_shown_to_people_and_to_prometheus(live: RedisServer) -> None:
    note(live, historyEvents=5)
    World().request()
    shown, code = ask()
    assert code == 1
    assert "PROBLEM: nobody sends: run relay_live_events" in shown
    assert "Look at: HISTORY_EVENTS is 10000 here, 5 in dms-live" in shown
    run_round()
    lines = ask("--prometheus")[0].splitlines()
    assert "dms_live_django_outbox_pending 0" in lines
    assert "dms_live_django_redis_up 1" in lines
    assert "dms_live_django_relay_needed 1" in lines
    assert "dms_live_django_settings_differ 1" in lines
    assert [line for line in lines if not line.startswith(("#", "dms_live_django_"))] == []
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "thread"}):
        assert "dms_live_django_relay_needed 0" in ask("--prometheus")[0].splitlines()


def test_what_verify_live_left_is_to_be_looked_at(live: RedisServer) -> None:
    note(live)
    world = World()
    request = world.request()
    run_round()
    assert status()[0]["unpublished"] is None
    call_command("verify_live", stdout=StringIO())
    assert (status()[0]["unpublished"], status()[1]) == (0, 0)
    type(request).objects.filter(pk=request.pk).update(status="Approved")
    with pytest.raises(SystemExit):
        call_command("verify_live", stdout=StringIO())
    found, code = status()
    assert (found["remarks"], code) == (["changes that were never published: 1. Run verify_live"], 2)
    assert "dms_live_django_unpublished 1" in ask("--prometheus")[0].splitlines()
    call_command("verify_live", "--repair", stdout=StringIO())
    assert status()[0]["unpublished"] == 0
