"""Versions grow in the order in which events are sent, and answers of the REST API say which they know, and which they caused."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest import mock

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, TestCase

from conftest import RedisServer
from dms_live import delivery, list_version, live_version
from dms_live.caused import HEADER
from dms_live.middleware import ActingUserMiddleware
from dms_live.models import OutboxEntry, RelayState
from dms_live.relay import run_round
from documents.models import Request
from live_case import World, sent

on_commit = pytest.mark.django_db(transaction=True)


def versions(live: RedisServer, world: World) -> list[int]:
    return [event["version"] for event in sent(live, f"request:unit:{world.unit.pk}")]


@pytest.mark.django_db
def test_a_process_of_an_earlier_version_can_write_rows_without_the_columns_that_came_later() -> None:
    loader = MigrationLoader(connection)
    first, last = (
        loader.project_state(node) for node in (("dms_live", "0001_initial"), loader.graph.leaf_nodes("dms_live"))
    )
    for model, state in first.models.items():
        if model[0] == "dms_live":
            later = {name: column for name, column in last.models[model].fields.items() if name not in state.fields}
            assert [name for name, column in later.items() if not column.null] == []
    RelayState.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO dms_live_relaystate (id, kpis_changed) VALUES (1, %s)", [True])


@on_commit
@pytest.mark.parametrize(
    "forgotten", [lambda: None, RelayState.objects.all().delete, lambda: RelayState.objects.update(version=None)]
)
def test_versions_grow_also_when_the_database_has_forgotten_the_last_one(live: RedisServer, forgotten: Any) -> None:
    world = World()
    request = world.request()
    for status in ("Approved", "Issued", "Returned"):
        forgotten()
        request.status = status
        request.save()
        run_round()
    known = versions(live, world)
    assert known == sorted(set(known))
    assert max(known) < 2**53


@on_commit
def test_versions_grow_when_the_clock_is_set_back(live: RedisServer) -> None:
    world = World()
    request = world.request()
    run_round()
    request.status = "Approved"
    request.save()
    with mock.patch("dms_live.versions.time.time_ns", return_value=1_000_000_000):
        first, second = versions(live, world)
    assert second == first + 1


@on_commit
def test_what_is_sent_again_after_a_crash_has_a_later_version(live: RedisServer) -> None:
    world = World()
    world.request()
    with mock.patch.object(delivery, "_mark_sent", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        run_round()
    assert RelayState.objects.get().version == 0
    world.request()
    first, second = versions(live, world)
    assert first < second == RelayState.objects.get().version


@on_commit
def test_an_event_that_redis_refuses_and_the_next_ones_contain_later_what_is_so_then(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    run_round()
    world.request(crate=crate)
    world.request(crate=crate)
    append = delivery.append_event

    def refuse(topic: str, event_id: str, payload: str) -> bool:
        if topic.startswith("request:"):
            raise delivery.Refused("WRONGTYPE")
        return append(topic, event_id, payload)

    with mock.patch.object(delivery, "append_event", refuse):
        run_round()
        crate.status = "Withdrawn"
        crate.save()
        run_round()
    OutboxEntry.objects.update(not_before=None)
    events = sent(live, f"request:unit:{world.unit.pk}")
    *_, of_crate = sent(live, f"crate:unit:{world.unit.pk}")
    known = [(event["request"]["crate"]["status"], event["version"] > of_crate["version"]) for event in events]
    assert known == [("WITHDRAWN", True)] * 2


@on_commit
def test_rows_say_up_to_which_event_the_database_knows_everything(live: RedisServer) -> None:
    world = World()
    request = world.request()
    row = Request.objects.annotate(live_version=live_version())
    run_round()
    assert [row.get().live_version] == versions(live, world)
    request.status = "Approved"
    request.save()
    known = row.get().live_version
    assert list_version(row) == known
    assert known < versions(live, world)[-1] == row.get().live_version


def answer(view: Any) -> str | None:
    response = ActingUserMiddleware(view)(RequestFactory().post("/"))
    assert isinstance(response, HttpResponse)
    return response.headers.get(HEADER)


def last(topic: str) -> str:
    return f"{topic}={OutboxEntry.objects.filter(topic=topic).latest('pk').event_id}"


@on_commit
def test_an_answer_names_the_last_event_of_each_topic_that_was_committed(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    request = world.request(crate=crate)

    def view(_: HttpRequest) -> HttpResponse:
        crate.status = "Withdrawn"
        crate.save()
        with transaction.atomic():
            for status in ("Approved", "Issued"):
                request.status = status
                request.save()
            with pytest.raises(KeyError), transaction.atomic():
                world.storage()
                request.delete()
                raise KeyError
        return HttpResponse()

    topics = [f"{kind}:unit:{world.unit.pk}" for kind in ("crate", "request")]
    assert answer(view) == ", ".join(map(last, topics))
    assert answer(lambda _: HttpResponse()) is None

    async def slow_view(_: HttpRequest) -> HttpResponse:
        await sync_to_async(view, thread_sensitive=True)(_)
        return HttpResponse()

    async def post() -> Any:
        try:
            return await ActingUserMiddleware(slow_view)(RequestFactory().post("/"))  # type: ignore[misc]
        finally:
            await sync_to_async(connections.close_all)()  # PostgreSQL would wait for it before it drops the database

    assert asyncio.run(post()).headers[HEADER].endswith(last(topics[1]))


@on_commit
def test_an_answer_names_some_topics_of_many_and_nobody_s_own(live: RedisServer) -> None:
    world = World()
    request = world.request()

    def view(_: HttpRequest) -> HttpResponse:
        request.send_backs.create(reason="Why?", sendback_type="Clarification", created_by=world.head)
        for number in range(25):
            unit = type(world.unit).objects.create(name=f"Unit {number}")
            world.storage(unit=unit)
        return HttpResponse()

    header = answer(view)
    assert header is not None
    assert header.count("storage:unit:") == 20
    assert ":user:" not in header


class WithoutCommits(TestCase):
    def test_answers_name_events_in_tests_that_never_commit(self) -> None:
        world = World()
        header = answer(lambda _: HttpResponse(world.request().pk))
        self.assertEqual(header, last(f"request:unit:{world.unit.pk}"))
