"""A fixture for pytest. Switch it on in ``conftest.py``: ``pytest_plugins = ["dms_live.pytest_plugin"]``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dms_live.testing import CapturedEvents


@pytest.fixture
def live_events(db: None) -> Iterator[CapturedEvents]:
    """What the test publishes."""
    from dms_live.testing import captured_events

    with captured_events() as events:
        yield events
