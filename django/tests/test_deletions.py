"""Deletions are published many rows at a time, with what they change beside."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.signals import post_delete

from conftest import RedisServer
from documents.models import Crate, Document, Request
from live_case import World, actions, sent

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_request_of_a_deleted_crate_is_updated(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    world.request(crate=crate)
    crate.delete()
    *_, event = sent(live, f"request:unit:{world.unit.pk}")
    assert (event["action"], event["request"].get("crate")) == ("UPDATED", None)
    *_, gone = sent(live, f"crate:unit:{world.unit.pk}")
    assert (gone["action"], len(gone["crate"]["documents"])) == ("DELETED", 1)


def test_many_requests_are_deleted_by_few_statements(live: RedisServer, django_assert_max_num_queries: Any) -> None:
    world = World()
    for _ in range(30):
        world.request()
    with django_assert_max_num_queries(10):
        Request.objects.all().delete()
    assert actions(sent(live, f"request:unit:{world.unit.pk}"))[30:] == ["MOVED_OUT"] * 30


def test_a_deletion_that_fails_is_not_published(live: RedisServer) -> None:
    world = World()
    request = world.request()

    def fail(**_: Any) -> None:
        raise RuntimeError

    post_delete.connect(fail, sender=Request)
    try:
        with pytest.raises(RuntimeError):
            request.delete()
    finally:
        post_delete.disconnect(fail, sender=Request)
    assert Request.objects.exists()
    assert actions(sent(live, f"request:unit:{world.unit.pk}")) == ["CREATED"]


def test_documents_that_are_deleted_by_a_queryset_change_their_crates(live: RedisServer) -> None:
    world = World()
    crates = [world.crate(), world.crate()]
    sent(live, f"crate:unit:{world.unit.pk}")
    Document.objects.all().delete()
    events = sent(live, f"crate:unit:{world.unit.pk}")[4:]
    assert [(event["crate"]["id"], event["crate"]["documents"]) for event in events] == [
        (crate.pk, []) for crate in crates
    ]
    assert Crate.objects.count() == 2
