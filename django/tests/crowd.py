"""Writers that change a DMS in every way at random while a relay sends, for tests of what must hold meanwhile."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import IntegrityError, OperationalError, connections, transaction

from accounts.models import User
from audit.models import AuditEntry
from dms_live import publish, publish_bulk
from dms_live.relay import run_round
from documents.models import Crate, Document, Request, SendBack, Storage

STATUSES = ("Pending", "Approved", "Issued", "Returned", "Completed")


class Writer:
    """One person. Rows are shared by all."""

    def __init__(self, seed: int, units: list[Any]) -> None:
        self.random, self.units = random.Random(seed), units
        self.user = User.objects.create_user(f"writer {seed}", unit=units[0])

    def step(self) -> None:
        act = self.random.choice(ACTS)
        # A row that another has deleted, a lock that SQLite does not get: the transaction is undone.
        with suppress(OperationalError, IntegrityError), transaction.atomic():
            act(self)

    def one(self, rows: Any) -> Any:
        pks = list(rows.objects.exclude(pk__in=KEPT.get(rows, ())).values_list("pk", flat=True))
        return rows.objects.select_for_update().filter(pk=self.random.choice(pks)).first() if pks else None

    def unit(self) -> Any:
        return self.random.choice(self.units)


#: Rows that no writer touches: a test changes them itself.
KEPT: dict[Any, set[Any]] = {}


def create(writer: Writer) -> None:
    crate = writer.one(Crate)
    Request.objects.create(request_type="Storage", unit=writer.unit(), crate=crate, created_by=writer.user)


def save(writer: Writer) -> None:
    row = writer.one(Request)
    if row is not None:
        row.status, row.unit = writer.random.choice(STATUSES), writer.random.choice([row.unit, row.unit, writer.unit()])
        row.save()


def update(writer: Writer) -> None:
    row = writer.one(Request)
    if row is not None:
        Request.objects.filter(pk=row.pk).update(status=writer.random.choice(STATUSES))
        publish(row)


def send_back(writer: Writer) -> None:
    row = writer.one(Request)
    if row is not None:
        SendBack.objects.create(request=row, reason="why", sendback_type="Form", created_by=writer.user)
        AuditEntry.objects.create(unit=row.unit, action="SENT_BACK", object_type="Request", object_id=row.pk)


def delete(writer: Writer) -> None:
    row = writer.one(writer.random.choice([Request, Crate]))
    if row is not None:
        row.delete()


def fill(writer: Writer) -> None:
    crate = writer.one(Crate) or Crate.objects.create(unit=writer.unit())
    Document.objects.create(crate=crate, document_name="Ledger", document_number="1")


def rename(writer: Writer) -> None:
    paper = writer.one(Document)
    if paper is not None:
        paper.document_name = str(writer.random.random())
        paper.save()


def relocate(writer: Writer) -> None:
    crate = writer.one(Crate)
    if crate is not None:
        crate.storage, crate.unit = writer.one(Storage), writer.random.choice([crate.unit, writer.unit()])
        crate.save()


def build(writer: Writer) -> None:
    named = {"rack_name": "A", "compartment_name": "1", "shelf_name": "2"}
    places = [Storage(unit=writer.unit(), room_name=f"R{number}", **named) for number in range(3)]
    publish_bulk(Storage.objects.bulk_create(places), "CREATED")


def move_user(writer: Writer) -> None:
    writer.user.unit = writer.unit()
    writer.user.save()


ACTS: tuple[Callable[[Writer], None], ...] = (
    create, save, save, save, update, send_back, delete, fill, fill, rename, relocate, build, move_user,
)  # fmt: skip


@contextmanager
def at_work(writers: list[Writer], steps: int) -> Iterator[None]:
    """Lets the writers work, each that many steps at most, and a relay send, until the end of the block."""
    errors: list[BaseException] = []
    stop = threading.Event()

    def write(writer: Writer) -> None:
        for _ in range(steps):
            if stop.is_set():
                return
            writer.step()

    def send() -> None:
        while not stop.is_set():
            with suppress(OperationalError):
                run_round()

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=(lambda writer=writer: write(writer),)) for writer in writers]
    relay = threading.Thread(target=guarded, args=(send,))
    for thread in (*threads, relay):
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in (*threads, relay):
            thread.join()
    assert errors == []
