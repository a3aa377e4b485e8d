"""The check reads the views that URLs lead to: tokens without unit and role are found before anybody sees nothing."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import clear_url_caches

import login_urls
from dms_live.token_checks import warnings_of_tokens


@pytest.fixture(autouse=True)
def _urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="login_urls"):
        yield
    clear_url_caches()


def ids(*views: str) -> list[str]:
    login_urls.lead_to(*views)
    clear_url_caches()
    return [fault.code for fault in warnings_of_tokens()]


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        (["stock", "stock refresh"], []),  # by the settings
        (["bare claims"], ["W005"]),
        (["claims in as_view"], ["W005"]),
        (["bare function"], ["W005"]),
        (["bare action"], ["W005"]),
        (["unrelated action", "stock"], []),
        (["live claims", "live, derived", "live function"], []),
        (["live claims", "refresh by the stock serializer"], ["W003"]),
        (["bare claims", "refresh by the stock serializer"], ["W005"]),  # with PROFILE_URL that one is silenced
        (["live claims", "live refresh", "logout"], []),
        (["live claims", "rotating refresh"], ["W003", "W006"]),
        (["live claims", "rotating refresh that says so"], []),
        (["sliding"], ["W007"]),
        (["stock", "sliding"], ["W007"]),
    ],
)
def test_each_way_to_make_tokens_is_read(views: list[str], expected: list[str]) -> None:
    assert ids(*views) == expected


def test_a_logout_without_a_blacklist_ends_nothing() -> None:
    installed = [name for name in settings.INSTALLED_APPS if "token_blacklist" not in name]
    with mock.patch("dms_live.token_checks.apps.is_installed", side_effect=lambda name: name in installed):
        assert ids("stock", "logout") == ["W010"]
        assert ids("stock", "stock logout") == ["W010"]
    assert ids("stock", "logout", "stock logout") == []


def test_a_warning_names_the_view() -> None:
    login_urls.lead_to("bare claims", "bare function")
    clear_url_caches()
    first, second = warnings_of_tokens()
    assert first.message.startswith("login_urls.BareLogin ")
    assert second.message.startswith("login_urls.bare_login ")
