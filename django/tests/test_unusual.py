"""Unusual models are saved as without the app, and their events are right."""

from __future__ import annotations

from typing import Any

import django
import pytest

from programs import answers_of

pytestmark = pytest.mark.own_database


@pytest.fixture(scope="module")
def on_postgres(postgres: str) -> Any:
    return answers_of("unusual.py", postgres)


@pytest.fixture(scope="module")
def on_sqlite() -> Any:
    return answers_of("unusual.py", "")


def test_a_list_is_found_whatever_column_its_relation_refers_to(on_postgres: Any) -> None:
    assert on_postgres["a crate that is named by its barcode"] == [["Deed"]]
    assert on_postgres["a shelf that is named by its barcode"] == [["Deed"]]


@pytest.mark.skipif(django.VERSION < (5,), reason="Django has no db_default")
def test_a_row_whose_key_the_database_makes_is_published(on_postgres: Any) -> None:
    assert on_postgres["a key that the database makes"]


def test_a_new_row_that_cannot_be_found_is_noted_as_failed(on_postgres: Any) -> None:
    assert on_postgres["a key that the database replaces"] == ["the new row was not found by its key"]


def test_a_password_that_the_project_hashes_itself_ends_sessions(on_postgres: Any, on_sqlite: Any) -> None:
    assert on_postgres["sessions that a hashed password ends"] == 1
    assert on_sqlite["sessions that a hashed password ends"] == 1


def test_what_a_migration_changes_before_there_are_tables_is_noted_as_failed(on_postgres: Any, on_sqlite: Any) -> None:
    for on_either in (on_postgres, on_sqlite):
        noted = on_either["an early migration"]
        assert {state for _, state, _ in noted} == {"failed"}
        assert ["crate", "failed", "a migration changed lab.Crate before the outbox had its tables"] in noted
        assert ["session", "failed", "a migration changed lab.User before the outbox had its tables"] in noted
        assert on_either["after it"] == 1


def test_a_save_that_writes_an_older_unit_back_is_noticed(on_postgres: Any) -> None:
    assert on_postgres["sessions that a stale save ends"] == 2


def test_a_role_may_be_incomparable_or_differ_in_case_alone(on_postgres: Any, on_sqlite: Any) -> None:
    assert on_postgres["sessions that a role ends"] == 1
    assert on_sqlite["sessions that a role ends"] == 1


def test_a_failed_save_leaves_nothing_on_the_instance(on_postgres: Any, on_sqlite: Any) -> None:
    assert on_postgres["what a failed save leaves"] == []
    assert on_sqlite["what a failed save leaves"] == []
