"""Changes that send no signals are published by hand."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.models import Unit
from conftest import RedisServer
from dms_live import publish, publish_bulk, tracked
from documents.models import Crate, Request, Storage
from live_case import World, actions, sent

pytestmark = pytest.mark.django_db(transaction=True)


def test_locations_created_in_bulk_are_one_event_for_each_unit(live: RedisServer) -> None:
    world = World()
    places = [
        Storage(unit=unit, room_name="R", rack_name=str(n)) for unit in (world.unit, world.other) for n in range(3)
    ]
    with transaction.atomic():
        publish_bulk(Storage.objects.bulk_create(places), "CREATED")
    _, event = sent(live, f"storage:unit:{world.unit.pk}")
    assert (event["action"], len(event["locations"])) == ("BULK_CREATED", 3)
    assert actions(sent(live, f"storage:unit:{world.other.pk}")) == ["BULK_CREATED"]


def test_one_instance_is_published_as_the_database_has_it(live: RedisServer) -> None:
    world = World()
    request = world.request()
    Request.objects.filter(pk=request.pk).update(status="Approved")
    publish(request, "APPROVED")
    *_, event = sent(live, f"request:unit:{world.unit.pk}")
    assert (event["action"], event["request"]["status"]) == ("APPROVED", "APPROVED")


def test_changes_of_tracked_rows_are_published_like_their_saves(live: RedisServer) -> None:
    world = World()
    pending, approved, gone = world.request(), world.request(status="Approved"), world.request()
    with tracked(Request.objects.all()):
        Request.objects.filter(status="Pending").update(status="Approved")
        Request.objects.filter(pk=gone.pk).update(unit=world.other)
    events = [(event["request"]["id"], event["action"]) for event in sent(live, f"request:unit:{world.unit.pk}")]
    assert events[3:] == [(pending.pk, "APPROVED"), (gone.pk, "MOVED_OUT")]
    assert approved.pk not in [pk for pk, _ in events[3:]]
    assert actions(sent(live, f"request:unit:{world.other.pk}")) == ["MOVED_IN", "APPROVED"]


def test_tracked_rows_that_vanish_are_published_as_they_were(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    with tracked(Crate.objects.all()):
        crate.documents.all().delete()
        Crate.objects.filter(pk=crate.pk)._raw_delete("default")
    *_, event = sent(live, f"crate:unit:{world.unit.pk}")
    assert event["action"] == "DELETED"
    assert len(event["crate"]["documents"]) == 1


def test_a_model_that_is_not_published_is_refused(live: RedisServer) -> None:
    with pytest.raises(LookupError, match="MODELS"):
        publish(Unit(name="x"))


def test_no_event_is_part_of_one_that_was_committed_by_hand(live: RedisServer) -> None:
    world = World()
    request = world.request()
    transaction.set_autocommit(False)
    try:
        for request_type in ("Storage", "Destruction"):
            request.request_type = request_type
            request.save()
            transaction.commit()
    finally:
        transaction.set_autocommit(True)
    assert actions(sent(live, f"request:unit:{world.unit.pk}")) == ["CREATED", "UPDATED", "UPDATED"]
