"""The helpers for a project's tests: what it publishes can be asserted, and nothing is sent unless a test asks."""

from __future__ import annotations

import re
import threading
import unittest
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import SimpleTestCase, TestCase, TransactionTestCase, override_settings
from django.test.utils import setup_test_environment, teardown_test_environment
from django.utils import timezone

from accounts.models import Role
from conftest import RedisServer
from dms_live import revoke_user
from dms_live.in_tests import is_test_run
from dms_live.models import OutboxEntry
from dms_live.outbox import refuse
from dms_live.sender import wake
from dms_live.testing import CapturedEvents, assert_not_published, assert_published, captured_events, sending
from documents.models import SendBack
from live_case import World

pytest_plugins = ["dms_live.pytest_plugin"]


def senders() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "dms_live"]


class InATransaction(TestCase):
    """Nothing is ever committed here."""

    def test_events_are_there(self) -> None:
        world = World()
        request = world.request()
        with captured_events() as events:
            request.status = "Approved"
            request.save()
            event = assert_published("request", action="APPROVED", id=request.pk, unit=world.unit)
            assert_not_published("request", action="CREATED")
        self.assertEqual(event.entity["status"], "APPROVED")
        self.assertEqual(
            [str(event) for event in events], [f"request APPROVED {request.pk} to request:unit:{world.unit.pk}"]
        )
        assert_published("request", action="CREATED", id=request)

    def test_an_update_is_no_part_of_the_creation_before(self) -> None:
        request = World().request()
        with captured_events() as events:
            request.request_type = "Storage"
            request.save()
            request.expected_return_date = timezone.now()
            request.save()
        self.assertEqual([event.action for event in events], ["UPDATED"])

    def test_only_the_projects_own_hooks_are_captured(self) -> None:
        request = World().request()
        with self.captureOnCommitCallbacks() as hooks:
            request.status = "Approved"
            request.save()
            transaction.on_commit(request.refresh_from_db)
        self.assertEqual(hooks, [request.refresh_from_db])

    def test_each_test_begins_with_none(self) -> None:
        assert_not_published("request")


class WithoutADatabase(SimpleTestCase):
    def test_nothing_is_published_where_no_database_may_be_used(self) -> None:
        with captured_events() as events:
            assert_not_published("request")
        self.assertEqual(list(events), [])


class Committing(TransactionTestCase):
    @override_settings(DMS_LIVE={"REDIS_URL": "redis://127.0.0.1:1"})
    def test_nothing_is_sent(self) -> None:
        World().request()
        self.assertEqual(senders(), [])
        assert_published("request", action="CREATED")


@pytest.mark.django_db
def test_a_fixture_captures(live_events: CapturedEvents) -> None:
    world = World()
    back = SendBack.objects.create(request=world.request(), reason="Which?", created_by=world.guest)
    event = live_events.assert_published("sendback", id=back)
    assert event.topics == (f"sendback:unit:{world.unit.pk}", f"sendback:user:{world.head.pk}")
    places = live_events.assert_published("storage", id=world.place)
    assert places.entity[0]["roomName"] == "R1"
    assert live_events.of("storage", id=world.place) == [places]


@pytest.mark.django_db
def test_sessions_are_events_too(live_events: CapturedEvents) -> None:
    world = World()
    revoke_user(world.guest)
    world.head.role = Role.QC
    world.head.save()
    assert live_events.assert_published("session", action="REVOKED", id=world.guest).entity is None
    live_events.assert_published("session", action="CHANGED", id=world.head.pk)


@pytest.mark.django_db
def test_a_failure_says_what_there_is(live_events: CapturedEvents) -> None:
    world = World()
    request = world.request()
    refuse("crate", "a value is none of ACTIVE", "default")
    with pytest.raises(AssertionError) as missing:
        assert_published("request", action="REJECTED", id=request)
    assert str(missing.value).splitlines()[0] == f"No event was published: request action='REJECTED' id={request.pk}."
    assert f"  request CREATED {request.pk} to request:unit:{world.unit.pk}" in str(missing.value).splitlines()
    assert "  failed: crate: a value is none of ACTIVE" in str(missing.value).splitlines()
    with pytest.raises(AssertionError, match="An event was published: request"):
        assert_not_published("request", unit=world.unit)
    with pytest.raises(ValueError, match="'requests' is no kind of event"):
        assert_not_published("requests")


@pytest.mark.django_db
def test_what_is_rolled_back_is_not_published(live_events: CapturedEvents) -> None:
    world = World()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        world.request()
        raise ZeroDivisionError
    live_events.assert_not_published("request")


@pytest.mark.django_db(transaction=True)
def test_a_test_may_ask_for_sending(live: RedisServer) -> None:
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "KPIS": False}):
        World().request()
        assert not live.client.exists("dms:{request}:units")
        with sending():
            wake()
            assert senders() == ["dms_live"]
        assert senders() == []
    assert live.client.xlen("dms:{request}:units") == 1
    assert not OutboxEntry.objects.filter(state="pending").exists()


def blocks_of_the_readme() -> list[str]:
    readme = Path(__file__).resolve().parents[1].joinpath("README.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", readme.split("\n## Your tests\n")[1].split("\n## ")[0], flags=re.DOTALL)


@pytest.mark.django_db
def test_the_examples_of_the_readme_pass(live_events: CapturedEvents) -> None:
    world = World()

    def approve(request: Any) -> None:
        request.status = "Approved"
        request.save()

    first, second = blocks_of_the_readme()
    given: dict[str, Any] = {"a_request": world.request, "approve": approve}
    exec(first + second, given)
    given["test_approving_is_published"](live_events)
    outcome = unittest.TestResult()
    given["Approving"]("test_it_is_published").run(outcome)
    assert (outcome.testsRun, outcome.errors, outcome.failures) == (1, [], [])


class Runner(unittest.TestCase):
    def test_a_test_run_lasts_until_its_environment_is_torn_down(self) -> None:
        def states() -> Any:
            teardown_test_environment()
            try:
                yield is_test_run()
            finally:
                setup_test_environment()
            yield is_test_run()

        self.assertEqual([is_test_run(), *states()], [True, False, True])
