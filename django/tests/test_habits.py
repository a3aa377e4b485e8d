"""Installing the app changes nothing else: a project does the same with it and without, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from programs import HERE, Program

pytestmark = pytest.mark.own_database


def answers(postgres: str) -> tuple[Any, Any]:
    """Of the same program, with the app and without."""
    with_app, without = (Program(HERE / "habits.py", postgres, with_app) for with_app in ("on", "off"))
    return with_app.answers(), without.answers()


def test_a_project_on_sqlite_does_the_same() -> None:
    with_app, without = answers("")
    assert with_app == without


def test_a_project_on_postgres_does_the_same(postgres: str) -> None:
    with_app, without = answers(postgres)
    assert with_app == without
    assert with_app["counted"]["committed"]["save Request.status"] == 1
    assert with_app["request"] == ["done", [True]]
    assert with_app["a user"] == [["UPDATE"], ["UPDATE"]]
    assert with_app["crowd"] == []
