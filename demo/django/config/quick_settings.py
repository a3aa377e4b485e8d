"""The DMS as the tests run it: hashing a password takes no time, and no commit waits for the disk."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _skip_the_disk(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Tests kill processes, but not the machine: what a process has committed stays without the disk too."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")


connection_created.connect(_skip_the_disk)
