"""The relay as a process of its own: it sends, ends on SIGTERM, and may be killed. And the task for Celery."""

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
from django import __main__ as django_main
from django.core.management import call_command
from django.db import connection

from conftest import RedisServer
from dms_live.models import OutboxEntry
from dms_live.tasks import relay as relay_task
from documents.models import Request
from live_case import World, logged, sent
from programs import HERE, Program

pytestmark = pytest.mark.django_db(transaction=True)


RELAY = (str(Path(django_main.__file__)), "relay_live_events", "--interval", "0.01")


def on_the_database_of_the_tests(live: RedisServer, sender: str = "relay") -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "unit_settings",
        "TEST_REDIS_URL": live.url,
        "TEST_SENDER": sender,
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
    }


@contextmanager
def running(
    live: RedisServer, program: tuple[str, ...], *, several: int, sender: str = "relay"
) -> Iterator[list[Program]]:
    """Processes of a program, once they say something."""
    environment = on_the_database_of_the_tests(live, sender)
    programs = [Program(*program, environment=environment) for _ in range(several)]
    try:
        for one in programs:
            assert one.output.readline()
        yield programs
    finally:
        for one in programs:
            one.kill()


def test_a_relay_sends_what_others_commit_and_ends_on_sigterm(live: RedisServer) -> None:
    world = World()
    listener = live.client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(f"dms:request:unit:{world.unit.pk}")
    path = os.pathsep.join(map(str, (HERE.parent, HERE, HERE.parent.parent / "demo" / "django")))
    environment = {**os.environ, "PYTHONPATH": path, **on_the_database_of_the_tests(live)}
    command = [sys.executable, "-m", "django", *RELAY[1:]]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=HERE) as process:
        world.request()
        assert next(listener.listen())["channel"] == f"dms:request:unit:{world.unit.pk}"
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert output.splitlines() == ["Relaying live events.", "Stopped."]
    assert process.returncode == 0


def test_two_relays_killed_in_turn_lose_and_double_nothing(live: RedisServer) -> None:
    world = World()
    listener = live.client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(f"dms:request:unit:{world.unit.pk}")
    with running(live, RELAY, several=2) as relays:
        made = [world.request().pk for _ in range(5)]
        next(listener.listen())
        relays[0].kill()
        made += [world.request().pk for _ in range(5)]
        next(listener.listen())
        live.kill()
        made += [world.request().pk for _ in range(5)]
        live.start()
        relays[1].kill()
        made += [world.request().pk for _ in range(5)]
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
    writer = (str(HERE / "writer.py"), str(world.unit.pk), str(world.head.pk))
    with running(live, writer, several=2, sender="thread") as (first, second):
        for _ in range(20):
            next(listener.listen())
        first.kill()
        for _ in range(10):
            next(listener.listen())
        live.kill()
        before = Request.objects.count()
        while Request.objects.count() < before + 3:  # it goes on without Redis
            assert second.process.is_alive()
        live.start()
        second.kill()
    steps: dict[int, list[str]] = {}
    for event in sent(live, f"request:unit:{world.unit.pk}"):
        steps.setdefault(event["request"]["id"], []).append(event["request"]["status"])
    committed = {request.pk: request.status.upper() for request in Request.objects.all()}
    assert {pk: states[-1] for pk, states in steps.items()} == committed
    assert all(states == ["PENDING", "APPROVED", "ISSUED", "RETURNED"][: len(states)] for states in steps.values())
