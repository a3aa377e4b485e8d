"""Several databases, each with its outbox, and partitioned tables."""

from __future__ import annotations

from typing import Any

import pytest

from programs import answers_of

pytestmark = pytest.mark.own_database

IN_TWO: dict[str, Any] = {
    "undone in one database": ["audit APPROVE +"],
    "undone in the other": ["request APPROVED +"],
    "committed in both": ["audit ISSUE +", "request ISSUED +"],
    "figures": [1],
    "users in audit entries": True,
    "units of audit entries": True,
    "failed": [[], []],
}


def test_each_database_publishes_what_its_own_transactions_commit() -> None:
    assert answers_of("layouts.py", "") == {**IN_TWO, "rows in each outbox before": [[1, 0], [1, 0]]}


def test_triggers_do_so_too_and_note_the_rows_of_partitions(postgres: str) -> None:
    assert answers_of("layouts.py", postgres) == {
        **IN_TWO,
        "rows in each outbox before": [[0, 1], [0, 1]],
        "faults": [[], []],
        "a row in a partition": ["request CREATED +"],
        "a row goes to another partition": ["request MOVED_IN +", "request MOVED_OUT +"],
        "SQL that names a partition": ["request UPDATED -"],
        "a row in a partition is deleted": ["request MOVED_OUT +"],
        "a partition is cut off": [],
    }
