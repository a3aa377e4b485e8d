"""What the DMS of the demo holds before the first thing happens."""

from datetime import timedelta
from itertools import cycle

from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from accounts.models import Role, Unit, User
from demo.people import PASSWORD, PEOPLE, UNITS
from documents.models import Crate, Document, Request, Storage

SHELVES = 18
"""A few more than crates stand there, so that some are free."""
CRATES = 20
PAPERS = (
    ("Contract", "Maintenance contract", "Lifts, three years"),
    ("Invoice", "Supplier invoices", "Office supplies"),
    ("Personnel", "Personnel files", "Leavers"),
    ("Report", "Inspection report", "Fire safety"),
    ("Minutes", "Board minutes", "Signed originals"),
    ("Ledger", "General ledger", "Closed year"),
)


def stock_up() -> None:
    """Writes rows in bulk: this is no work done in the DMS, so nothing is published."""
    Unit.objects.bulk_create(Unit(pk=unit, name=name) for unit, name in UNITS.items())
    _hire()
    for unit in UNITS:
        _fill(unit)


def _hire() -> None:
    password = make_password(PASSWORD)
    for person in PEOPLE:
        first_name, last_name = person.name.split(" ")
        is_admin = person.role == Role.SYSTEM_ADMIN
        User.objects.bulk_create(
            [
                User(
                    pk=person.id,
                    username=person.username,
                    first_name=first_name,
                    last_name=last_name,
                    password=password,
                    role=person.role,
                    unit_id=person.unit_id,
                    is_staff=is_admin,
                    is_superuser=is_admin,
                )
            ]
        )
    with connection.cursor() as cursor:  # ids were given by hand
        for statement in connection.ops.sequence_reset_sql(no_style(), [Unit, User]):
            cursor.execute(statement)


def _fill(unit: int) -> None:
    places = Storage.objects.bulk_create(
        Storage(
            unit_id=unit,
            room_name=f"Room {unit}.{shelf // 6 + 1}",
            rack_name=f"Rack {'AB'[shelf // 3 % 2]}",
            compartment_name=f"Compartment {shelf % 3 + 1}",
            shelf_name=f"Shelf {shelf % 3 + 1}",
        )
        for shelf in range(SHELVES)
    )
    # The last few have no place yet: they can be asked to be stored.
    standing = CRATES - 5
    crates = Crate.objects.bulk_create(
        Crate(unit_id=unit, storage=place if number < standing else None)
        for number, place in zip(range(CRATES), cycle(places), strict=False)
    )
    Document.objects.bulk_create(
        Document(
            crate=crate,
            document_type=kind,
            document_name=name,
            document_number=f"{kind[:3].upper()}-{crate.pk}",
            description=description,
        )
        for crate, (kind, name, description) in zip(crates, cycle(PAPERS), strict=False)
    )
    _open_requests(unit, crates)


def _open_requests(unit: int, crates: list[Crate]) -> None:
    """Some of each type wait for a decision, one is approved, one crate is out and overdue."""
    now = timezone.now()
    head, keeper = unit * 100 + 1, unit * 100 + 4
    approved = {"approved_by_id": keeper, "approval_date": now - timedelta(days=3)}
    soon = now + timedelta(days=14)
    storage, withdrawal, destruction = (
        Request.Type.STORAGE,
        Request.Type.WITHDRAWAL,
        Request.Type.DESTRUCTION,
    )
    pending, issued = Request.Status.PENDING, Request.Status.ISSUED
    out = {
        "issued_by_id": keeper,
        "withdrawn_by_id": head,
        "issue_date": now - timedelta(days=2),
        "expected_return_date": now - timedelta(days=1),
    }
    rows = [
        Request(request_type=storage, status=pending, crate=crates[-1]),
        Request(
            request_type=storage,
            status=Request.Status.APPROVED,
            crate=crates[-2],
            **approved,
        ),
        Request(
            request_type=withdrawal,
            status=pending,
            crate=crates[0],
            expected_return_date=soon,
        ),
        Request(request_type=withdrawal, status=issued, crate=crates[1], **approved, **out),
        Request(request_type=destruction, status=pending, crate=crates[2]),
    ]
    for row in rows:
        row.unit_id, row.created_by_id = unit, head
    Request.objects.bulk_create(rows)
    Request.objects.filter(unit_id=unit).update(created_at=now - timedelta(days=4))
    Crate.objects.filter(pk=crates[1].pk).update(status=Crate.Status.WITHDRAWN)
