"""Installing the app changes nothing else: a project does the same with it and without, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.own_database

HABITS = Path(__file__).with_name("habits.py")


def answers(postgres: str) -> tuple[Any, Any]:
    """Of the same program, with the app and without."""
    programs = [
        subprocess.Popen(
            [sys.executable, str(HABITS), postgres, with_app],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for with_app in ("on", "off")
    ]
    outcomes = [program.communicate() for program in programs]
    assert [program.returncode for program in programs] == [0, 0], outcomes
    return json.loads(outcomes[0][0]), json.loads(outcomes[1][0])


def test_a_project_on_sqlite_does_the_same() -> None:
    with_app, without = answers("")
    assert with_app == without


def test_a_project_on_postgres_does_the_same(postgres: str) -> None:
    with_app, without = answers(postgres)
    assert with_app == without
    assert with_app["request"] == ["done", [True]]
    assert with_app["a user"] == [["UPDATE"], ["UPDATE"]]
    assert with_app["crowd"] == []
