"""Every wrong setting is found by ``manage.py check``, with an id and a way to mend it; and models are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models.signals import pre_delete, pre_save
from django.test import override_settings

import dms_live
from dms_live.checks import check_settings
from dms_live.redis_url import parse_redis_url
from dms_live.registry import registry
from documents.models import Request

URL = {"REDIS_URL": "redis://localhost:6379"}
MODEL = "documents.Request"
BOX = {"unitId": "department"}
#: Both number their rows.
TWO: dict[str, Any] = {"documents.Crate": "crate", "archive.Box": {"kind": "crate", "fields": BOX}}


def ids(**given: Any) -> list[str]:
    before = {name: getattr(settings, name, None) for name in given}
    try:
        for name, value in given.items():
            setattr(settings, name, value)
        _forget()
        messages = check_settings()
        assert all(message.hint for message in messages)
        return [str(message.id).removeprefix("dms_live.") for message in messages]
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        _forget()


def _forget() -> None:
    from dms_live.conf import conf
    from dms_live.specs import user_path

    conf.cache_clear()
    registry.cache_clear()
    user_path.cache_clear()


def test_good_settings_have_no_faults() -> None:
    assert ids(DMS_LIVE=URL) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ["E001"]),
        ([], ["E001"]),
        ({}, ["E004"]),
        ({"REDIS_URL": "localhost:6379"}, ["E004"]),
        ({"REDIS_URL": "redis://a,b"}, ["E004"]),
        ({"REDIS_URL": "redis://localhost:6379/1"}, ["E005"]),
        ({"REDIS_URL": "redis+sentinel://a,b/primary/2", "TOPIC_PREFIX": "dms"}, ["E005"]),
        ({"REDIS_URL": "redis://localhost:6379/1", "TOPIC_PREFIX": "staging"}, []),
        ({"REDIS_URL": "redis://localhost:6379/0"}, []),
        ({**URL, "TOPIC_PREFIXES": "x"}, ["E002"]),
        ({**URL, "TOPIC_PREFIX": "a b", "HISTORY_EVENTS": 0}, ["E003", "E003"]),
        ({**URL, "HISTORY_SECONDS": "86400"}, ["E003"]),
        ({**URL, "SENDER": "celery"}, ["E003"]),
        ({**URL, "CAPTURE": "both"}, ["E003"]),
        ({**URL, "MODELS": ["documents.Request"]}, ["E003"]),
        ({**URL, "MODELS": {"documents.Requests": "request"}}, ["E006", "W004"]),
        ({**URL, "MODELS": {MODEL: "requests"}}, ["E007", "W004"]),
        ({**URL, "MODELS": {MODEL: {"kind": "request", "field": {}}}}, ["E007"]),
        ({**URL, "MODELS": {"documents.Document": "request"}}, ["E008", "E008"]),
        ({**URL, "MODELS": {MODEL: {"kind": "request", "fields": {"status": "progress"}}}}, ["E009"]),
        ({**URL, "MODELS": {MODEL: {"kind": "request", "fields": {"progress": "status"}}}}, ["E009"]),
        ({**URL, "MODELS": {MODEL: {"kind": "request", "serializer": "documents.no.such"}}}, ["E010"]),
        ({**URL, "MODELS": {MODEL: {"kind": "request", "actions": "documents.models.Request.Type.STORAGE"}}}, ["E010"]),
        ({**URL, "UNIT": "section", "ROLE": "profile.role"}, ["E011", "E011"]),
        ({**URL, "USER_ID": "user.id"}, ["E003"]),
        ({**URL, "USER_ID": "public_id"}, ["E011"]),
        ({**URL, "USER_ID": "username"}, ["E011"]),  # Simple JWT puts another one into tokens
        ({**URL, "USER_ID": "id"}, []),
        ({**URL, "MODELS": {"documents.Crate": "crate"}}, ["W004"]),
        ({**URL, "MODELS": TWO}, ["E013", "W004"]),
        ({**URL, "MODELS": {**TWO, "archive.Box": {**TWO["archive.Box"], "fields": {**BOX, "id": "state"}}}}, ["W004"]),
    ],
)
def test_each_fault_has_its_id(given: Any, expected: list[str]) -> None:
    assert ids(DMS_LIVE=given) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"MODELS": {"requests.Request": "request"}},
        {"MODELS": {"documents.Request": {"kind": "request", "fields": {"status": "state"}}}},
        {"MODELS": {"documents.Request": "requests"}},
        {"MODELS": {"documents.Request": {"kind": "request", "serializer": "documents.nowhere"}}},
        {"MODELS": TWO},
        {"UNIT": "section"},
        {"UNIT": "unit.name"},
    ],
)
def test_a_process_with_wrong_settings_refuses_to_save(wrong: dict[str, Any]) -> None:
    with override_settings(DMS_LIVE={"REDIS_URL": "redis://localhost", **wrong}):
        try:
            apps.get_app_config("dms_live").ready()
            with pytest.raises(ImproperlyConfigured, match=r"manage\.py check"):
                Request().save()
        finally:
            for signal in (pre_save, pre_delete):
                signal.disconnect(dispatch_uid="dms_live_misconfigured")


def test_a_missing_middleware_and_tokens_that_go_stale_are_warned_of() -> None:
    plain = [name for name in settings.MIDDLEWARE if "dms_live" not in name]
    assert ids(DMS_LIVE=URL, MIDDLEWARE=plain) == ["W001"]


def test_a_redis_password_is_in_no_message() -> None:
    with pytest.raises(ValueError, match="several hosts") as caught:
        parse_redis_url("redis://me:secret@a,b")
    assert "secret" not in str(caught.value)


def test_urls_are_read_as_the_server_reads_them() -> None:
    address = parse_redis_url("rediss+sentinel://me:s%40cret@a,b:26380/primary/2")
    assert (address.form, address.tls, address.primary, address.database) == ("sentinel", True, "primary", 2)
    assert address.nodes == (("a", 26379), ("b", 26380))
    assert (address.username, address.password) == ("me", "s@cret")
    assert parse_redis_url("redis+cluster://a:1,[::1]:2").nodes == (("a", 1), ("::1", 2))


def test_models_are_found_by_their_names() -> None:
    found = {
        spec.kind: spec.model._meta.label
        for kind in ("request", "audit", "document")
        for spec in registry().of_kind(kind)
    }
    assert found == {"request": "documents.Request", "audit": "audit.AuditEntry", "document": "documents.Document"}


@pytest.mark.parametrize("name", ["append-event.lua", "entities.json", "revoke.lua"])
def test_the_app_ships_the_contracts_files(name: str) -> None:
    contract = Path(__file__).resolve().parents[2] / "contract"
    shipped = Path(dms_live.__file__).with_name(name)
    assert shipped.read_bytes() == (contract / name).read_bytes()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
@pytest.mark.skipif(django.VERSION < (5, 1), reason="Django has no transaction_mode")
@pytest.mark.parametrize(
    ("atomic", "options", "found"),
    [
        (False, {}, []),
        (True, {"timeout": 20}, ["W012"]),
        (True, {"transaction_mode": "IMMEDIATE"}, []),
    ],
)
def test_requests_that_would_not_wait_for_their_turn_are_found(
    atomic: bool, options: dict[str, str], found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    assert [each for each in ids(DMS_LIVE=URL) if each == "W012"] == found
