"""What stays of sent events: rows of the outbox for a while, and the keys of the server's logs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import RedisServer
from dms_live.delivery import prune
from dms_live.models import OutboxEntry, RelayState
from dms_live.relay import run_round
from live_case import World, sent

pytestmark = pytest.mark.django_db(transaction=True)


def test_sent_rows_are_pruned_failed_ones_kept(live: RedisServer) -> None:
    world = World()
    world.request()
    run_round()
    OutboxEntry.objects.update(sent_at=timezone.now() - timedelta(days=2))
    kept = OutboxEntry.objects.create(topic="request:unit:1", event_id="x", state="failed")
    assert prune("default") == 2
    assert list(OutboxEntry.objects.all()) == [kept]


def test_rounds_prune_by_themselves(live: RedisServer) -> None:
    World()
    run_round()
    RelayState.objects.update(pruned_at=timezone.now() - timedelta(minutes=2))
    OutboxEntry.objects.update(sent_at=timezone.now() - timedelta(days=2))
    run_round()
    assert not OutboxEntry.objects.exists()


def test_keys_are_the_servers(live: RedisServer) -> None:
    world = World()
    world.request()
    events = sent(live, f"request:unit:{world.unit.pk}")
    kind, stream = "dms:{request}", f"dms:{{request}}:unit:{world.unit.pk}"
    assert set(live.client.scan_iter("dms:{request}*")) == {
        stream,
        f"{stream}:ids",
        f"{kind}:units",
        f"{kind}:aging",
        f"{kind}:generation",
    }
    assert live.client.zrange(f"{stream}:ids", 0, -1) == [events[0]["id"]]
