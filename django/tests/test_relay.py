"""The relay as a process of its own: it sends, ends on SIGTERM, and may be killed. And the task for Celery."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from conftest import RedisServer
from dms_live.models import OutboxEntry
from dms_live.tasks import relay as relay_task
from documents.models import Request
from live_case import World, logged, sent

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def process_of(live: RedisServer, *arguments: str, sender: str = "relay") -> Iterator[subprocess.Popen[str]]:
    """A process on the tests' database, once it says something."""
    here = Path(__file__).resolve().parent
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (here.parent, here, here.parent.parent / "demo" / "django"))),
        "DJANGO_SETTINGS_MODULE": "unit_settings",
        "TEST_REDIS_URL": live.url,
        "TEST_SENDER": sender,
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
    }
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True, cwd=here
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()


def relay_process(live: RedisServer) -> AbstractContextManager[subprocess.Popen[str]]:
    return process_of(live, "-m", "django", "relay_live_events", "--interval", "0.01")


def test_a_relay_sends_what_others_commit_and_ends_on_sigterm(live: RedisServer) -> None:
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
    for turn in range(2):
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
    output = StringIO()
    call_command("relay_live_events", "--once", stdout=output)
    assert output.getvalue() == "2 sent\n"
    live.kill()
    world.request()
    call_command("relay_live_events", "--once", stdout=output)
    assert "Redis is away" in output.getvalue()


def test_the_task_sends(live: RedisServer) -> None:
    world = World()
    world.request()
    relay_task()
    assert len(logged(live, f"request:unit:{world.unit.pk}")) == 1
    assert not OutboxEntry.objects.filter(state="pending").exists()


def test_commits_of_killed_writers_are_published_and_nothing_else(live: RedisServer) -> None:
    world = World()
    listener = live.client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(f"dms:request:unit:{world.unit.pk}")
    writer = ("writer.py", str(world.unit.pk), str(world.head.pk))
    with process_of(live, *writer, sender="thread") as first, process_of(live, *writer, sender="thread") as second:
        for _ in range(40):
            next(listener.listen())
        first.kill()
        for _ in range(20):
            next(listener.listen())
        live.kill()
        before = Request.objects.count()
        while Request.objects.count() < before + 3:  # it goes on without Redis
            assert second.poll() is None
        live.start()
        second.kill()
        second.wait()
    steps: dict[int, list[str]] = {}
    for event in sent(live, f"request:unit:{world.unit.pk}"):
        steps.setdefault(event["request"]["id"], []).append(event["request"]["status"])
    committed = {request.pk: request.status.upper() for request in Request.objects.all()}
    assert {pk: states[-1] for pk, states in steps.items()} == committed
    assert all(states == ["PENDING", "APPROVED", "ISSUED", "RETURNED"][: len(states)] for states in steps.values())
