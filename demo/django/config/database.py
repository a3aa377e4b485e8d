"""Where the DMS keeps its data: SQLite, or what DATABASE_URL names."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


def database_of(url: str, default_file: Path) -> dict[str, Any]:
    """The settings of a database.

    :param url: ``postgresql://user:password@host:port/name``, ``sqlite:////a/file.sqlite3``, or empty.
    :param default_file: the SQLite file of an empty URL.
    """
    parts = urlsplit(url)
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.removeprefix("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "ATOMIC_REQUESTS": True,
        }
    if parts.scheme not in ("", "sqlite"):
        raise ValueError(f"DATABASE_URL names neither PostgreSQL nor SQLite but {parts.scheme}")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": parts.path.removeprefix("/") or str(default_file),
        "ATOMIC_REQUESTS": True,
        # Several processes write: each waits for its turn from the start of its transaction.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
