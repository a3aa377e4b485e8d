"""Runs programs of the tests as children of one process that has imported Django before, which takes most of a second."""

from __future__ import annotations

import json
import multiprocessing
import os
import runpy
import sys
import tempfile
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from in_memory import FOLDER

HERE = Path(__file__).resolve().parent
#: What programs import before they have settings.
_IMPORTED = (
    "django.contrib.auth.hashers",
    "django.contrib.postgres.fields",
    "django.core.management",
    "django.db.backends.postgresql.base",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.autodetector",
    "django.db.migrations.executor",
    "django.test.utils",
    "redis",
)
_context: Any = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(list(_IMPORTED))
#: No program runs longer, in seconds.
_PATIENCE = 120.0


class Program:
    """A program that runs. What it prints, errors included, is its ``output``."""

    def __init__(self, path: Path | str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="dms-live-program-", dir=FOLDER)
        reader, writer = _context.Pipe(duplex=False)
        work = (str(path), arguments, {**(environment or {}), "TMPDIR": self._home.name}, writer)
        self.process = _context.Process(target=_run, args=work, daemon=True)
        self.process.start()
        writer.close()
        with reader:
            self.output = open(os.dup(reader.fileno()), encoding="utf-8")  # noqa: SIM115

    def ended(self) -> str:
        """What else it prints until its end."""
        overdue = threading.Timer(_PATIENCE, self.process.kill)
        overdue.start()
        try:
            said = self.output.read()
            self.process.join()
        finally:
            overdue.cancel()
            self.kill()
        return said

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.output.close()
        self._home.cleanup()

    def answers(self) -> Any:
        """The JSON in the last line that it prints."""
        said = self.ended()
        assert self.process.exitcode == 0, said
        return json.loads(said.splitlines()[-1])


def answers_of(name: str, *arguments: str) -> Any:
    """Runs a program in this folder to its end, and returns what it answers."""
    return Program(HERE / name, *arguments).answers()


def _run(path: str, arguments: tuple[str, ...], environment: dict[str, str], writer: Connection) -> None:
    for number in (1, 2):
        os.dup2(writer.fileno(), number)
    writer.close()
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
    os.environ.update(environment)
    tempfile.tempdir = None  # the process that has imported Django may have looked already
    sys.argv = [path, *arguments]
    runpy.run_path(path, run_name="__main__")
