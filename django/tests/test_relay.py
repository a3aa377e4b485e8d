"""The relay as a process of its own: sends, ends on SIGTERM, and survives being killed; and the task for Celery."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from conftest import RedisServer
from dms_live.models import OutboxEntry
from dms_live.tasks import relay as relay_task
from live_case import World, logged, sent

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def relay_process(live: RedisServer) -> Iterator[subprocess.Popen[str]]:
    """A relay on the tests' database, once it says that it runs."""
    here = Path(__file__).resolve().parent
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (here.parent, here, here / "dms"))),
        "DJANGO_SETTINGS_MODULE": "unit_settings",
        "TEST_REDIS_URL": live.url,
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
    }
    command = [sys.executable, "-m", "django", "relay_live_events", "--interval", "0.01"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Relaying")
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_relay_sends_what_others_commit_and_ends_when_told(live: RedisServer) -> None:
    world = World()
    listener = live.client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(f"dms:request:unit:{world.unit.pk}")
    with relay_process(live) as process:
        world.request()
        assert next(listener.listen())["channel"] == f"dms:request:unit:{world.unit.pk}"
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert output.strip() == "Stopped."
    assert process.returncode == 0


def test_two_relays_killed_in_turn_lose_and_double_nothing(live: RedisServer) -> None:
    world = World()
    listener = live.client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(f"dms:request:unit:{world.unit.pk}")
    made = []
    for turn in range(3):
        with relay_process(live), relay_process(live) as victim:
            made += [world.request().pk for _ in range(5)]
            next(listener.listen())
            victim.kill()
            made += [world.request().pk for _ in range(5)]
            if turn == 1:
                live.kill()
                made += [world.request().pk for _ in range(5)]
                live.start()
    events = sent(live, f"request:unit:{world.unit.pk}")
    assert [event["request"]["id"] for event in events] == made


def test_once_sends_what_waits_and_says_how_much(live: RedisServer) -> None:
    world = World()
    world.request()
    told = StringIO()
    call_command("relay_live_events", "--once", stdout=told)
    assert told.getvalue() == "2 sent\n"
    live.kill()
    world.request()
    call_command("relay_live_events", "--once", stdout=told)
    assert "Redis is away" in told.getvalue()


def test_the_task_sends(live: RedisServer) -> None:
    world = World()
    world.request()
    relay_task()
    assert len(logged(live, f"request:unit:{world.unit.pk}")) == 1
    assert not OutboxEntry.objects.filter(state="pending").exists()
