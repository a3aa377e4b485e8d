"""A fault in the settings, before it becomes a message of ``manage.py check``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """``code`` is ``E…`` or ``W…``; ``hint`` says how to mend it."""

    code: str
    message: str
    hint: str
