"""What colleagues do. Each deed looks for something to do it to, and does nothing where there is nothing."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Role
from demo.colleague import Colleague

Staff = dict[Any, Colleague]

MOST_OPEN = 12
PENDING_KEPT = 2
"""The number of requests that are left for the visitor to decide."""


def _first(colleague: Colleague, status: str, kind: str = "", *, keep: int = 0) -> Any:
    """The oldest request of this kind, unless so few are left."""
    rows = colleague.get(f"requests/?status={status.replace(' ', '%20')}&type={kind}")["results"]
    return rows[-1] if len(rows) > keep else None


def _idle_crates(colleague: Colleague, *, stored: bool) -> list[Any]:
    finished = ("Completed", "Rejected")
    requests = colleague.get("requests/")["results"]
    busy = {row["crate"]["id"] for row in requests if row["crate"] and row["status"] not in finished}
    crates = colleague.get("crates/?status=Active")["results"]
    return [row for row in crates if row["id"] not in busy and (row["storage"] is not None) == stored]


def _free_places(colleague: Colleague) -> list[Any]:
    crates = colleague.get("crates/")["results"]
    taken = {row["storage"]["id"] for row in crates if row["storage"]}
    return [row for row in colleague.get("storage/")["results"] if row["id"] not in taken]


def ask_for_storage(staff: Staff) -> None:
    clerk = staff[Role.SECTION_CLERK]
    if not _has_room(clerk):
        return
    number = random.randint(1000, 9999)
    paper = {"document_name": "Supplier invoices", "document_number": f"INV-{number}", "document_type": "Invoice"}
    crate = clerk.post("crates/", documents=[paper])
    clerk.post("requests/storage/", crate=crate["id"])


def ask_for_withdrawal(staff: Staff) -> None:
    head = staff[Role.SECTION_HEAD]
    idle = _idle_crates(head, stored=True)
    if idle and _has_room(head):
        due = timezone.now() + timedelta(days=random.randint(1, 21))
        head.post("requests/withdrawal/", crate=random.choice(idle)["id"], expected_return_date=due.isoformat())


def _has_room(colleague: Colleague) -> bool:
    open_ones = [colleague.get(f"requests/?status={status}")["count"] for status in ("Pending", "Approved", "Issued")]
    return bool(sum(open_ones) < MOST_OPEN)


def send_back(staff: Staff) -> None:
    checker = staff[Role.QC]
    request = _first(checker, "Pending", keep=PENDING_KEPT)
    if request:
        reason = "The document numbers do not match the list."
        checker.sign(f"requests/{request['id']}/send-back/", reason=reason, sendback_type="Correction")


def correct(staff: Staff) -> None:
    request = _first(staff[Role.SECTION_HEAD], "Sent Back")
    if request:
        staff[Role.SECTION_HEAD].put(f"requests/{request['request_type'].lower()}/{request['id']}/")


def approve(staff: Staff) -> None:
    request = _first(staff[Role.STORE_HEAD], "Pending", keep=PENDING_KEPT)
    if request:
        staff[Role.STORE_HEAD].sign(f"requests/{request['id']}/approve/")


def allocate(staff: Staff) -> None:
    keeper = staff[Role.STORE_HEAD]
    request = _first(keeper, "Approved", "Storage")
    places = _free_places(keeper)
    if request and places and request["allocation_date"] is None:
        keeper.sign(f"requests/{request['id']}/allocate-storage/", storage=random.choice(places)["id"])


def build_rack(staff: Staff) -> None:
    keeper = staff[Role.STORE_HEAD]
    if not _free_places(keeper):
        number = keeper.get("storage/")["count"]
        keeper.post("storage/bulk-create/", room_name="Annex", rack_name=f"Rack {number}", compartments=2, shelves=3)


def issue(staff: Staff) -> None:
    request = _first(staff[Role.STORE_HEAD], "Approved", "Withdrawal")
    if request:
        staff[Role.STORE_HEAD].sign(f"requests/{request['id']}/issue/")


def take_back(staff: Staff) -> None:
    request = _first(staff[Role.STORE_HEAD], "Issued")
    if request:
        staff[Role.STORE_HEAD].sign(f"requests/{request['id']}/return/")


def relocate(staff: Staff) -> None:
    keeper = staff[Role.STORE_HEAD]
    idle, places = _idle_crates(keeper, stored=True), _free_places(keeper)
    if idle and places:
        crate, place = random.choice(idle), random.choice(places)
        keeper.sign(f"crates/{crate['id']}/relocate/", storage=place["id"])


DEEDS: list[tuple[Callable[[Staff], None], float]] = [
    (ask_for_storage, 2),
    (ask_for_withdrawal, 2),
    (send_back, 1),
    (correct, 2),
    (approve, 2),
    (allocate, 2),
    (build_rack, 1),
    (issue, 2),
    (take_back, 1),
    (relocate, 1),
]
"""Each with how often it is tried, against the others."""
