"""Two databases, and on PostgreSQL a partitioned table, and what is published: ``python layouts.py <host:port or "">``.

On PostgreSQL triggers note the changes, on SQLite signals.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from small_project import MODELS, boot

# No foreign key leads to another database, but for one that is not enforced.
LINK = "user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)"


class AuditElsewhere:
    """Keeps audit entries in a database of their own, and the rest in the other. Both have an outbox."""

    def db_for_write(self, model: Any, **_: Any) -> str:
        return "audit" if model._meta.model_name == "audittrail" else "default"

    db_for_read = db_for_write

    def allow_relation(self, *_: Any, **__: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_: Any) -> bool | None:
        return (db == "audit") == (model_name == "audittrail") if app_label == "lab" and model_name else None


ON_POSTGRES = bool(sys.argv[1])
m = boot(
    sys.argv[1],
    with_app=True,
    live={"UNTOLD": "ignore", "CAPTURE": "triggers" if ON_POSTGRES else "signals"},
    models=MODELS.replace(
        LINK, "user = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, db_constraint=False)"
    ),
    databases=("default", "audit"),
    routers=[AuditElsewhere()],
)

from django.db import connection, transaction  # noqa: E402

from dms_live import acting_as, delivery, kpis  # noqa: E402
from dms_live.capturing import faults_in_triggers, sources  # noqa: E402
from dms_live.models import CapturedChange, OutboxEntry  # noqa: E402
from dms_live.relay import run_round  # noqa: E402
from dms_live.trigger_sql import create_triggers  # noqa: E402

published: list[tuple[str, dict[str, Any]]] = []
answers: dict[str, Any] = {}


def append_event(topic: str, event_id: str, payload: str) -> bool:
    published.append((topic, json.loads(payload)))
    return True


def no_events(topic: str, count: int) -> list[Any]:
    return []


kpis.append_event, kpis.last_events = append_event, no_events
delivery.append_event = append_event


def sql(statement: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def note(change: str, act: Callable[[], object]) -> None:
    since = len(published)
    with acting_as(ann):
        act()
    run_round()
    answers[change] = sorted(
        f"{topic.split(':')[0]} {event['action']} {'-' if event['actor'] is None else '+'}"
        for topic, event in published[since:]
        if "action" in event
    )


def entry(action: str) -> None:
    m.AuditTrail.objects.create(user=ann, action=action, model_name="Request", object_id=request.pk)


def undone(using: str) -> None:
    with suppress(ZeroDivisionError), transaction.atomic(using=using):
        request.status = "Approved"
        request.save()
        entry("APPROVE")
        raise ZeroDivisionError


unit, other = m.Unit.objects.create(code="QC"), m.Unit.objects.create(code="RA")
ann = m.User.objects.create_user("ann", unit=unit)
request = m.Request.objects.create(unit=unit)
run_round()
note("undone in one database", lambda: undone("default"))
note("undone in the other", lambda: undone("audit"))
with acting_as(ann), transaction.atomic(), transaction.atomic(using="audit"):
    request.status = "Issued"
    request.save()
    entry("ISSUE")
    answers["rows in each outbox before"] = [
        [rows.using(name).exclude(**done).count() for rows, done in (
            (OutboxEntry.objects, {"state": "sent"}), (CapturedChange.objects, {"is_done": True}),
        )]
        for name in ("default", "audit")
    ]  # fmt: skip
note("committed in both", lambda: None)
if ON_POSTGRES:
    answers["faults"] = [list(faults_in_triggers(name)) for name in ("default", "audit")]
    sql("CREATE TABLE divided (LIKE lab_request INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY LIST (unit_id)")
    sql("DROP TABLE lab_request CASCADE")
    sql("ALTER TABLE divided RENAME TO lab_request")
    for one in (unit, other):
        sql(f"CREATE TABLE of_{one.pk} PARTITION OF lab_request FOR VALUES IN ({one.pk})")
    source = sources()["lab.Request"]
    for statement in create_triggers(f'"{source.table}"', source.label, source.key):
        sql(statement)
    run_round()
    note("a row in a partition", lambda: m.Request.objects.create(unit=unit))
    rows = m.Request.objects.all()
    note("a row goes to another partition", lambda: rows.update(unit=other))
    note("SQL that names a partition", lambda: sql(f"UPDATE of_{other.pk} SET count = 7"))
    note("a row in a partition is deleted", lambda: rows.delete())
    note("a partition is cut off", lambda: sql(f"ALTER TABLE lab_request DETACH PARTITION of_{unit.pk}"))
    answers["faults"] += list(faults_in_triggers("default"))
figures = [event["pendingApprovals"] for topic, event in published if topic == "kpis:all"]
answers["figures"] = figures[:1]
answers["users in audit entries"] = {event["entry"]["user"]["id"] for _, event in published if "entry" in event} == {
    ann.pk
}
answers["units of audit entries"] = sorted({topic for topic, event in published if "entry" in event}) == [
    f"audit:unit:{unit.pk}"
]
answers["failed"] = [
    list(OutboxEntry.objects.using(name).filter(state="failed").values_list("last_error", flat=True))
    for name in ("default", "audit")
]
print(json.dumps(answers))
