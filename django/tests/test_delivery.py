"""Committed events reach Redis in order, each once, whichever process is killed in between."""

from __future__ import annotations

import threading
from typing import Any
from unittest import mock

import pytest
from django.db import connections, transaction
from django.db.backends.signals import connection_created
from django.test import override_settings
from django.utils import timezone

from conftest import RedisServer
from dms_live import delivery, redis_client, revoke_token, sender
from dms_live.delivery import retry
from dms_live.locks import sole_sender
from dms_live.models import OutboxEntry
from dms_live.redis_client import Refused
from dms_live.relay import Round, run_round
from dms_live.testing import sending
from live_case import World, actions, logged, sent

pytestmark = pytest.mark.django_db(transaction=True)


def returned_dates(live: RedisServer, unit: Any) -> list[str]:
    return [event["request"]["expectedReturnDate"] for event in logged(live, f"request:unit:{unit.pk}")]


def test_what_is_committed_while_redis_is_away_arrives_later_in_order(live: RedisServer) -> None:
    world = World()
    request = world.request()
    run_round()
    live.kill()
    for status in ("Approved", "Issued", "Returned"):
        request.status = status
        request.save()
    assert run_round().away is not None
    assert OutboxEntry.objects.filter(state="pending").count() == 3
    live.start()
    assert actions(sent(live, f"request:unit:{world.unit.pk}")) == ["CREATED", "APPROVED", "ISSUED", "RETURNED"]
    assert not OutboxEntry.objects.exclude(state="sent").exists()


def test_an_event_sent_twice_is_in_the_log_once(live: RedisServer) -> None:
    world = World()
    world.request()
    with mock.patch.object(delivery, "_mark_sent", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        run_round()
    assert OutboxEntry.objects.filter(state="sent").count() == 0
    assert len(logged(live, f"request:unit:{world.unit.pk}")) == 1
    assert len(sent(live, f"request:unit:{world.unit.pk}")) == 1
    assert OutboxEntry.objects.filter(state="pending").count() == 0


def test_redis_that_dies_in_the_middle_of_a_batch_loses_and_doubles_nothing(live: RedisServer) -> None:
    world = World()
    requests = [world.request() for _ in range(20)]
    append, calls = redis_client.append_event, 0

    def append_and_die(*args: str) -> bool:
        nonlocal calls
        calls += 1
        if calls == 11:
            live.kill()
        return append(*args)

    with mock.patch.object(delivery, "append_event", append_and_die):
        assert run_round().away is not None
    live.start()
    events = sent(live, f"request:unit:{world.unit.pk}")
    assert [event["request"]["id"] for event in events] == [request.pk for request in requests]


def test_a_refused_event_holds_back_its_topic_only_and_is_given_up_in_the_end(live: RedisServer) -> None:
    world = World()
    run_round()
    bad, after = world.request(), world.request()
    elsewhere = world.request(unit=world.other)
    bad_id = OutboxEntry.objects.filter(topic=f"request:unit:{world.unit.pk}").earliest("pk").event_id
    append = redis_client.append_event

    def refuse(topic: str, event_id: str, payload: str) -> bool:
        if event_id == bad_id:
            raise Refused("WRONGTYPE")
        return append(topic, event_id, payload)

    settings = {"REDIS_URL": live.url, "SENDER": "relay", "KPIS": False, "MAX_ATTEMPTS": 2}
    with override_settings(DMS_LIVE=settings), mock.patch.object(delivery, "append_event", refuse):
        run_round()
        assert logged(live, f"request:unit:{world.unit.pk}") == []
        assert logged(live, f"request:unit:{world.other.pk}")[0]["request"]["id"] == elsewhere.pk
        OutboxEntry.objects.filter(event_id=bad_id).update(not_before=timezone.now())
        run_round()
        failed = OutboxEntry.objects.get(event_id=bad_id)
        assert (failed.state, failed.attempts, failed.last_error) == ("failed", 2, "WRONGTYPE")
        assert [event["request"]["id"] for event in logged(live, f"request:unit:{world.unit.pk}")] == [after.pk]
    assert retry(OutboxEntry.objects.all()) == 1
    assert [event["request"]["id"] for event in sent(live, f"request:unit:{world.unit.pk}")] == [after.pk, bad.pk]


@pytest.mark.parametrize(
    "words", ["OOM command not allowed", "READONLY You can't write", "LOADING", "NOPERM this user"]
)
def test_a_redis_that_cannot_write_now_counts_as_away(live: RedisServer, words: str) -> None:
    def answer(*args: Any, **options: Any) -> None:
        raise redis_client.redis.ResponseError(words)

    connected = mock.patch.object(redis_client, "_connected", return_value=mock.Mock(append=answer))
    with connected, pytest.raises(redis_client.RedisAway):
        redis_client.append_event("request:unit:1", "1", "{}")


def test_only_one_sends_at_a_time(live: RedisServer) -> None:
    world = World()
    world.request()
    outcomes = []

    def try_to_send() -> None:
        try:
            outcomes.append(run_round())
        finally:
            connections.close_all()

    with sole_sender("default") as state:
        assert state is not None
        other = threading.Thread(target=try_to_send)
        other.start()
        other.join()
    assert [(outcome.busy, outcome.sent) for outcome in outcomes] == [(True, 0)]
    assert run_round().sent == 2


def test_many_writers_and_two_relays_keep_each_entity_in_order(live: RedisServer) -> None:
    world = World()
    run_round()
    requests = [world.request() for _ in range(4)]
    done = threading.Event()
    failures: list[BaseException] = []

    def guarded(work: Any) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)
            finally:
                connections.close_all()

        return threading.Thread(target=run)

    def write(request: Any) -> None:
        for day in range(1, 11):
            with transaction.atomic():
                request.expected_return_date = timezone.now().replace(year=2030, month=1, day=day)
                request.save()

    def relay() -> None:
        while not done.is_set():
            run_round()

    relays = [guarded(relay) for _ in range(2)]
    writers = [guarded(lambda request=request: write(request)) for request in requests]
    for thread in [*relays, *writers]:
        thread.start()
    for writer in writers:
        writer.join()
    done.set()
    for thread in relays:
        thread.join()
    assert failures == []
    events = sent(live, f"request:unit:{world.unit.pk}")
    for request in requests:
        days = [event["request"]["expectedReturnDate"] for event in events if event["request"]["id"] == request.pk]
        assert days == sorted(days, key=lambda day: day or "")
        assert len(days) == 11
    versions = [event["version"] for event in events]
    assert versions == sorted(set(versions))


