"""In a project's tests nothing is sent to Redis, unless a test asks for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_asking = 0


def may_send() -> bool:
    """Whether a commit may wake the thread that sends."""
    return _asking > 0 or not is_test_run()


def is_test_run() -> bool:
    """Whether a test runner has set up this process: ``manage.py test`` and pytest-django call ``setup_test_environment()``.

    The state that it keeps until ``teardown_test_environment()`` is the sturdiest sign. ``mail.outbox`` is also there in a
    server that uses the locmem backend for mail, and ``sys.argv`` says nothing under pytest.
    """
    utils = sys.modules.get("django.test.utils")
    return hasattr(getattr(utils, "_TestState", None), "saved_data")


@contextmanager
def asked_to_send() -> Iterator[None]:
    """In all threads of this process."""
    global _asking
    _asking += 1
    try:
        yield
    finally:
        _asking -= 1
