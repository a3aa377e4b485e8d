"""Each commit of the DMS becomes the right events, on the right topics, or none."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.core import serializers
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.models import AuditEntry
from conftest import RedisServer
from dms_live.models import OutboxEntry
from dms_live.values import Unfit
from documents.models import Crate, Document, Request
from live_case import World, actions, sent

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_saved_request_is_published_as_the_contract_says(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    request = world.request(crate=crate)
    (event,) = sent(live, f"request:unit:{world.unit.pk}")
    assert event["action"] == "CREATED"
    assert event["actor"] is None
    assert event["request"]["id"] == request.pk
    assert event["request"]["requestType"] == "WITHDRAWAL"
    assert event["request"]["createdBy"] == {"id": world.head.pk, "name": "Hana Rao", "role": "Section Head"}
    assert event["request"]["crate"]["documents"][0]["documentName"] == "Ledger"
    assert actions(sent(live, f"crate:unit:{world.unit.pk}")) == ["CREATED", "UPDATED"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "Approved"}, ["APPROVED"]),
        ({"status": "Rejected"}, ["REJECTED"]),
        ({"status": "Sent Back"}, ["SENT_BACK"]),
        ({"status": "Issued"}, ["ISSUED"]),
        ({"status": "Returned"}, ["RETURNED"]),
        ({"status": "Completed"}, ["COMPLETED"]),
        ({"allocation_date": timezone.now()}, ["STORAGE_ALLOCATED"]),
        ({"status": "Completed", "allocation_date": timezone.now()}, ["STORAGE_ALLOCATED", "COMPLETED"]),
        ({"expected_return_date": timezone.now()}, ["UPDATED"]),
        ({}, []),
    ],
)
def test_a_transition_is_an_action(live: RedisServer, change: dict[str, Any], expected: list[str]) -> None:
    world = World()
    request = world.request()
    for name, value in change.items():
        setattr(request, name, value)
    request.save()
    assert actions(sent(live, f"request:unit:{world.unit.pk}")) == ["CREATED", *expected]


def test_a_corrected_request_is_updated(live: RedisServer) -> None:
    world = World()
    request = world.request(status="Sent Back")
    request.status = "Pending"
    request.save()
    assert actions(sent(live, f"request:unit:{world.unit.pk}")) == ["CREATED", "UPDATED"]


def test_a_change_is_read_from_the_database_not_from_the_instance_at_hand(live: RedisServer) -> None:
    world = World()
    request = world.request()
    stale = Request.objects.defer("status").get(pk=request.pk)
    Request.objects.filter(pk=request.pk).update(status="Approved")
    stale.issue_date = timezone.now()
    stale.save()
    stale.status = "Issued"
    stale.save(update_fields=["issue_date"])
    events = sent(live, f"request:unit:{world.unit.pk}")
    assert actions(events) == ["CREATED", "UPDATED"]
    assert events[1]["request"]["status"] == "APPROVED"


def test_saves_of_one_transaction_are_one_event_for_each_action(live: RedisServer) -> None:
    world = World()
    with transaction.atomic():
        request = world.request()
        request.crate = world.crate()
        request.save()
        request.status = "Approved"
        request.save()
        request.approved_by = world.guest
        request.save()
    events = sent(live, f"request:unit:{world.unit.pk}")
    assert actions(events) == ["CREATED", "APPROVED"]
    assert events[0]["request"]["status"] == "PENDING"
    assert events[0]["request"]["crate"]["documents"]
    assert events[1]["request"]["approvedBy"]["id"] == world.guest.pk


def test_a_change_that_is_rolled_back_makes_no_event(live: RedisServer) -> None:
    world = World()
    request = world.request()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        request.status = "Approved"
        request.save()
        raise ZeroDivisionError
    assert actions(sent(live, f"request:unit:{world.unit.pk}")) == ["CREATED"]


def test_a_savepoint_that_is_rolled_back_takes_its_events_along(live: RedisServer) -> None:
    world = World()
    request = world.request()
    with transaction.atomic():
        request.issue_date = timezone.now()
        request.save()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            request.status = "Approved"
            request.save()
            request.approved_by = world.guest
            request.save()
            raise ZeroDivisionError
        request.refresh_from_db()
        request.return_date = timezone.now()
        request.save()
    events = sent(live, f"request:unit:{world.unit.pk}")
    assert actions(events) == ["CREATED", "UPDATED", "UPDATED"]
    assert {event["request"]["status"] for event in events} == {"PENDING"}
    assert events[2]["request"]["returnDate"] is not None


def test_later_events_do_not_contain_what_a_savepoint_took_back(live: RedisServer) -> None:
    world = World()
    requests = [world.request(), world.request()]
    with transaction.atomic():
        world.storage(shelf_name="first")
        with pytest.raises(KeyError), transaction.atomic():
            world.storage(shelf_name="taken back")
            raise KeyError
        world.storage(shelf_name="last")
    *_, first, last = sent(live, f"storage:unit:{world.unit.pk}")
    shelves = [[location["shelfName"] for location in event["locations"]] for event in (first, last)]
    assert shelves == [["first"], ["last"]]

    with transaction.atomic():
        world.request()
        with pytest.raises(KeyError), transaction.atomic():
            requests[0].status = "Approved"
            requests[0].save()
            raise KeyError
        requests[0].refresh_from_db()
        for request in reversed(requests):  # SQLite gives the first one's event the number of the one taken back
            request.expected_return_date = timezone.now()
            request.save()
    *_, other, same = sent(live, f"request:unit:{world.unit.pk}")
    assert [(event["action"], event["request"]["id"]) for event in (other, same)] == [
        ("UPDATED", requests[1].pk),
        ("UPDATED", requests[0].pk),
    ]


def test_a_save_of_its_own_and_its_event_are_one_transaction(live: RedisServer) -> None:
    world = World()
    request = world.request()
    request.status = "Approved"
    with mock.patch("dms_live.outbox._entry", side_effect=DatabaseError), pytest.raises(DatabaseError):
        request.save()
    request.refresh_from_db()
    assert request.status == "Pending"


def test_an_audit_entry_is_published_once(live: RedisServer) -> None:
    world = World()
    AuditEntry.objects.create(
        unit=world.unit,
        action="APPROVE",
        object_type="request",
        object_id=7,
        user=world.head,
        ip_address="10.0.0.7",
        changes={"status": ["Pending", "Approved"]},
    )
    (event,) = sent(live, f"audit:unit:{world.unit.pk}")
    assert event["action"] == "APPROVE"
    assert event["entry"]["changes"] == {"status": ["Pending", "Approved"]}
    assert event["entry"]["ipAddress"] == "10.0.0.7"
    assert event["entry"]["user"]["name"] == "Hana Rao"


def test_a_crate_too_large_for_a_message_goes_without_its_documents(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    Document.objects.bulk_create(
        Document(crate=crate, document_name="n" * 200, document_number=str(number), description="d" * 500)
        for number in range(100)
    )
    crate.status = "Archived"
    crate.save()
    world.request(crate=crate)
    *_, event = sent(live, f"crate:unit:{world.unit.pk}")
    assert (event["action"], event["crate"]["documents"]) == ("STATUS_CHANGED", None)
    (event,) = sent(live, f"request:unit:{world.unit.pk}")
    assert event["request"]["crate"]["documents"] is None


def test_a_value_without_a_word_in_the_contract_is_noted_as_failed_and_breaks_nothing(live: RedisServer) -> None:
    world = World()
    request = world.request()
    request.status = "Draft"
    request.save()
    request.refresh_from_db()
    assert request.status == "Draft"
    failed = OutboxEntry.objects.get(state="failed")
    assert "request.status" in failed.last_error
    assert "Draft" not in failed.last_error
    assert actions(sent(live, f"request:unit:{world.unit.pk}")) == ["CREATED"]


@pytest.mark.parametrize("fault", [Unfit("x"), RuntimeError("a secret")])
def test_no_fault_of_ours_or_of_a_hook_breaks_the_dms(live: RedisServer, fault: Exception) -> None:
    world = World()
    crate, request = world.crate(), world.request()
    with mock.patch("dms_live.changes.entity_of", side_effect=fault):
        request.status = "Approved"
        request.save()
        crate.delete()
    request.refresh_from_db()
    assert request.status == "Approved"
    assert not Crate.objects.exists()
    failed = OutboxEntry.objects.filter(state="failed")
    assert {row.topic for row in failed} == {"request", "crate"}
    assert not any("secret" in row.last_error for row in failed)


def test_loaded_fixtures_make_no_events(live: RedisServer) -> None:
    world = World()
    world.request()
    before = OutboxEntry.objects.count()
    data = serializers.serialize("json", Request.objects.all())
    for row in serializers.deserialize("json", data):
        row.save()
    assert OutboxEntry.objects.count() == before
