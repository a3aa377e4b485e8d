"""The DMS's REST API makes events: each action on its topic, as the contract has it, and none for a refused call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEntry
from conftest import RedisServer
from demo.people import PASSWORD
from demo.stock import stock_up
from dms_live.kpis import count_figures
from documents.models import Crate, Request, Storage
from live_case import actions, sent

pytestmark = pytest.mark.django_db(transaction=True)

SIGNED = {"signature": PASSWORD}


@pytest.fixture
def office(live: RedisServer, settings: Any) -> Iterator[RedisServer]:
    """The DMS as it runs: with stock, and each request a transaction."""
    stock_up()
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    yield live
    connection.settings_dict["ATOMIC_REQUESTS"] = False


def sign_in(username: str) -> APIClient:
    tokens = APIClient().post("/api/token/", {"username": username, "password": PASSWORD}).data
    return APIClient(headers={"authorization": f"Bearer {tokens['access']}"})


def do(client: APIClient, method: str, path: str, body: Any = None) -> Any:
    response = getattr(client, method)(f"/api/{path}", body, format="json")
    assert response.status_code < 300, response.data
    return response.data


def an_idle_crate(*, stored: bool) -> int:
    found = Crate.objects.filter(unit_id=1, storage__isnull=not stored, requests__isnull=True).first()
    assert found is not None
    return found.pk


def test_requests(office: RedisServer) -> None:
    clerk, checker, keeper = sign_in("tomas"), sign_in("grace"), sign_in("peter")
    wishes = {
        "storage": {"crate": an_idle_crate(stored=False)},
        "withdrawal": {"crate": an_idle_crate(stored=True), "expected_return_date": "2027-01-31"},
        "destruction": {"crate": Crate.objects.filter(unit_id=1, requests__isnull=True).order_by("pk")[1].pk},
    }
    made = {kind: do(clerk, "post", f"requests/{kind}/", wish)["id"] for kind, wish in wishes.items()}
    for kind, pk in made.items():
        why = {**SIGNED, "reason": "Why?", "sendback_type": "Clarification"}
        do(checker, "post", f"requests/{pk}/send-back/", why)
        do(clerk, "put", f"requests/{kind}/{pk}/", wishes[kind])
    place = Storage.objects.filter(unit_id=1, crates__isnull=True)[0].pk
    do(keeper, "post", f"requests/{made['storage']}/approve/", SIGNED)
    do(keeper, "post", f"requests/{made['storage']}/allocate-storage/", {**SIGNED, "storage": place})
    do(keeper, "post", f"requests/{made['withdrawal']}/approve/", SIGNED)
    do(keeper, "post", f"requests/{made['withdrawal']}/issue/", SIGNED)
    do(keeper, "post", f"requests/{made['withdrawal']}/return/", SIGNED)
    do(keeper, "post", f"requests/{made['destruction']}/reject/", {**SIGNED, "reason": "Too early"})
    call_command("complete_requests")

    happened = [
        (event["request"]["id"], event["action"], event["actor"] and event["actor"]["id"])
        for event in sent(office, "request:unit:1")
    ]
    clerk_id, checker_id, keeper_id = 102, 103, 104
    asked = [("SENT_BACK", checker_id), ("UPDATED", clerk_id)]
    expected = {
        "storage": [("APPROVED", keeper_id), ("STORAGE_ALLOCATED", keeper_id), ("COMPLETED", None)],
        "withdrawal": [
            ("APPROVED", keeper_id),
            ("ISSUED", keeper_id),
            ("RETURNED", keeper_id),
            ("COMPLETED", None),
        ],
        "destruction": [("REJECTED", keeper_id)],
    }
    for kind, pk in made.items():
        of_this = [(action, actor) for request, action, actor in happened if request == pk]
        assert of_this == [("CREATED", clerk_id), *asked, *expected[kind]]
    assert len(happened) == 17
    # The user who made a request gets the send-back, in whatever unit.
    assert len(sent(office, "sendback:unit:1")) == len(sent(office, f"sendback:user:{clerk_id}")) == 3
    assert actions(sent(office, "crate:unit:1")) == ["RELOCATED", "STATUS_CHANGED", "STATUS_CHANGED"]


def test_audit_entries_are_published_in_order(office: RedisServer) -> None:
    head = sign_in("leila")
    for _ in range(3):
        crate = do(head, "post", "crates/", {})
        do(head, "put", f"crates/{crate['id']}/", {"destruction_date": "2033-12-31"})
        do(head, "delete", f"crates/{crate['id']}/")
    entries = [event["entry"] for event in sent(office, "audit:unit:1")]
    rows = AuditEntry.objects.order_by("id").values_list("id", "action", "changes")
    assert [(entry["id"], entry["action"], entry["changes"]) for entry in entries] == list(rows)
    assert actions(sent(office, "crate:unit:1")) == ["CREATED", "UPDATED", "DELETED"] * 3


def test_a_rack_is_one_event(office: RedisServer) -> None:
    rack = {"room_name": "R", "rack_name": "K", "compartments": 5, "shelves": 6}
    rows = do(sign_in("peter"), "post", "storage/bulk-create/", rack)
    (event,) = sent(office, "storage:unit:1")
    assert event["action"] == "BULK_CREATED"
    assert [place["id"] for place in event["locations"]] == [row["id"] for row in rows]
    assert event["actor"]["id"] == 104


def test_a_refused_call_makes_no_event(office: RedisServer) -> None:
    keeper = sign_in("peter")
    approved = Request.objects.get(unit_id=1, status="Approved")
    refused = [
        keeper.post(f"/api/requests/{approved.pk}/approve/", SIGNED),
        keeper.post(f"/api/requests/{approved.pk}/allocate-storage/", {**SIGNED, "storage": 99_999}),
        sign_in("leila").post(f"/api/requests/{approved.pk}/allocate-storage/", {**SIGNED, "storage": 1}),
    ]
    assert [response.status_code for response in refused] == [409, 400, 403]
    assert sent(office, "request:unit:1") == sent(office, "audit:unit:1") == []


def test_the_figures_are_those_of_the_dms(office: RedisServer) -> None:
    counted = count_figures(timezone.now())
    for username, unit_id in (("amara", None), ("ravi", 2)):
        row, figures = do(sign_in(username), "get", "dashboard/kpis/"), counted[unit_id]
        assert (row["unit_id"], row["pending_approvals"], row["overdue_withdrawals"]) == (
            figures["unitId"],
            figures["pendingApprovals"],
            figures["overdueWithdrawals"],
        )
        assert tally(row["requests_by_status"]) == tally(figures["requestsByStatus"])
        assert tally(row["requests_by_type"]) == tally(figures["requestsByType"])
        assert tally(row["crates_by_status"]) == tally(figures["cratesByStatus"])


def tally(counts: list[dict[str, Any]]) -> dict[str, int]:
    """``{"SENT_BACK": 2}``, whatever the word is called and however it is spelt."""
    words = [next(value for key, value in count.items() if key != "count") for count in counts]
    return {word.upper().replace(" ", "_"): count["count"] for word, count in zip(words, counts, strict=True)}
