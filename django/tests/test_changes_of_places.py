"""Relocations, moves to another unit, deletions and bulk creations become events of every unit concerned."""

from __future__ import annotations

import pytest
from django.db import transaction

from conftest import RedisServer
from documents.models import Crate, Document, SendBack
from live_case import World, actions, sent

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_crate_relocated_and_of_another_status_makes_both_events(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    crate.storage = world.storage(room_name="R2")
    crate.status = "Withdrawn"
    crate.save()
    events = sent(live, f"crate:unit:{world.unit.pk}")
    assert actions(events) == ["CREATED", "UPDATED", "RELOCATED", "STATUS_CHANGED"]
    assert events[-1]["crate"]["storage"]["roomName"] == "R2"


def test_a_crate_that_moves_is_published_to_both_units(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    crate.unit, crate.storage = world.other, world.storage(world.other, room_name="R9")
    crate.save()
    (*_, left) = sent(live, f"crate:unit:{world.unit.pk}")
    (came,) = sent(live, f"crate:unit:{world.other.pk}")
    assert left["action"] == "MOVED_OUT"
    assert left["crate"]["unitId"] == world.unit.pk
    assert left["crate"]["storage"]["roomName"] == "R1"
    assert left["crate"]["documents"]
    assert came["action"] == "MOVED_IN"
    assert came["crate"]["unitId"] == world.other.pk
    assert came["crate"]["storage"]["roomName"] == "R9"


def test_a_request_that_moves_and_is_approved_is_published_to_both_units(live: RedisServer) -> None:
    world = World()
    request = world.request()
    request.unit, request.status = world.other, "Approved"
    request.save()
    (_, left) = sent(live, f"request:unit:{world.unit.pk}")
    assert (left["action"], left["request"]["status"]) == ("MOVED_OUT", "PENDING")
    assert actions(sent(live, f"request:unit:{world.other.pk}")) == ["MOVED_IN", "APPROVED"]


def test_a_deleted_entity_is_published_as_it_was(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    request = world.request(crate=crate)
    request.delete()
    crate.delete()
    *_, gone = sent(live, f"crate:unit:{world.unit.pk}")
    assert gone["action"] == "DELETED"
    assert gone["crate"]["documents"][0]["documentNumber"] == "L-1"
    assert actions(sent(live, f"request:unit:{world.unit.pk}")) == ["CREATED", "MOVED_OUT"]


def test_a_deletion_by_a_queryset_is_published(live: RedisServer) -> None:
    world = World()
    world.crate()
    Crate.objects.all().delete()
    assert actions(sent(live, f"crate:unit:{world.unit.pk}")) == ["CREATED", "UPDATED", "DELETED"]


def test_documents_are_published_with_their_crate(live: RedisServer) -> None:
    world = World()
    old, new = world.crate(), world.crate()
    document = Document.objects.get(crate=old)
    document.crate = new
    document.save()
    document.delete()
    by_crate = [
        (event["crate"]["id"], len(event["crate"]["documents"])) for event in sent(live, f"crate:unit:{world.unit.pk}")
    ]
    assert by_crate[4:] == [(old.pk, 0), (new.pk, 2), (new.pk, 1)]


def test_a_send_back_goes_to_its_unit_and_to_who_made_the_request(live: RedisServer) -> None:
    world = World()
    request = world.request(created_by=world.guest)
    SendBack.objects.create(request=request, reason="Why?", sendback_type="Clarification", created_by=world.head)
    (of_unit,) = sent(live, f"sendback:unit:{world.unit.pk}")
    (of_user,) = sent(live, f"sendback:user:{world.guest.pk}")
    assert of_unit == of_user
    assert of_unit["sendBack"]["request"]["id"] == request.pk
    assert of_unit["sendBack"]["sendbackType"] == "Clarification"
    assert live.client.xlen("dms:{sendback}:units") == 1


def test_locations_created_one_after_another_are_one_event(live: RedisServer) -> None:
    world = World()
    with transaction.atomic():
        first = world.storage(room_name="B1")
        world.storage(room_name="B2")
        first.rack_name = "Z"
        first.save()
        world.storage(world.other)
        world.storage(room_name="B3")
    _, bulk, update, single = sent(live, f"storage:unit:{world.unit.pk}")
    assert bulk["action"] == "BULK_CREATED"
    assert [place["roomName"] for place in bulk["locations"]] == ["B1", "B2"]
    assert (update["action"], update["locations"][0]["rackName"]) == ("UPDATED", "Z")
    assert (single["action"], len(single["locations"])) == ("CREATED", 1)
    assert actions(sent(live, f"storage:unit:{world.other.pk}")) == ["CREATED"]


def test_a_great_many_locations_are_several_events_of_allowed_size(live: RedisServer) -> None:
    world = World()
    with transaction.atomic():
        for number in range(300):
            world.storage(shelf_name=f"{number} {'x' * 90}", room_name="y" * 100, rack_name="z" * 100)
    events = sent(live, f"storage:unit:{world.unit.pk}")
    assert len(events) > 2
    assert sum(len(event["locations"]) for event in events) == 301
    for _, entry in live.client.xrange(f"dms:{{storage}}:unit:{world.unit.pk}"):
        assert len(entry["event"].encode()) <= 64 * 1024
