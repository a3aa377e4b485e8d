"""The setting ``DMS_LIVE``: read, checked and given its defaults in this one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from dms_live.faults import Fault
from dms_live.redis_url import fault_in_redis_url, parse_redis_url
from dms_live.topics import PREFIX

Accessor = str | Callable[[Any], Any]


@dataclass(frozen=True)
class Setting:
    """One key of ``DMS_LIVE``: its default, and a function that says what is wrong with a value (``None``: nothing)."""

    default: Any
    fault: Callable[[Any], str | None]


def _whole(least: int, most: int) -> Callable[[Any], str | None]:
    def fault(value: Any) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return None if fits else f"must be a whole number from {least} to {most}"

    return fault


def _number(least: float, most: float) -> Callable[[Any], str | None]:
    def fault(value: Any) -> str | None:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most
        return None if fits else f"must be a number from {least:g} to {most:g}"

    return fault


def _one_of(*choices: Any) -> Callable[[Any], str | None]:
    def fault(value: Any) -> str | None:
        return None if value in choices else f"must be one of {', '.join(map(repr, choices))}"

    return fault


def _prefix(value: Any) -> str | None:
    fits = isinstance(value, str) and PREFIX.fullmatch(value)
    return None if fits else 'must be 1 to 32 letters, digits, "-" or "_"'


def _accessor(value: Any) -> str | None:
    return (
        None
        if callable(value) or (isinstance(value, str) and value)
        else "must be a path such as 'unit', or a callable"
    )


def _column(value: Any) -> str | None:
    return None if isinstance(value, str) and value.isidentifier() else "must be the name of a user's field"


def _models(value: Any) -> str | None:
    if value is None or (isinstance(value, Mapping) and all(isinstance(label, str) for label in value)):
        return None
    return "must be a dict such as {'documents.Request': 'request'}"


def _roles(value: Any) -> str | None:
    fits = isinstance(value, (list, tuple)) and value and all(isinstance(role, str) and role for role in value)
    return None if fits else "must be a list of roles such as ['System Admin']"


SETTINGS: dict[str, Setting] = {
    "REDIS_URL": Setting(None, fault_in_redis_url),
    "TOPIC_PREFIX": Setting("dms", _prefix),
    "MODELS": Setting(None, _models),
    "UNIT": Setting("unit", _accessor),
    "ROLE": Setting("role", _accessor),
    "USER_ID": Setting(None, lambda value: None if value is None else _column(value)),
    "NAME": Setting("get_full_name", _accessor),
    "ADMIN_ROLES": Setting(["System Admin"], _roles),
    "HISTORY_EVENTS": Setting(10_000, _whole(1, 1_000_000)),
    "HISTORY_SECONDS": Setting(86_400, _whole(1, 31_536_000)),
    "CAPTURE": Setting("signals", _one_of("signals", "triggers")),
    "SENDER": Setting("thread", _one_of("thread", "relay")),
    "MAX_ATTEMPTS": Setting(10, _whole(1, 1000)),
    "KEEP_SENT_SECONDS": Setting(86_400, _whole(0, 31_536_000)),
    "REDIS_TIMEOUT_SECONDS": Setting(1.0, _number(0.05, 30)),
    "KPIS": Setting(True, _one_of(True, False)),
    "KPI_DEBOUNCE_SECONDS": Setting(1.0, _number(0, 3600)),
    "KPI_SECONDS": Setting(60.0, _number(1, 86_400)),
    "UNTOLD": Setting(None, lambda value: None if value is None else _one_of("ignore", "warn", "raise")(value)),
    "SECURITY_LOG": Setting(False, _one_of(True, False)),
    "SECURITY_LOG_DAYS": Setting(365, _whole(1, 36_500)),
    "TOKEN_SECONDS": Setting(None, lambda value: None if value is None else _whole(1, 31_536_000)(value)),
}


@dataclass(frozen=True)
class Conf:
    """``DMS_LIVE`` with its defaults. The README's table explains each setting."""

    redis_url: str
    topic_prefix: str
    models: Mapping[str, Any] | None
    unit: Accessor
    role: Accessor
    user_id: str | None
    name: Accessor
    admin_roles: Sequence[str]
    history_events: int
    history_seconds: int
    capture: str
    sender: str
    max_attempts: int
    keep_sent_seconds: int
    redis_timeout_seconds: float
    kpis: bool
    kpi_debounce_seconds: float
    kpi_seconds: float
    untold: str | None
    security_log: bool
    security_log_days: int
    token_seconds: int | None

    @property
    def untold_now(self) -> str:
        """What happens when a change makes no event: ``ignore``, ``warn`` or ``raise``."""
        return self.untold or ("warn" if settings.DEBUG else "ignore")


def faults_in_settings() -> list[Fault]:
    """All faults in ``DMS_LIVE`` itself. What it says about models is checked in ``registry.py``, where the models are known."""
    given = getattr(settings, "DMS_LIVE", None)
    if not isinstance(given, Mapping):
        return [
            Fault(
                "E001",
                "The setting DMS_LIVE is missing or no dict.",
                "DMS_LIVE = {'REDIS_URL': 'redis://localhost:6379'}",
            )
        ]
    return [
        *(_unknown_key(key) for key in given if key not in SETTINGS),
        *(
            Fault("E004" if key == "REDIS_URL" else "E003", f"DMS_LIVE['{key}'] {fault}.", _hint_for(key, setting))
            for key, setting in SETTINGS.items()
            if (fault := setting.fault(given.get(key, setting.default))) is not None
        ),
        *_shared_prefix(given),
    ]


def _shared_prefix(given: Mapping[str, Any]) -> list[Fault]:
    """A database number without a prefix is a fault: it looks as if it kept installations apart, and does not."""
    url, prefix = given.get("REDIS_URL"), SETTINGS["TOPIC_PREFIX"].default
    if fault_in_redis_url(url) is not None or given.get("TOPIC_PREFIX", prefix) != prefix:
        return []
    database = parse_redis_url(str(url)).database
    if database == 0:
        return []
    return [
        Fault(
            "E005",
            f"DMS_LIVE['REDIS_URL'] names database {database}, and TOPIC_PREFIX is {prefix!r}: a database number does not keep "
            "installations apart, for Redis Pub/Sub ignores it, and each would receive the other’s events and revocations.",
            "Set a TOPIC_PREFIX of its own here and in dms-live, or leave the number out.",
        )
    ]


def _unknown_key(key: object) -> Fault:
    near = get_close_matches(str(key).upper(), SETTINGS, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(SETTINGS)}."
    return Fault("E002", f"DMS_LIVE has an unknown key {key!r}.", hint)


def _hint_for(key: str, setting: Setting) -> str:
    if key == "REDIS_URL":
        return "The Redis that dms-live reads, e.g. 'redis://localhost:6379'."
    return f"Leave it out for the default, {setting.default!r}."


@lru_cache(maxsize=1)
def conf() -> Conf:
    """The settings.

    :raises ImproperlyConfigured: with every fault found.
    """
    faults = faults_in_settings()
    if faults:
        raise ImproperlyConfigured(" ".join(fault.message for fault in faults))
    given: Mapping[str, Any] = getattr(settings, "DMS_LIVE", {})
    return Conf(**{key.lower(): given.get(key, setting.default) for key, setting in SETTINGS.items()})
