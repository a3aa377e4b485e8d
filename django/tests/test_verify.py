"""``verify_live`` finds every change that nobody published, and nothing else."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from conftest import RedisServer
from dms_live.relay import run_round
from live_case import World, sent

pytestmark = pytest.mark.django_db(transaction=True)


def verify(*arguments: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """What is found, the outcome of each kind, and the exit code."""
    shown, code = StringIO(), 0
    try:
        call_command("verify_live", "--json", *arguments, stdout=shown)
    except SystemExit as ended:
        code = int(str(ended.code))
    answer = json.loads(shown.getvalue())
    return answer["found"], answer["kinds"], code


def found(*arguments: str) -> list[tuple[Any, ...]]:
    """The kind, the id, the fault and the fields of each fault."""
    return [(one["kind"], one["id"], one["what"], *one.get("fields", ())) for one in verify(*arguments)[0]]


def sql(statement: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def test_nothing_is_found_where_all_was_published(live: RedisServer) -> None:
    world = World()
    request = world.request(crate=world.crate())
    request.status = "Approved"
    request.save()
    run_round()
    faults, outcomes, code = verify()
    assert (faults, code) == ([], 0)
    assert {outcome["kind"]: outcome["rows"] for outcome in outcomes}["request"] == 1


def test_sql_update(live: RedisServer) -> None:
    world = World()
    request, other = world.request(), world.request()
    run_round()
    sql("UPDATE documents_request SET status = 'Approved' WHERE id = %s", request.pk)
    assert found() == [("request", str(request.pk), "differs", "status")]
    assert verify()[2] == 1
    verify("--repair")
    (_, _, event) = sent(live, f"request:unit:{world.unit.pk}")
    assert (event["action"], event["request"]["status"]) == ("UPDATED", "APPROVED")
    assert event["actor"]["id"] == "manage.py verify_live"
    assert verify()[2] == 0
    assert other.pk
