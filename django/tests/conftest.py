"""A real Redis for the tests, which they may kill."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import override_settings

from in_memory import FOLDER
from postgres_server import PROGRAMS, running_postgres


class RedisServer:
    """redis-server on a free port. Its data survives a restart, since it runs with appendfsync always."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis(port=self.port, decode_responses=True)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        if self.process is not None:
            return
        program = shutil.which("redis-server")
        assert program is not None, "the tests need redis-server"
        self.process = subprocess.Popen(
            [program, "--port", str(self.port), "--dir", str(self.directory), "--save", "", "--bind", "127.0.0.1",
             "--appendonly", "yes", "--appendfsync", "always"],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while True:
            try:
                self.client.ping()
                return
            except redis.RedisError:
                assert self.process.poll() is None, "redis-server did not start"

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(dir=FOLDER) as directory:
        server = RedisServer(Path(directory))
        server.start()
        yield server
        server.kill()


@pytest.fixture
def live(redis_server: RedisServer, settings: object) -> Iterator[RedisServer]:
    """Redis, empty and running, and DMS_LIVE set to it. Sending is the test's: by ``run_round()``."""
    redis_server.start()
    redis_server.client.flushall()
    with override_settings(DMS_LIVE={"REDIS_URL": redis_server.url, "SENDER": "relay", "KPIS": False}):
        yield redis_server


@pytest.fixture
def triggers(transactional_db: None, live: RedisServer) -> Iterator[RedisServer]:
    """The DMS of the tests, with triggers on its tables."""
    from dms_live.capturing import sources
    from dms_live.trigger_sql import create_triggers, drop_triggers

    if connection.vendor != "postgresql":
        pytest.skip("the tests run on another database")
    quote = connection.ops.quote_name
    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "relay", "KPIS": False, "CAPTURE": "triggers"}):
        with connection.cursor() as cursor:
            for source in sources().values():
                for statement in create_triggers(quote(source.table), source.label, source.key):
                    cursor.execute(statement)
        try:
            yield live
        finally:
            with connection.cursor() as cursor:
                for source in sources().values():
                    for statement in drop_triggers(quote(source.table)):
                        cursor.execute(statement)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements of the app are counted, as where no tests run."""
    monkeypatch.setattr("dms_live.uncounted.is_test_run", lambda: False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """No test reads Django's permissions. It would make those of every model again after each test that commits."""
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    if PROGRAMS is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    with running_postgres() as address:
        yield address


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unit_settings")
