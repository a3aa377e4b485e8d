"""Everything that can make the database and what was published differ, each with the faults that ``verify_live`` must find."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import connection

from accounts.models import User
from audit.models import AuditEntry
from conftest import RedisServer
from dms_live.models import OutboxEntry
from dms_live.outbox import refuse
from dms_live.redis_client import append_event
from dms_live.relay import run_round
from documents.models import Crate, Document, Request, SendBack
from live_case import World, logged

#: The kind, the id, the fault, and the fields.
Fault = tuple[str, ...]
Faults = list[Fault]


class Stage(World):
    """Two units with a crate that is alone, and a request about another crate. Several of them share the database."""

    def __init__(self, live: RedisServer, suffix: str = "") -> None:
        super().__init__(suffix)
        self.live = live
        self.lone, self.box = self.crate(), self.crate()
        self.wish = self.request(crate=self.box)
        self.reply = SendBack.objects.create(
            request=self.wish, reason="why", sendback_type="Form", created_by=self.head
        )
        self.line = AuditEntry.objects.create(
            unit=self.unit, action="LOGIN", object_type="Request", object_id=self.wish.pk, user=self.head
        )

    def topic(self, kind: str) -> str:
        return f"{kind}:unit:{self.unit.pk}"

    def stream(self, kind: str) -> str:
        return f"dms:{{{kind}}}:unit:{self.unit.pk}"

    def approve(self) -> None:
        self.wish.status = "Approved"
        self.wish.save()

    def last_event(self, kind: str, at: int = -1) -> dict[str, Any]:
        return logged(self.live, self.topic(kind))[at]

    def append(self, topic: str, event: dict[str, Any]) -> None:
        """As another program would."""
        append_event(topic, str(uuid4()), json.dumps({**event, "id": str(uuid4())}))

    def remove(self, kind: str, *content: str) -> None:
        """Takes the events with this content out of the log."""
        for position, fields in self.live.client.xrange(self.stream(kind)):
            if all(part in fields["event"] for part in content):
                self.live.client.xdel(self.stream(kind), position)

    def remove_last(self, kind: str) -> None:
        ((position, _),) = self.live.client.xrevrange(self.stream(kind), count=1)
        self.live.client.xdel(self.stream(kind), position)


@dataclass(frozen=True)
class Drift:
    """:ivar is_old: whether the rows' last events have left all logs.
    :ivar stays: whether there is no event that could mend it.
    """

    act: Callable[[Stage], object]
    faults: Callable[[Stage], Faults]
    is_old: bool = False
    stays: bool = False


def forget_events(live: RedisServer) -> None:
    """All events have left the logs and the outbox, as a day later."""
    live.client.flushall()
    OutboxEntry.objects.all().delete()


def sql(statement: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _update_in_sql(on: Stage) -> None:
    sql("UPDATE documents_request SET status = 'Approved' WHERE id = %s", on.wish.pk)


def _move_in_sql(on: Stage) -> None:
    sql("UPDATE documents_request SET unit_id = %s WHERE id = %s", on.other.pk, on.wish.pk)


def _delete_in_sql(on: Stage) -> None:
    sql("DELETE FROM documents_document WHERE crate_id = %s", on.lone.pk)
    sql("DELETE FROM documents_crate WHERE id = %s", on.lone.pk)


def _delete_request_in_sql(on: Stage) -> None:
    sql("DELETE FROM documents_sendback WHERE id = %s", on.reply.pk)
    sql("DELETE FROM documents_request WHERE id = %s", on.wish.pk)


def _bulk_create(on: Stage) -> None:
    Request.objects.bulk_create([Request(request_type="Storage", unit=on.unit)])


def _never_sent(on: Stage) -> None:
    on.approve()
    OutboxEntry.objects.filter(state="pending", topic=on.topic("request")).delete()


def _change_was_lost(on: Stage) -> None:
    on.approve()
    run_round()
    on.remove_last("request")


def _older_on_top(on: Stage) -> None:
    older = on.last_event("request")
    on.approve()
    run_round()
    on.append(on.topic("request"), older)


def _in_the_wrong_unit(on: Stage) -> None:
    event = on.last_event("request")
    event["request"]["unitId"] = on.other.pk
    on.append(f"request:unit:{on.other.pk}", event)


def _gone_and_back(on: Stage) -> None:
    event = on.last_event("crate", 1)
    on.append(on.topic("crate"), {**event, "action": "DELETED"})
    sql("UPDATE documents_crate SET status = 'Archived' WHERE id = %s", on.lone.pk)


def _given_up(on: Stage) -> None:
    _bulk_create(on)
    newest = Request.objects.latest("pk")
    refuse("request", "a value is none of PENDING", "default", topics=(on.topic("request"),), pk=newest.pk)


def _newest(kind: str, *fault: str) -> Callable[[Stage], Faults]:
    models: Any = {"request": Request, "audit": AuditEntry, "sendback": SendBack}

    def faults(on: Stage) -> Faults:
        column = "request__unit" if kind == "sendback" else "unit"
        return [(kind, str(models[kind].objects.filter(**{column: on.unit}).latest("pk").pk), *fault)]

    return faults


def _wish(*fault: str) -> Callable[[Stage], Faults]:
    return lambda on: [("request", str(on.wish.pk), *fault)]


def _lone(*fault: str) -> Callable[[Stage], Faults]:
    return lambda on: [("crate", str(on.lone.pk), *fault)]


def _audit_written(on: Stage) -> None:
    AuditEntry.objects.bulk_create([AuditEntry(unit=on.unit, action="LOGIN", object_type="User", object_id=1)])


DRIFTS: dict[str, Drift] = {
    "SQL changes a request": Drift(_update_in_sql, _wish("differs", "status")),
    "SQL changes a request of long ago": Drift(_update_in_sql, _wish("differs", "status"), is_old=True),
    "update() changes a crate": Drift(
        lambda on: Crate.objects.filter(pk=on.lone.pk).update(status="Archived", storage=None),
        _lone("differs", "status", "storage"),
    ),
    "SQL moves a request": Drift(_move_in_sql, lambda on: [*_wish("differs", "unitId")(on), *_wish("elsewhere")(on)]),
    "SQL moves a request of long ago": Drift(_move_in_sql, _wish("differs", "unitId"), is_old=True),
    "SQL deletes a crate": Drift(_delete_in_sql, _lone("gone")),
    "SQL deletes a crate of long ago": Drift(_delete_in_sql, _lone("gone"), is_old=True),
    "SQL deletes a request and its send-back": Drift(_delete_request_in_sql, _wish("gone")),
    "SQL deletes a send-back": Drift(
        lambda on: sql("DELETE FROM documents_sendback WHERE id = %s", on.reply.pk),
        lambda on: [("sendback", str(on.reply.pk), "gone")],
        stays=True,
    ),
    "bulk_create()": Drift(_bulk_create, _newest("request", "missing")),
    "bulk_create() long after the others": Drift(_bulk_create, _newest("request", "missing"), is_old=True),
    "a document is changed by update()": Drift(
        lambda on: Document.objects.filter(crate=on.lone).update(document_name="Other"), _lone("differs", "documents")
    ),
    "a document is deleted by SQL, long ago": Drift(
        lambda on: sql("DELETE FROM documents_document WHERE crate_id = %s", on.lone.pk),
        _lone("differs", "documents"),
        is_old=True,
    ),
    "a storage location is changed by update()": Drift(
        lambda on: type(on.place).objects.filter(pk=on.place.pk).update(room_name="R2"),
        lambda on: [("storage", str(on.place.pk), "differs", "roomName")],
    ),
    "a row of the outbox is deleted before it is sent": Drift(_never_sent, _wish("differs", "status")),
    "the last event is taken out of the log": Drift(_change_was_lost, _wish("differs", "status")),
    "the only event is taken out of the log": Drift(lambda on: on.remove_last("request"), _wish("lost")),
    "an older event follows": Drift(_older_on_top, _wish("differs", "status")),
    "an event in the wrong unit": Drift(_in_the_wrong_unit, _wish("elsewhere")),
    "an event says that a crate is gone": Drift(_gone_and_back, _lone("departed", "status")),
    "an event is given up": Drift(_given_up, _newest("request", "failed")),
    "an audit entry is written by bulk_create()": Drift(_audit_written, _newest("audit", "missing")),
    "an audit entry is changed": Drift(
        lambda on: AuditEntry.objects.filter(pk=on.line.pk).update(object_id=99),
        lambda on: [("audit", str(on.line.pk), "differs", "objectId")],
        stays=True,
    ),
    "an audit entry is deleted": Drift(
        lambda on: sql("DELETE FROM audit_auditentry WHERE id = %s", on.line.pk),
        lambda on: [("audit", str(on.line.pk), "gone")],
        stays=True,
    ),
    "a send-back is written by bulk_create()": Drift(
        lambda on: SendBack.objects.bulk_create([SendBack(request=on.wish, reason="x", sendback_type="Form")]),
        _newest("sendback", "missing"),
    ),
    "a user is moved by update()": Drift(
        lambda on: User.objects.filter(pk=on.head.pk).update(unit=on.other),
        lambda on: [("user", str(on.head.pk), "session", "unit")],
    ),
    "a user is deactivated by update()": Drift(
        lambda on: User.objects.filter(pk=on.head.pk).update(is_active=False),
        lambda on: [("user", str(on.head.pk), "session", "is_active")],
    ),
    "a password is set by update()": Drift(
        lambda on: User.objects.filter(pk=on.head.pk).update(password="md5$salt$other"),
        lambda on: [("user", str(on.head.pk), "session", "password")],
    ),
    "a user is deleted by SQL": Drift(
        lambda on: sql("DELETE FROM accounts_user WHERE id = %s", on.guest.pk),
        lambda on: [("user", str(on.guest.pk), "session", "deleted")],
    ),
}
