"""A PostgreSQL of the tests' own, where it is installed as Debian installs it."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = max(
    (folder / "bin" for folder in Path("/usr/lib/postgresql").glob("*")),
    key=lambda folder: float(folder.parent.name),
    default=None,
)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Its address, as ``host:port``. The user is ``postgres``."""
    assert PROGRAMS is not None
    with tempfile.TemporaryDirectory(prefix="dms-live-postgres-") as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        data = Path(home) / "data"
        # PostgreSQL refuses to run as root.
        owner = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        if owner is not None:
            os.chown(home, owner.pw_uid, owner.pw_gid)
        as_owner = {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        made = [PROGRAMS / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=home, **as_owner)
        probe.close()
        options = ["-p", str(port), "-k", home, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        server = subprocess.Popen(
            [PROGRAMS / "postgres", "-D", data, *options], stderr=subprocess.PIPE, text=True, cwd=home, **as_owner
        )
        try:
            assert server.stderr is not None
            for line in server.stderr:
                if "ready to accept connections" in line:
                    break
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.communicate()
