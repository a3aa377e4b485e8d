"""Two workers change a DMS in every way at random, while events are sent: ``python capture_crowd.py <host:port> <seed>``.

Prints what subscribers know in the end beside what the database has, and which steps they saw beside those that were committed.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from collections import Counter
from contextlib import suppress
from typing import Any

from small_project import boot

m = boot(sys.argv[1], with_app=True, live={"KPIS": False, "CAPTURE": "triggers"})

from django.db import IntegrityError, OperationalError, connection, transaction  # noqa: E402

from dms_live import acting_as, delivery, notes  # noqa: E402
from dms_live.models import CapturedChange, OutboxEntry  # noqa: E402
from dms_live.registry import registry  # noqa: E402
from dms_live.relay import run_round  # noqa: E402
from dms_live.rows import stored  # noqa: E402
from dms_live.serialize import entity_of  # noqa: E402

STEPS = 100
notes.MOST = 20  # large transactions take several rounds
published: list[tuple[str, dict[str, Any]]] = []
committed: Counter[str] = Counter()
errors: list[str] = []


def append_event(topic: str, event_id: str, payload: str) -> bool:
    published.append((topic, json.loads(payload)))
    return True


delivery.append_event = append_event
units = [m.Unit.objects.create(code=code) for code in ("QC", "RA")]
people = [m.User.objects.create_user(name, unit=units[0]) for name in ("ann", "bob")]
crates = [m.Crate.objects.create(unit=unit) for unit in units for _ in range(3)]
papers = [m.Document.objects.create(document_name=str(number)) for number in range(5)]
requests = [m.Request.objects.create(unit=units[0], crate=crate) for crate in crates]


class Undo(Exception):
    pass


class Worker:
    def __init__(self, seed: int, user: Any) -> None:
        self.random, self.user, self.steps = random.Random(seed), user, Counter[str]()

    def work(self) -> None:
        for _ in range(STEPS):
            act = self.random.choice(ACTS)
            try:
                # A deadlock, or a row that the other has deleted meanwhile, undoes a transaction.
                with suppress(Undo, OperationalError, IntegrityError), acting_as(self.user):
                    done = act(self)
                    if done is not None:
                        committed[f"{done[0]} {done[1]} {self.user.pk}"] += 1
            except Exception as error:
                errors.append(f"{act.__name__}: {error!r}")
        connection.close()

    def one(self, rows: list[Any]) -> Any:
        return self.random.choice(rows).pk


def save(worker: Worker) -> Any:
    with transaction.atomic():
        row = m.Request.objects.select_for_update().get(pk=worker.one(requests))
        if row.status == "Approved":
            return None
        row.status = "Approved"
        row.save()
    return row.pk, "APPROVED"


def update(worker: Worker) -> Any:
    pk = worker.one(requests)
    return (pk, "ISSUED") if m.Request.objects.filter(pk=pk).exclude(status="Issued").update(status="Issued") else None


def sql(worker: Worker) -> Any:
    pk = worker.one(requests)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lab_request SET status = 'Returned' WHERE id = %s AND status <> 'Returned'", [pk])
        return (pk, "RETURNED") if cursor.rowcount else None


def bulk(worker: Worker) -> None:
    with transaction.atomic():
        m.Storage.objects.bulk_create([m.Storage(unit=worker.random.choice(units)) for _ in range(30)])
        m.Crate.objects.filter(pk=worker.one(crates)).update(storage=m.Storage.objects.first())


def undone(worker: Worker) -> None:
    with transaction.atomic():
        m.Request.objects.filter(pk=worker.one(requests)).update(status="Rejected")
        m.Storage.objects.create(unit=units[0], room_name="undone")
        raise Undo


def undone_in_part(worker: Worker) -> None:
    with transaction.atomic():
        row = m.Crate.objects.create(unit=units[1])
        with suppress(Undo), transaction.atomic():
            undone(worker)
        row.documents.add(worker.random.choice(papers))


def move(worker: Worker) -> None:
    m.Crate.objects.filter(pk=worker.one(crates)).update(unit=worker.random.choice(units))


def move_request(worker: Worker) -> None:
    row = m.Request.objects.get(pk=worker.one(requests))
    m.Request.objects.filter(pk=row.pk).update(unit=worker.random.choice(units), crate_id=worker.one(crates))


def link(worker: Worker) -> None:
    m.Crate.objects.get(pk=worker.one(crates)).documents.set(worker.random.sample(papers, 2))


def rename(worker: Worker) -> None:
    m.Document.objects.filter(pk=worker.one(papers)).update(document_name=str(worker.random.random()))


def delete_places(worker: Worker) -> None:
    m.Storage.objects.filter(pk__in=list(m.Storage.objects.values_list("pk", flat=True)[:20])).delete()


def delete_crate(worker: Worker) -> None:
    new = m.Crate.objects.create(unit=worker.random.choice(units))
    m.Request.objects.create(unit=None, crate=new)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("DELETE FROM lab_request WHERE crate_id = %s", [new.pk])
        cursor.execute("DELETE FROM lab_crate WHERE id = %s", [new.pk])


ACTS = [save, update, sql, bulk, undone, undone_in_part, move, move_request, link, rename, delete_places, delete_crate]
ended = threading.Event()


def send() -> None:
    while not ended.is_set():
        run_round()
    connection.close()


def known(kind: str, name: str) -> dict[str, Any]:
    """The last state of each entity that subscribers know, by the topic and the id."""
    state: dict[str, Any] = {}
    for topic, event in published:
        for entity in (event[name] if kind == "storage" else [event[name]]) if topic.startswith(f"{kind}:") else ():
            key = f"{topic} {entity['id']}"
            if event["action"] in ("DELETED", "MOVED_OUT"):
                state.pop(key, None)
            else:
                state[key] = plain(entity)
    return state


def stored_now(kind: str) -> dict[str, Any]:
    (spec,) = registry().of_kind(kind)
    entities = (json.loads(json.dumps(entity_of(spec, row))) for row in stored(spec, "default"))
    return {f"{kind}:unit:{entity['unitId']} {entity['id']}": plain(entity) for entity in entities}


def plain(entity: dict[str, Any]) -> dict[str, Any]:
    """Of another entity in it only the id: that one has events of its own."""
    return {name: value["id"] if isinstance(value, dict) else value for name, value in entity.items()}


seed = int(sys.argv[2])
workers = [threading.Thread(target=Worker(seed + number, user).work) for number, user in enumerate(people)]
sender = threading.Thread(target=send)
for one in (sender, *workers):
    one.start()
for one in workers:
    one.join()
ended.set()
sender.join()
run_round()
steps = Counter(
    f"{event['request']['id']} {event['action']} {event['actor']['id']}"
    for topic, event in published
    if topic.startswith("request:") and event["action"] in ("APPROVED", "ISSUED", "RETURNED")
)
differences = []
for kind, name in (("request", "request"), ("crate", "crate"), ("storage", "locations")):
    theirs, ours = known(kind, name), stored_now(kind)
    differences += [
        [key, theirs.get(key), ours.get(key)] for key in {*theirs, *ours} if theirs.get(key) != ours.get(key)
    ]
print(
    json.dumps(
        {
            "published": len(published),
            "twice": len(published) - len({event["id"] for _, event in published}),
            "undone": sum("undone" in str(event) or event["action"] == "REJECTED" for _, event in published),
            "differences": differences,
            "steps": [steps - committed, committed - steps],
            "failed": list(OutboxEntry.objects.filter(state="failed").values_list("subject", "last_error")),
            "left": CapturedChange.objects.count() + OutboxEntry.objects.filter(state="pending").count(),
            "errors": errors,
        }
    )
)
