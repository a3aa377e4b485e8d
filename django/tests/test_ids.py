"""A user, and a unit, has the same id in tokens, in events and in revocations, whatever column the project refers to it by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import User
from archive.models import Clerk, Reply, Section, Slip
from conftest import RedisServer
from dms_live import acting_as, revoke_user, user_changed
from dms_live.checks import check_rows, check_settings
from dms_live.models import OutboxEntry
from dms_live.tokens import LiveTokenObtainPairSerializer
from live_case import World, sent

pytestmark = pytest.mark.django_db(transaction=True)

SLIP = {"kind": "request", "fields": {"unitId": "section"}}
MODELS = {
    "archive.Slip": SLIP,
    "archive.Reply": {"kind": "sendback", "fields": {"request": "slip"}},
}


@pytest.fixture
def sections(live: RedisServer) -> Any:
    """A DMS whose users refer to a section by its key, and whose requests by its code."""

    def use(**settings: Any) -> Any:
        given = {"REDIS_URL": live.url, "SENDER": "relay", "KPIS": False, "MODELS": MODELS, "UNIT": "clerk.section"}
        return override_settings(DMS_LIVE={**given, "ROLE": lambda _: "System Admin", **settings})

    return use


@pytest.fixture
def by_username() -> Iterator[None]:
    with mock.patch.object(api_settings, "USER_ID_FIELD", "username", create=True):
        yield


def messages() -> list[dict[str, Any]]:
    rows = OutboxEntry.objects.filter(topic="session").order_by("pk")
    found = [json.loads(row.payload) for row in rows]
    rows.delete()
    return found


def clerk(name: str = "sam") -> User:
    section = Section.objects.create(code=f"of-{name}")
    user = User.objects.create_user(name, password="pw")
    Clerk.objects.create(user=user, section=section)
    return user


def ids(found: list[Any]) -> list[str]:
    return [message.id.removeprefix("dms_live.") for message in found]


def rows_checked() -> list[str]:
    return ids(check_rows(databases=["default"]))


def test_revocations_name_a_user_as_tokens_do(live: RedisServer, by_username: None) -> None:
    world = World()
    assert LiveTokenObtainPairSerializer.get_token(world.head)["user_id"] == "hana"
    for end in (revoke_user, user_changed):
        end(world.head)
        end(world.head.pk)
    world.head.is_active = False
    world.head.save()
    RefreshToken.for_user(world.guest).blacklist()
    world.guest.delete()
    assert [(message["action"], message["userId"]) for message in messages()] == [
        ("REVOKED", "hana"), ("REVOKED", "hana"), ("CHANGED", "hana"), ("CHANGED", "hana"),
        ("REVOKED", "hana"), ("CHANGED", "gus"), ("REVOKED", "gus"),
    ]  # fmt: skip


def test_tokens_made_by_hand_have_the_id_that_a_setting_names(live: RedisServer) -> None:
    world = World()
    with override_settings(DMS_LIVE={**settings.DMS_LIVE, "USER_ID": "username"}):
        revoke_user(world.head.pk)
        world.guest.delete()
        assert rows_checked() == []
    assert [message["userId"] for message in messages()] == ["hana", "gus"]


def test_a_user_who_gets_another_id_loses_the_tokens_with_the_old_one(live: RedisServer, by_username: None) -> None:
    world = World()
    world.head.username = "hanna"
    world.head.save()
    assert messages() == [{"action": "REVOKED", "userId": "hana"}]


def test_a_deletion_that_takes_the_unit_of_a_profile_ends_sessions(sections: Any) -> None:
    with sections():
        ann, bob, gus = clerk("ann"), clerk("bob"), clerk("gus")
        ann.clerk.section.delete()  # SET_NULL
        Clerk.objects.filter(user=bob).delete()
        gone = gus.pk
        gus.delete()
        Clerk.objects.filter(user=ann).delete()  # ann had no unit any more
        assert messages() == [
            {"action": "CHANGED", "userId": ann.pk},
            {"action": "CHANGED", "userId": bob.pk},
            {"action": "REVOKED", "userId": gone},
        ]


def test_a_profile_may_be_shared_and_costs_nothing_while_its_unit_stays(sections: Any, counted: None) -> None:
    with sections(UNIT="clerk.supervisor.section"):
        boss, ann, bob = clerk("boss").clerk, clerk("ann"), clerk("bob")
        Clerk.objects.filter(user__in=[ann, bob]).update(supervisor=boss)
        boss.area = "South wing"
        with CaptureQueriesContext(connection) as captured:
            boss.save()
        assert len(captured) == 1
        assert messages() == []
        boss.section = Section.objects.create(code="new")
        boss.save()
        assert messages() == [{"action": "CHANGED", "userId": user.pk} for user in (ann, bob)]


def test_events_name_a_user_as_tokens_do(live: RedisServer, by_username: None) -> None:
    world = World()
    with acting_as(world.head):
        world.request()
    (event,) = sent(live, f"request:unit:{world.unit.pk}")
    assert (event["actor"]["id"], event["request"]["createdBy"]["id"]) == ("hana", "hana")


def test_a_send_back_goes_to_the_person_as_tokens_name_them(
    sections: Any, live: RedisServer, by_username: None
) -> None:
    with sections():
        user = clerk()
        slip = Slip.objects.create(section=user.clerk.section, user=user)
        Reply.objects.create(slip=slip, message="Which?")
        assert len(sent(live, "sendback:user:sam")) == 1


@pytest.mark.parametrize("unit", ["clerk.section", "clerk.section.code", lambda user: user.clerk.section])
def test_tokens_name_a_unit_as_events_do(sections: Any, live: RedisServer, unit: Any) -> None:
    with sections(UNIT=unit):
        user = clerk()
        Slip.objects.create(section=user.clerk.section)
        assert LiveTokenObtainPairSerializer.get_token(user)["unit_id"] == "of-sam"
        assert len(sent(live, "request:unit:of-sam")) == 1
        assert check_settings() == []
        assert rows_checked() == []


def test_another_column_than_that_of_events_is_a_fault(sections: Any) -> None:
    for unit in ("clerk.section.pk", "clerk.section.id"):
        with sections(UNIT=unit):
            assert ids(check_settings()) == ["E012"]
    with sections(MODELS={**MODELS, "archive.Slip": {"kind": "request", "fields": {"unitId": "section.id"}}}):
        assert check_settings() == []
    box = {"kind": "crate", "fields": {"unitId": "section.id", "status": "duty"}}
    with sections(MODELS={**MODELS, "archive.Clerk": box}):
        assert ids(check_settings()) == ["E012"]
    mixed = {"archive.Slip": SLIP, "archive.Box": {"kind": "crate", "fields": {"unitId": "department.code"}}}
    with sections(MODELS=mixed):
        assert check_settings() == []  # other units


@pytest.mark.parametrize("setting", [{"UNIT": "clerk.sections"}, {"ROLE": "groups"}, {"UNIT": "groups.name"}])
def test_many_units_or_roles_are_a_fault_and_in_no_token(sections: Any, setting: dict[str, str]) -> None:
    with sections(**setting):
        user = clerk()
        user.clerk.sections.add(user.clerk.section)
        assert ids(check_settings()) == ["E011"]
        token = LiveTokenObtainPairSerializer.get_token(user)
        assert "None" not in f"{token['unit_id']} {token['role']}".replace("None System", "").replace("of-sam None", "")


def test_many_units_of_an_entity_are_a_fault(sections: Any) -> None:
    models = {"archive.Slip": {"kind": "request", "fields": {"unitId": "section.clerks"}}}
    with sections(MODELS=models):
        assert "E009" in ids(check_settings())
    models = {
        "archive.Clerk": {"kind": "request", "fields": {"unitId": "sections", "requestType": "area", "status": "duty"}}
    }
    with sections(MODELS=models):
        assert ids(check_settings()) == ["E009"]


def test_the_unit_of_an_entity_may_be_called_as_that_of_a_user_is(sections: Any, live: RedisServer) -> None:
    with sections(UNIT="clerk.section.code", MODELS={"archive.Slip": "request"}):
        Slip.objects.create(section=clerk().clerk.section)
        assert len(sent(live, "request:unit:of-sam")) == 1


def test_rows_show_units_that_are_in_no_topic_and_users_without_an_id(sections: Any) -> None:
    with sections(UNIT="clerk.area"):
        user = clerk()
        Slip.objects.create(section=user.clerk.section)
        assert rows_checked() == ["W009", "W009"]  # a space; and no unit in both
        Clerk.objects.update(area=user.clerk.section.code)
        assert rows_checked() == []
    with mock.patch.object(api_settings, "USER_ID_FIELD", "clerk", create=True):
        User.objects.create_user("nobody")
        assert "W009" in rows_checked()


def test_rows_are_checked_for_a_database_and_not_otherwise(sections: Any) -> None:
    with sections(UNIT="clerk.area"):
        clerk()
        assert "dms_live.W009" not in [message.id for message in run_checks()]
        assert "dms_live.W009" in [message.id for message in run_checks(databases=["default"])]


def test_roles_of_which_none_is_an_administrators_are_found(sections: Any) -> None:
    with sections(ROLE="clerk.duty"):
        assert rows_checked() == []  # there are no users
        clerk()
        (warning,) = check_rows(databases=["default"])
        assert warning.id == "dms_live.W008"
        assert "ADMIN_ROLES='SYSTEM_ADMIN'" in str(warning.hint)
    with sections(ROLE="clerk.duty", ADMIN_ROLES=["SYSTEM_ADMIN"]):
        assert rows_checked() == []
    with sections(ROLE="clerk.section", ADMIN_ROLES=["Chief"]):
        assert rows_checked() == ["W008"]
        Clerk.objects.update(section=Section.objects.create(code="chiefs"))
    with sections(ROLE="clerk.section", ADMIN_ROLES=["chiefs"]):
        assert rows_checked() == []
    with sections(ROLE=lambda user: "System Admin" if user.is_superuser else "Clerk"):
        assert rows_checked() == ["W008"]
        User.objects.update(is_superuser=True)
        assert rows_checked() == []
    with sections(ROLE="role", ADMIN_ROLES=["Chief"]):
        (choices,) = check_settings()
        assert (choices.id, rows_checked()) == ("dms_live.W008", [])
