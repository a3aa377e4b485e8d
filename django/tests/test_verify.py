"""``verify_live`` finds every change that nobody published, and nothing else."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from conftest import RedisServer
from dms_live.relay import run_round
from drifts import DRIFTS, Fault, Stage, forget_events

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
