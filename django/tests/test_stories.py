"""The usual work of a DMS is published as what it is."""

from __future__ import annotations

from typing import Any

import pytest

from programs import answers_of

pytestmark = pytest.mark.own_database


@pytest.fixture(scope="module")
def stories() -> dict[str, Any]:
    return dict(answers_of("stories.py"))


@pytest.mark.parametrize(
    ("change", "events"),
    [
        ("a link is created", [[1, ["Deed"]]]),
        ("a link is moved", [[1, []], [2, ["Deed"]]]),
        ("a link is deleted", [[2, []]]),
        ("crates are added to a document", [[1, ["Deed"]], [2, ["Deed"]]]),
        ("a crate is removed from a document", [[1, []]]),
        ("a document's crates are cleared", [[2, []]]),
        ("documents are set", [[2, ["Deed"]]]),
        ("links are deleted by a queryset", [[2, []]]),
        ("a document is deleted", [[2, []]]),
    ],
)
def test_links_of_documents_and_crates_are_published_as_their_crates(
    stories: dict[str, Any], change: str, events: list[Any]
) -> None:
    assert stories[change] == [["crate", "UPDATED", *event] for event in events]


def test_an_audit_entry_belongs_to_its_user_or_its_object_or_to_those_who_see_all_units(
    stories: dict[str, Any],
) -> None:
    assert stories["units of audit entries"] == [1, 1, 1, "-", "-"]


def test_what_nobody_may_see_is_noted_as_failed(stories: dict[str, Any]) -> None:
    assert stories["a request without a unit"] == [
        ["request", "failed", "a request belongs to no unit, so nobody may see it"]
    ]
    assert stories["a request gets a unit"] == [["request", "MOVED_IN", 2]]


def test_managers_that_hide_rows_hide_nothing_and_soft_deletion_works_as_described(stories: dict[str, Any]) -> None:
    assert stories["a soft deletion"] == [["crate", "DELETED", 1]]
    assert stories["a request of a crate that is hidden"] == [["request", "APPROVED", 1]]
    assert stories["a crate is found again"] == [["crate", "UPDATED", 1]]


def test_each_change_is_published_once_and_in_its_order(stories: dict[str, Any]) -> None:
    assert stories["a handler saves again"] == [["request", "CREATED"], ["request", "UPDATED"]]
    assert stories["a handler saves again in a transaction"] == [["request", "CREATED"]]
    assert stories["saves of tracked rows"] == [["request", "ISSUED"], ["request", "ISSUED"]]
    assert sorted(stories["tracked twice"]) == [["request", "MOVED_OUT"], ["request", "RETURNED"]]


def test_an_action_that_the_contract_does_not_know_is_an_error_at_the_call(stories: dict[str, Any]) -> None:
    assert stories["unknown words"] == [
        "The contract has no action 'APROVED' for a request. Did you mean 'APPROVED'?",
        "The contract has no action 'DELETED' for a request. Did you mean 'MOVED_OUT'?",
        "The contract has no action 'APPROVED' for a crate.",
    ]
    assert stories["published with unknown words"] == []


def test_users_whose_unit_is_deleted_get_new_tokens(stories: dict[str, Any]) -> None:
    assert stories["a unit with two users is deleted"] == [["session", "CHANGED"]] * 2
