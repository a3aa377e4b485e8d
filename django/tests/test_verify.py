"""``verify_live`` finds every change that nobody published, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
from datetime import timedelta
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

import crowd
from accounts.models import Unit, User
from audit.models import AuditEntry
from conftest import RedisServer
from dms_live import publish
from dms_live.models import OutboxEntry, RelayState, Verification
from dms_live.redis_client import append_event, last_events
from dms_live.relay import run_round
from dms_live.verify import entities
from dms_live.verify.logs import Logs
from dms_live.verify.looking import ids_that_wait
from documents.models import Crate, Document, Request, SendBack
from drifts import DRIFTS, Fault, Stage, forget_events, sql
from live_case import World, actions, logged

#: How often verify_live runs under load. Set CROWD_RUNS for a long test.
RUNS = int(os.environ.get("CROWD_RUNS", "4"))

pytestmark = pytest.mark.django_db(transaction=True)


def verify(*arguments: str) -> tuple[list[dict[str, Any]], dict[str, Any], int]:
    """What is found, the outcome of each kind, and the exit code."""
    shown, code = StringIO(), 0
    try:
        call_command("verify_live", "--json", *arguments, stdout=shown)
    except SystemExit as ended:
        code = int(str(ended.code))
    answer = json.loads(shown.getvalue())
    return answer["found"], {outcome["kind"]: outcome for outcome in answer["kinds"]}, code


def shown(*arguments: str) -> str:
    written = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("verify_live", *arguments, stdout=written)
    return written.getvalue()


def of_fault(one: dict[str, Any]) -> Fault:
    return (one["kind"], one["id"], one["what"], *one.get("fields", ()))


def found(*arguments: str) -> list[Fault]:
    return [of_fault(one) for one in verify(*arguments)[0]]


@pytest.mark.parametrize("is_old", [False, True])
def test_every_drift_is_found_and_repaired(live: RedisServer, is_old: bool) -> None:
    drifts = {name: drift for name, drift in DRIFTS.items() if drift.is_old == is_old}
    stages = {name: Stage(live, f" {number}") for number, name in enumerate(drifts)}
    run_round()
    assert verify()[::2] == ([], 0)
    if is_old:
        forget_events(live)
        assert verify()[::2] == ([], 0)
    for name, drift in drifts.items():
        drift.act(stages[name])
    faults = {name: drift.faults(stages[name]) for name, drift in drifts.items()}
    assert named(found(), faults) == faults
    repaired, _, code = verify("--repair")
    stay = {name: faults[name] for name, drift in drifts.items() if drift.stays}
    assert named([of_fault(one) for one in repaired if not one["repaired"]], faults) == stay
    assert code == (1 if stay else 0)
    run_round()
    assert named(found(), faults) == stay


def named(several: list[Fault], faults: dict[str, list[Fault]]) -> dict[str, list[Fault]]:
    """Faults by the drifts that they are of."""
    by_name: dict[str, list[Fault]] = {}
    for fault in several:
        name = next((name for name, expected in faults.items() if fault[:2] in [one[:2] for one in expected]), "?")
        by_name.setdefault(name, []).append(fault)
    return by_name


def test_what_may_differ_is_no_fault(live: RedisServer) -> None:
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "relay"}):
        on = Stage(live)
        gone, soft, moved = on.request(), on.crate(), on.request()
        run_round()
        verify()
        for now in (0, 1):
            on.box.status = ("Withdrawn", "Archived")[now]  # the request's event shows it as it was
            on.box.save()
            on.head.first_name, on.head.role = "Hanna", ("QC", "Store Head")[now]
            on.head.save()
            moved.unit = (on.other, on.unit)[now]
            moved.save()
            (on.guest, gone)[now].delete()
            Document.objects.filter(crate=on.lone).first().save()
            publish(soft, "DELETED")  # a soft deletion, which keeps the row
            Unit.objects.create(name="New")  # without a snapshot yet
            run_round()
            assert verify()[::2] == ([], 0)
        forget_events(live)
        RelayState.objects.update(kpis_at=None)
        run_round()  # counts the key figures
        assert verify()[::2] == ([], 0)
        User.objects.filter(pk=on.head.pk).update(password="stronger$1$salt$hash")  # as Django does at a login
        on.wish.delete()  # and its send-back, which has no event for that
        run_round()
        assert verify()[::2] == ([], 0)


def test_rows_from_before_the_app_are_compared_from_the_second_run_on(live: RedisServer) -> None:
    Stage(live)
    run_round()
    forget_events(live)
    said = shown("--kind", "request")
    assert "1 could not be compared: the logs are empty, there was no run before. The next run can compare them" in said
    faults, outcomes, code = verify()
    assert (faults, code, outcomes["request"]["unknown"]) == ([], 0, 0)


def test_nobody_says_what_changed_where_neither_the_log_nor_the_outbox_reaches_back(live: RedisServer) -> None:
    on = Stage(live)
    run_round()
    verify()
    forget_events(live)
    Verification.objects.update(began_at=timezone.now() - timedelta(days=3))
    sql("UPDATE documents_request SET status = 'Approved' WHERE id = %s", on.wish.pk)
    faults, outcomes, _ = verify()
    assert (faults, outcomes["request"]["unknown"]) == ([], 1)


def test_an_audit_entry_that_is_younger_than_the_log_is_missing_also_in_a_first_run(live: RedisServer) -> None:
    on = Stage(live)
    run_round()
    entry = AuditEntry(unit=on.unit, action="LOGIN", object_type="User", object_id=1)
    AuditEntry.objects.bulk_create([entry])
    with mock.patch("dms_live.verify.judging.SLACK", timedelta(0)):
        assert found() == [("audit", str(entry.pk), "missing")]
    assert found("--kind", "request") == []


def test_an_event_that_waits_is_no_fault_until_it_waits_too_long(live: RedisServer) -> None:
    on = Stage(live)
    run_round()
    on.approve()
    faults, outcomes, code = verify()
    assert (faults, outcomes["request"]["waiting"], code) == ([], 1, 0)
    OutboxEntry.objects.filter(state="pending").update(created_at=timezone.now() - timedelta(seconds=90))
    assert found() == [("request", str(on.wish.pk), "waiting")]
    assert verify("--max-wait", "120")[2] == 0


def test_what_is_changed_and_sent_between_reading_a_row_and_its_log_is_no_fault(live: RedisServer) -> None:
    on = Stage(live)
    run_round()
    on.approve()

    def meanwhile(*args: Any) -> set[str]:
        if on.wish.status == "Approved":
            on.wish.status = "Issued"
            on.wish.save()
            run_round()
        return ids_that_wait(*args)

    with mock.patch("dms_live.verify.looking.ids_that_wait", side_effect=meanwhile) as asked:
        assert found() == []
    assert asked.call_count == 2


def test_a_user_who_was_changed_in_a_transaction_that_went_on_while_a_run_began_is_no_fault(live: RedisServer) -> None:
    on = Stage(live)
    run_round()
    before = timezone.now()
    assert found() == []
    on.head.role = "QC"
    on.head.save()
    OutboxEntry.objects.filter(topic="session", state="pending").update(created_at=before)
    assert found("--kind", "user") == []
    sql("UPDATE accounts_user SET role = 'QC' WHERE id = %s", on.guest.pk)
    run_round()
    assert found("--kind", "user") == [("user", str(on.guest.pk), "session", "role")]


def test_figures_of_a_snapshot_that_was_changed(live: RedisServer) -> None:
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "relay"}):
        on = Stage(live)
        run_round()
        assert found("--kind", "kpis") == []
        topic = f"kpis:unit:{on.unit.pk}"
        (written,) = last_events(topic, 1)
        later = (timezone.now() + timedelta(seconds=1)).isoformat()
        append_event(topic, "other", json.dumps({**json.loads(written), "pendingApprovals": 9, "computedAt": later}))
        assert found("--kind", "kpis") == [("kpis", f"unit:{on.unit.pk}", "figures", "pendingApprovals")]
        assert verify("--kind", "kpis", "--repair")[2] == 0
        run_round()
        assert found("--kind", "kpis") == []


def test_two_runs_that_repair_at_once_publish_once(live: RedisServer) -> None:
    on = Stage(live)
    run_round()
    sql("UPDATE documents_request SET status = 'Approved' WHERE id = %s", on.wish.pk)
    sql("DELETE FROM documents_document WHERE crate_id = %s", on.lone.pk)
    sql("DELETE FROM documents_crate WHERE id = %s", on.lone.pk)
    repair = entities.repair

    def after_another(*args: Any) -> Any:
        once.side_effect = repair
        verify("--repair")
        return repair(*args)

    with mock.patch.object(entities, "repair", side_effect=after_another) as once:
        verify("--repair")
    assert OutboxEntry.objects.filter(state="pending").count() == 2
    # Of a row that is gone nothing can be locked. If both write an event, it has the same id.
    with mock.patch("dms_live.verify.repairs.ids_that_wait", return_value=set()):
        OutboxEntry.objects.filter(state="pending").update(subject="hidden")
        verify("--repair")
    assert OutboxEntry.objects.filter(state="pending").count() == 4
    run_round()
    assert actions(logged(live, on.topic("request"))) == ["CREATED", "UPDATED"]
    assert actions(logged(live, on.topic("crate")))[-2:] == ["UPDATED", "DELETED"]


def test_a_run_ends_after_the_faults_that_it_may_name(live: RedisServer) -> None:
    on = Stage(live)
    Request.objects.bulk_create([Request(request_type="Storage", unit=on.unit) for _ in range(5)])
    run_round()
    verify()
    Request.objects.update(status="Approved")
    assert len(found("--limit", "3")) == 3
    assert "ended early (--limit)" in shown("--limit", "3")
    assert len(found()) == 6


def test_redis_that_is_away_is_no_result(live: RedisServer) -> None:
    World()
    live.kill()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_live", stdout=StringIO(), stderr=StringIO())
    assert ended.value.code == 2


def test_a_send_back_whose_request_moves_during_a_run_is_looked_for_where_it_was_published(live: RedisServer) -> None:
    on = Stage(live)
    run_round()
    verify()  # so that it knows all events
    load = Logs.load

    def then_others_work(logs: Logs, *arguments: Any) -> None:
        load(logs, *arguments)
        if logs.kind.name == "sendback":
            SendBack.objects.create(request=on.wish, reason="why", sendback_type="Form", created_by=on.head)
            run_round()
            on.wish.unit = on.other
            on.wish.save()
            run_round()

    with mock.patch.object(Logs, "load", then_others_work):
        assert found("--kind", "sendback") == []


@pytest.mark.parametrize("capture", ["signals", "triggers"])
def test_under_load_nothing_is_found_but_what_nobody_published(
    capture: str, live: RedisServer, request: pytest.FixtureRequest
) -> None:
    if capture == "triggers":
        request.getfixturevalue("triggers")
    on = Stage(live)
    crowd.KEPT.update({Request: {on.wish.pk}, Crate: {on.box.pk}})
    run_round()
    writers = [crowd.Writer(seed, [on.unit, on.other]) for seed in range(8)]
    missing = [("request", str(on.wish.pk), "differs", "status")]
    steps = RUNS * (4 if connection.vendor == "postgresql" else 3)
    with crowd.at_work(writers, steps):
        for _ in range(RUNS):
            assert found() == []
        on.wish.status = "Issued"
        on.wish.save()
        while OutboxEntry.objects.filter(subject=f"request:{on.wish.pk}", state="sent").count() < 2:
            assert found() == []
        on.remove("request", f'"request":{{"id":{on.wish.pk},', "ISSUED")
        assert found() == missing
    while run_round().sent:
        pass
    assert found() == missing
    verify("--repair")
    run_round()
    assert verify()[::2] == ([], 0)
