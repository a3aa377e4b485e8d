"""The DMS of the tests, made live by settings as its README says."""

import os
import tempfile

from config.quick_settings import *  # noqa: F403
from config.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE, SIMPLE_JWT
from in_memory import FOLDER

if "dms_live" not in INSTALLED_APPS:
    INSTALLED_APPS = [*INSTALLED_APPS, "dms_live"]
if "dms_live.middleware.ActingUserMiddleware" not in MIDDLEWARE:
    MIDDLEWARE = [*MIDDLEWARE, "dms_live.middleware.ActingUserMiddleware"]

INSTALLED_APPS = [*INSTALLED_APPS, "archive"]
DMS_LIVE = {
    "REDIS_URL": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:1"),
    "SENDER": os.environ.get("TEST_SENDER", "relay"),
}
SIMPLE_JWT = {
    **SIMPLE_JWT,
    "TOKEN_OBTAIN_SERIALIZER": "dms_live.tokens.LiveTokenObtainPairSerializer",
    "TOKEN_REFRESH_SERIALIZER": "dms_live.tokens.LiveTokenRefreshSerializer",
}

# As in a fresh project: each save a transaction of its own. In a file, where several processes and threads may write.
DATABASES["default"].pop("ATOMIC_REQUESTS", None)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {"timeout": 20}
    if "TEST_DATABASE_NAME" not in os.environ:
        _directory = tempfile.TemporaryDirectory(prefix="dms-live-unit-", dir=FOLDER)  # gone when the process ends
        DATABASES["default"]["TEST"] = {"NAME": os.path.join(_directory.name, "test.sqlite3")}
# Of a process that a test starts: the test's own database.
if "TEST_DATABASE_NAME" in os.environ:
    DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE_NAME"]
