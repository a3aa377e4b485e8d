"""The checks of ``manage.py check``: every fault in the settings, with an id and a way to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError, connections, router, transaction
from django.utils.module_loading import import_string

from dms_live.capturing import captures, faults_in_triggers
from dms_live.conf import conf, faults_in_settings
from dms_live.faults import Fault
from dms_live.kinds import KINDS, Kind
from dms_live.likely_models import models_like
from dms_live.registry import AS_SETTINGS, Registry, registry
from dms_live.serialize import label_of
from dms_live.simple_jwt import simple_jwt
from dms_live.specs import Bound
from dms_live.user_checks import faults_in_rows, faults_of_ids, faults_of_units, faults_of_users, warnings_of_roles
from dms_live.values import Unfit, as_word

_MIDDLEWARE = "dms_live.middleware.ActingUserMiddleware"


def check_settings(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """All faults at once. The models are checked only if the settings can be read."""
    faults = faults_in_settings()
    if not faults:
        current = Registry()
        faults = [*current.faults, *faults_of_users(), *faults_of_ids(), *faults_of_units(), *_warnings(current)]
    return [_message(fault) for fault in faults]


def errors_at_start() -> list[Fault]:
    """Every fault with which events would be lost or go to the wrong people. With one, no process saves."""
    faults = faults_in_settings() or [*registry().faults, *faults_of_users(), *faults_of_ids(), *faults_of_units()]
    return [fault for fault in faults if fault.code.startswith("E")]


def _message(fault: Fault) -> CheckMessage:
    kind = Error if fault.code.startswith("E") else Warning
    return kind(fault.message, hint=fault.hint, id=f"dms_live.{fault.code}")


def check_rows(app_configs: Any = None, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """What only rows show. Django runs it by ``manage.py check --database default``, and before it migrates."""
    if databases and not faults_in_settings() and conf().capture == "triggers":
        missing = [fault for alias in databases if captures(alias) for fault in _of_triggers(alias)]
    else:
        missing = []
    return [*missing, *_check_users(databases)]


def _of_triggers(using: str) -> list[CheckMessage]:
    """Warnings only: ``migrate`` runs these checks first, and an error would keep it from making the triggers."""
    hint = "Run manage.py live_triggers, then manage.py migrate. Until then such changes make no events."
    try:
        with transaction.atomic(using=using):
            return [
                _message(Fault("W011", f"CAPTURE is 'triggers', and {why}.", hint)) for why in faults_in_triggers(using)
            ]
    except DatabaseError:
        return []


def _check_users(databases: Sequence[str] | None) -> list[CheckMessage]:
    using = router.db_for_write(get_user_model())
    if using not in (databases or ()) or faults_in_settings():
        return []
    try:
        with transaction.atomic(using=using):
            return [_message(fault) for fault in faults_in_rows(using)]
    except DatabaseError:  # the tables are not there yet
        return []


def _warnings(known: Registry) -> Iterator[Fault]:
    for kind in KINDS.values():
        if kind.is_expected and not known.of_kind(kind.name):
            yield Fault(
                "W004",
                f"No model was found whose changes are {kind.name}s’ events.",
                _hint_for_missing(kind),
            )
    if not any(_is_ours(path) for path in settings.MIDDLEWARE):
        yield Fault(
            "W001",
            "Events will not say who acted: the middleware is missing.",
            f"Add {_MIDDLEWARE!r} to MIDDLEWARE.",
        )
    yield from _waits_for_no_turn(known)
    for spec in (spec for kind in KINDS for spec in known.of_kind(kind)):
        for bound in spec.parts:
            if bound.part.form == "word":
                yield from _unknown_words(spec.model._meta.label, bound)
    yield from warnings_of_roles()
    if simple_jwt() is not None:
        from dms_live.token_checks import warnings_of_tokens

        yield from warnings_of_tokens()


def _waits_for_no_turn(known: Registry) -> Iterator[Fault]:
    """SQLite fails where a transaction has read and another writes meanwhile. With a transaction around each request, all do."""
    for alias in known.databases():
        settings_of = connections[alias].settings_dict
        options = settings_of["OPTIONS"]
        if (
            connections[alias].vendor == "sqlite"
            and settings_of["ATOMIC_REQUESTS"]
            and "transaction_mode" not in options
            and django.VERSION >= (5, 1)
        ):
            yield Fault(
                "W012",
                f"The database {alias!r} is SQLite with ATOMIC_REQUESTS: requests that write at the same time fail, more often "
                "with this app than without.",
                "Let each wait for its turn: 'OPTIONS': {'timeout': 20, 'transaction_mode': 'IMMEDIATE'}.",
            )


def _hint_for_missing(kind: Kind) -> str:
    likely = next((model._meta.label for model in models_like(kind)), f"your_app.{kind.name.title()}")
    return f"Say which it is: DMS_LIVE['MODELS'] = {{{likely!r}: {kind.name!r}, …}}. {AS_SETTINGS}"


def _is_ours(path: str) -> bool:
    from dms_live.middleware import ActingUserMiddleware

    try:
        middleware = import_string(path)
    except ImportError:
        return False
    return isinstance(middleware, type) and issubclass(middleware, ActingUserMiddleware)


def _unknown_words(label: str, bound: Bound) -> Iterator[Fault]:
    for value, _ in getattr(bound.paths[0].field, "flatchoices", None) or ():
        if value in (None, ""):
            continue
        try:
            as_word(value, label_of(bound, value), bound.part.words, bound.own_words)
        except Unfit:
            yield Fault(
                "W002",
                f"{label}: {bound.part.name} may be {value!r}, which events have no word for: such rows are not published.",
                f"Map it to one of {', '.join(bound.part.words)}: "
                f"DMS_LIVE['MODELS'][{label!r}] = {{…, 'words': {{{bound.part.name!r}: {{{value!r}: '…'}}}}}}",
            )
