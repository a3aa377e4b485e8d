"""What the app adds to a project's saves on PostgreSQL, in statements. ``bench/cost.py`` measures the time as well."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "bench"))

from cost import measure

WORKS = ("save request", "save request unchanged", "create request", "save crate", "create storage", "save user")


@pytest.mark.own_database
def test_a_save_takes_three_statements_more_and_that_of_a_user_none(postgres: str) -> None:
    answers = measure(postgres, 2, WORKS)
    counts = {work: [by_name[name][-1]["statements"] for name in ("off", "on")] for work, by_name in answers.items()}
    assert counts == {
        "save request": [1, 3],
        "save request unchanged": [1, 2],
        "create request": [1, 3],
        "save crate": [1, 3],
        "create storage": [1, 3],
        "save user": [1, 1],
    }
