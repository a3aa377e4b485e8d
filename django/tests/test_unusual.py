"""Unusual models are saved as without the app, and their events are right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def on_postgres(postgres: str) -> Any:
    program = [sys.executable, str(Path(__file__).with_name("unusual.py")), postgres]
    done = subprocess.run(program, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_list_is_found_whatever_column_its_relation_refers_to(on_postgres: Any) -> None:
    assert on_postgres["a crate that is named by its barcode"] == [["Deed"]]
    assert on_postgres["a shelf that is named by its barcode"] == [["Deed"]]
