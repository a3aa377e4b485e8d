"""The app: listens to the DMS's models, and checks the settings."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import pre_delete, pre_save


class DmsLiveConfig(AppConfig):
    name = "dms_live"
    verbose_name = "Live events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dms_live import account_signals, checks, migrating, overriding, signals

        register(checks.check_settings, "dms_live")
        register(checks.check_rows, "dms_live", Tags.database)
        overriding.follow_settings()
        if checks.errors_at_start():
            # `manage.py check` reports the faults. But a server that runs no checks must not lose events in silence.
            for signal in (pre_save, pre_delete):
                signal.connect(_refuse, dispatch_uid="dms_live_misconfigured")
            return
        migrating.follow_migrations(self)
        signals.connect()
        account_signals.connect()


def _refuse(sender: Any, **_: Any) -> None:
    from dms_live.checks import errors_at_start

    if not sender.__module__.startswith("django."):
        said = " ".join(fault.message for fault in errors_at_start())
        raise ImproperlyConfigured(f"{said or 'DMS_LIVE was wrong when Django started.'} See `manage.py check`.")
