"""Transactions that run side by side on PostgreSQL, and what is published in the end: ``python races.py <host:port>``."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

from small_project import MODELS, boot

# A request belongs to the unit of its crate.
OWN_UNIT = "    unit = models.ForeignKey(Unit, null=True, on_delete=models.CASCADE)\n    created_by"
assert MODELS.count(OWN_UNIT) == 1
m = boot(sys.argv[1], with_app=True, live={"KPIS": False}, models=MODELS.replace(OWN_UNIT, "    created_by"))

from django.db import connection, transaction  # noqa: E402

from dms_live import delivery, publish  # noqa: E402
from dms_live.models import OutboxEntry  # noqa: E402
from dms_live.relay import run_round  # noqa: E402

published: list[tuple[str, dict[str, Any]]] = []
#: After each race: what the event with the largest version says of the crate, and what the database does.
states: list[tuple[list[Any], list[Any]]] = []


def append_event(topic: str, event_id: str, payload: str) -> bool:
    published.append((topic, json.loads(payload)))
    return True


delivery.append_event = append_event
unit, other = m.Unit.objects.create(code="QC"), m.Unit.objects.create(code="RA")
crate = m.Crate.objects.create(unit=unit)
papers = [m.Document.objects.create(document_name=name) for name in ("one", "two", "three")]
crate.documents.add(papers[0])
request = m.Request.objects.create(crate=crate)
run_round()


def race(first: Callable[[], object], second: Callable[[], object], *, sends_between: bool = True) -> None:
    """The first acts and waits. The second acts, commits and is sent. Then the first commits, and is sent."""
    has_acted = threading.Event()

    def work() -> None:
        has_acted.wait()
        second()
        if sends_between:
            run_round()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    with transaction.atomic():
        first()
        has_acted.set()
        worker.join()
    run_round()
    states.append((newest_state(crate.pk), stored_state(crate.pk)))


def newest_state(pk: int) -> list[Any]:
    """The crate in the event with the largest version that contains it, of whatever kind. What is gone says what was."""
    found = [
        (message["version"], of)
        for _, message in published
        for of in (message.get("crate"), (message.get("request") or {}).get("crate"))
        if of is not None and of["id"] == pk and message["action"] != "MOVED_OUT"
    ]
    newest = max(found, key=lambda one: one[0])[1]
    return [newest["status"], newest["unitId"], len(newest["documents"])]


def stored_state(pk: int) -> list[Any]:
    row = m.Crate.objects.get(pk=pk)
    return [row.status.upper(), row.unit_id, row.documents.count()]


def withdraw() -> None:
    other_copy = m.Crate.objects.get(pk=crate.pk)
    other_copy.status = "Withdrawn"
    other_copy.save()


def last(kind: str) -> dict[str, Any]:
    """The newest state that subscribers know."""
    name = {"crate": "crate", "request": "request"}[kind]
    return dict([message[name] for topic, message in published if topic.startswith(f"{kind}:")][-1])


def status_after(first: Callable[[], object]) -> str:
    m.Crate.objects.filter(pk=crate.pk).update(status="Active")
    race(first, withdraw)
    return str(last("crate")["status"])


def approve(status: str) -> None:
    own = m.Request.objects.get(pk=request.pk)
    own.status = status
    own.save()


def move(to: Any) -> None:
    own = m.Crate.objects.get(pk=crate.pk)
    own.unit = to
    own.save()


def story(since: int) -> list[Any]:
    return [
        [topic, message["action"], message["request"]["status"]]
        for topic, message in published[since:]
        if topic.startswith("request:")
    ]


answers: dict[str, Any] = {
    "a document is saved": status_after(papers[0].save),
    "a document is renamed": status_after(lambda: m.Document(pk=papers[0].pk, document_name="new").save()),
    "published by hand": status_after(lambda: publish(crate)),
    "a document is added": status_after(lambda: crate.documents.add(papers[1])),
}
crate.documents.set(papers[:1])
race(lambda: crate.documents.add(papers[1]), lambda: crate.documents.add(papers[2]))
answers["two documents are added"] = len(last("crate")["documents"])

crate.documents.set(papers[:1])
race(withdraw, lambda: crate.documents.add(papers[1]))
answers["a document is added to a crate that is saved"] = len(last("crate")["documents"])

m.Crate.objects.filter(pk=crate.pk).update(status="Active")
race(lambda: approve("Issued"), withdraw)
answers["a request of a crate that is withdrawn"] = last("request")["crate"]["status"]

since = len(published)
race(lambda: approve("Approved"), lambda: move(other))
answers["approved while the crate moves"] = story(since)
since = len(published)
race(lambda: move(unit), lambda: approve("Returned"))
answers["the crate moves while it is returned"] = story(since)
answers["units"] = [unit.pk, other.pk]

# A row that was given up is tried again, when newer ones were sent.
crate = m.Crate.objects.create(unit=unit)
crate.status = "Archived"
crate.save()
OutboxEntry.objects.filter(subject=f"crate:{crate.pk}").update(state="failed")
withdraw()
run_round()
delivery.retry(OutboxEntry.objects.all())
run_round()
answers["tried again"] = last("crate")["status"]
versions = [message["version"] for _, message in published]
answers["versions grow"] = versions == sorted(set(versions))
answers["not the newest"] = [pair for pair in states if pair[0] != pair[1]]
print(json.dumps(answers))