def test_the_thread_sends_by_itself_after_a_commit(live: RedisServer) -> None:
    world = World()
    listener = live.client.pubsub()
    listener.subscribe(f"dms:request:unit:{world.unit.pk}")
    settings = {"REDIS_URL": live.url, "KPIS": False}
    with override_settings(DMS_LIVE=settings), sending():
        request = world.request()
        message = next(message for message in listener.listen() if message["type"] == "message")
    assert f'"id":{request.pk}' in message["data"]


def test_the_thread_waits_for_redis_and_then_sends(live: RedisServer) -> None:
    world = World()
    run_round()
    live.kill()
    tried, rounds = threading.Event(), sender.run_round
    sent_after = threading.Event()

    def watched(*arguments: Any) -> Round:
        outcome = rounds(*arguments)
        (tried if outcome.away else sent_after).set()
        return outcome

    settings = {"REDIS_URL": live.url, "KPIS": False}
    with override_settings(DMS_LIVE=settings), mock.patch.object(sender, "run_round", watched), sending():
        request = world.request()
        assert tried.wait(30)
        live.start()
        assert sent_after.wait(30)
    assert [event["request"]["id"] for event in logged(live, f"request:unit:{world.unit.pk}")] == [request.pk]


def test_the_thread_keeps_its_connection(live: RedisServer) -> None:
    world = World()
    listener = live.client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(f"dms:request:unit:{world.unit.pk}")
    threads: list[str] = []

    def opened(**_: Any) -> None:
        threads.append(threading.current_thread().name)

    connection_created.connect(opened)
    settings = {"REDIS_URL": live.url, "KPIS": False}
    with override_settings(DMS_LIVE=settings), sending():
        for _ in range(5):
            world.request()
            next(listener.listen())
    assert threads.count("dms_live") == 1


def test_a_revocation_outside_a_transaction_wakes_the_thread_when_it_is_there(live: RedisServer) -> None:
    waiting = []
    with mock.patch.object(sender, "wake", side_effect=lambda: waiting.append(OutboxEntry.objects.count())):
        revoke_token("abc")
    assert waiting == [1]
