"""Reads ``DMS_LIVE`` again when a test overrides it, or ``DEBUG``, which decides what ``UNTOLD`` is by default."""

from __future__ import annotations

from typing import Any

from django.core.signals import setting_changed

from dms_live import account_signals, redis_client, signals
from dms_live.conf import conf, faults_in_settings
from dms_live.registry import registry
from dms_live.specs import user_path


def follow_settings() -> None:
    """Listens to Django's ``override_settings``."""
    setting_changed.connect(_read_again, dispatch_uid="dms_live")


def _read_again(setting: str, **_: Any) -> None:
    if setting not in ("DMS_LIVE", "DEBUG"):
        return
    if registry.cache_info().currsize:
        signals.disconnect()
    redis_client.disconnect()
    conf.cache_clear()
    registry.cache_clear()
    user_path.cache_clear()
    if not faults_in_settings():
        signals.connect()
        account_signals.connect()
