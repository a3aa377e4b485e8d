"""Hints name the model that is probably meant, and one command prints the setting for the project at hand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from accounts.models import Unit
from archive.models import Order
from dms_live.checks import check_settings
from documents.models import Request

URL = "redis://127.0.0.1:1"


def hints(**models: str) -> list[str]:
    given = {"REDIS_URL": URL, "MODELS": {label.replace("__", "."): kind for label, kind in models.items()}}
    with override_settings(DMS_LIVE=given):
        return [str(message.hint) for message in check_settings() if str(message.id).endswith(("E006", "W004"))]


def as_settings(models: Any = None) -> str:
    shown = StringIO()
    with override_settings(DMS_LIVE={"REDIS_URL": URL, **({} if models is None else {"MODELS": models})}):
        call_command("show_live_models", "--as-settings", stdout=shown)
    return shown.getvalue()


@contextmanager
def called(model: Any, name: str) -> Iterator[None]:
    before, model.__name__ = model.__name__, name
    try:
        yield
    finally:
        model.__name__ = before


def mapping(written: str) -> Any:
    return ast.literal_eval(written.split(" = ", 1)[1])


@pytest.mark.parametrize(
    ("label", "kind", "likely"),
    [
        ("requests__Request", "request", "documents.Request"),
        ("documents__AuditEntry", "audit", "audit.AuditEntry"),
        ("audit__AuditTrail", "audit", "audit.AuditEntry"),
        ("storage__StorageLocation", "storage", "documents.Storage"),
        ("archive__Boxes", "crate", "documents.Crate"),
        ("archive__Ordr", "request", "documents.Request"),
    ],
)
def test_a_label_that_is_no_models_is_answered_by_the_likely_one(label: str, kind: str, likely: str) -> None:
    assert f"Did you mean {likely!r}?" in hints(**{label: kind})[0]


def test_a_kind_without_a_model_is_answered_by_the_likely_one() -> None:
    assert "{'documents.Request': 'request', …}" in hints(documents__Crate="crate")[0]


def test_of_several_models_the_one_with_most_fields_is_likely() -> None:
    with called(Unit, "Request"), override_settings(DMS_LIVE={"REDIS_URL": URL}):
        (message,) = [message for message in check_settings() if message.id == "dms_live.E006"]
        assert "documents.Request, accounts.Unit" in str(message.msg)
        assert str(message.hint).startswith("Probably 'documents.Request'.")


def test_the_setting_of_a_project_is_printed_and_has_no_fault() -> None:
    models = mapping(as_settings())
    assert models == {
        "documents.Request": "request",
        "documents.Crate": "crate",
        "documents.Storage": "storage",
        "documents.Document": "document",
        "documents.SendBack": "sendback",
        "audit.AuditEntry": "audit",
    }
    with override_settings(DMS_LIVE={"REDIS_URL": URL, "MODELS": models}):
        assert check_settings() == []


def test_wrong_labels_are_left_out_and_the_rest_stays() -> None:
    given = {
        "requests.Request": "request",
        "archive.Box": {"kind": "crate", "fields": {"documents": "papers"}},
        "archive.Withdrawal": "request",
    }
    models = mapping(as_settings(given))
    assert "requests.Request" not in models
    assert models["archive.Box"] == given["archive.Box"]
    assert models["archive.Withdrawal"] == "request"
    assert models["documents.Storage"] == "storage"


def test_fields_that_are_needed_and_not_found_are_to_be_named() -> None:
    with called(Request, "Asking"), called(Order, "Request"):
        written = as_settings()
    assert '"archive.Order": {"kind": "request", "fields": {"requestType": "…", "unitId": "…"}},' in written
