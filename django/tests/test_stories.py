"""The usual work of a DMS is published as what it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def stories() -> dict[str, Any]:
    program = [sys.executable, str(Path(__file__).with_name("stories.py"))]
    done = subprocess.run(program, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("change", "events"),
    [
        ("a link is created", [[1, ["Deed"]]]),
        ("a link is moved", [[1, []], [2, ["Deed"]]]),
        ("a link is deleted", [[2, []]]),
        ("crates are added to a document", [[1, ["Deed"]], [2, ["Deed"]]]),
        ("a crate is removed from a document", [[1, []]]),
        ("a document's crates are cleared", [[2, []]]),
        ("documents are set", [[2, ["Deed"]]]),
        ("links are deleted by a queryset", [[2, []]]),
        ("a document is deleted", [[2, []]]),
    ],
)
def test_links_of_documents_and_crates_are_published_as_their_crates(
    stories: dict[str, Any], change: str, events: list[Any]
) -> None:
    assert stories[change] == [["crate", "UPDATED", *event] for event in events]
