"""Key figures: they are counted for each unit and all together, and published when they change, also as time goes by."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from conftest import RedisServer
from dms_live.kpis import count_figures, send_figures
from dms_live.models import OutboxEntry, RelayState
from dms_live.redis_client import append_event
from dms_live.relay import run_round
from documents.models import Request
from live_case import World, logged

pytestmark = pytest.mark.django_db(transaction=True)


def test_figures_of_each_unit_and_all_together(live: RedisServer) -> None:
    world = World()
    yesterday = timezone.now() - timedelta(days=1)
    world.request(status="Issued", expected_return_date=yesterday)
    world.request(status="Issued", request_type="Storage", expected_return_date=yesterday)
    world.request(status="Issued", expected_return_date=timezone.now() + timedelta(days=1))
    world.request(request_type="Destruction")
    world.request(unit=world.other)
    world.crate()
    send_figures()
    (here,) = logged(live, f"kpis:unit:{world.unit.pk}")
    assert here["unitId"] == world.unit.pk
    assert {row["status"]: row["count"] for row in here["requestsByStatus"] if row["count"]} == {
        "ISSUED": 3,
        "PENDING": 1,
    }
    assert {row["requestType"]: row["count"] for row in here["requestsByType"]} == {
        "STORAGE": 1,
        "WITHDRAWAL": 2,
        "DESTRUCTION": 1,
    }
    assert (here["overdueWithdrawals"], here["pendingApprovals"]) == (1, 1)
    assert here["cratesByStatus"][0] == {"status": "ACTIVE", "count": 1}
    (together,) = logged(live, "kpis:all")
    assert together["unitId"] is None
    assert together["pendingApprovals"] == 2
    assert live.client.exists("dms:{kpis}:units") == 0


def test_figures_that_are_the_same_are_not_published_again(live: RedisServer) -> None:
    world = World()
    assert send_figures() == 3
    assert send_figures() == 0
    world.request()
    assert send_figures() == 2


def test_the_number_of_queries_does_not_grow_with_the_units(live: RedisServer, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    World()
    with django_assert_max_num_queries(5):
        count_figures(timezone.now())


def test_figures_follow_a_commit_and_the_clock(live: RedisServer) -> None:
    world = World()
    request = world.request(status="Issued", expected_return_date=timezone.now() + timedelta(hours=1))
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "relay", "KPI_DEBOUNCE_SECONDS": 0}):
        run_round()
        topic = f"kpis:unit:{world.unit.pk}"
        assert [event["overdueWithdrawals"] for event in logged(live, topic)] == [0]
        Request.objects.filter(pk=request.pk).update(expected_return_date=timezone.now() - timedelta(hours=1))
        run_round()
        assert len(logged(live, topic)) == 1
        RelayState.objects.update(kpis_at=timezone.now() - timedelta(seconds=61))
        run_round()
        assert [event["overdueWithdrawals"] for event in logged(live, topic)] == [0, 1]


def test_redis_away_leaves_the_figures_due(live: RedisServer) -> None:
    World()
    live.kill()
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "relay"}):
        assert run_round().away is not None
        live.start()
        assert run_round().away is None
    assert logged(live, "kpis:all")


def test_a_late_clock_gives_a_time_after_the_last_snapshot(live: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    send_figures()
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now - timedelta(hours=1))
    world.request()
    send_figures()
    world.request()
    send_figures()
    snapshots = logged(live, "kpis:all")
    assert [event["pendingApprovals"] for event in snapshots] == [0, 1, 2]
    assert [event["computedAt"] for event in snapshots] == sorted(event["computedAt"] for event in snapshots)
    assert len({event["computedAt"] for event in snapshots}) == 3


def test_a_late_snapshot_does_not_pass_for_the_newest(live: RedisServer) -> None:
    world = World()
    send_figures()
    (first,) = logged(live, "kpis:all")
    world.request()
    send_figures()
    append_event("kpis:all", "late", json.dumps({**first, "id": "late"}))  # as of a worker that had lost its lock
    Request.objects.all().delete()
    send_figures()
    snapshots = logged(live, "kpis:all")
    assert [event["pendingApprovals"] for event in snapshots] == [0, 1, 0, 0]
    assert snapshots[-1]["id"] != "late"


def test_a_clock_that_was_set_back_puts_no_figures_off(live: RedisServer) -> None:
    world = World()
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "relay"}):
        run_round()
        RelayState.objects.update(kpis_at=timezone.now() + timedelta(hours=1))
        world.request()
        run_round()
    assert [event["pendingApprovals"] for event in logged(live, "kpis:all")] == [0, 1]


def test_a_round_that_ends_under_load_has_counted_and_leaves_the_rest(
    live: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dms_live.delivery.BATCH", 2)
    world = World()
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "relay"}):
        for _ in range(3):
            world.request()
        assert run_round(iter([False, True]).__next__).sent == 2
    assert len(logged(live, "kpis:all")) == 1
    assert OutboxEntry.objects.filter(state="pending").count() == 2
