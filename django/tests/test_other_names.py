"""A DMS whose models and fields have other names is live by settings alone."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from archive.models import Box, Complaint, Department, Order, Paper, Profile, Transfer, Withdrawal
from conftest import RedisServer
from dms_live import acting_as
from dms_live.checks import check_settings
from dms_live.kpis import count_figures
from dms_live.management.commands.show_live_models import Command as Show
from dms_live.models import OutboxEntry
from dms_live.parts import Through, through_of
from live_case import actions, sent

pytestmark = pytest.mark.django_db(transaction=True)

MODELS = {
    "archive.Order": {
        "kind": "request",
        "fields": {"requestType": "purpose"},
        "words": {"requestType": {"S": "STORAGE"}, "status": {7: "PENDING"}},
    },
    "archive.Complaint": {"kind": "sendback", "fields": {"request": "order"}},
    "archive.Box": {"kind": "crate", "fields": {"documents": "papers"}},
    "archive.Paper": "document",
}


@pytest.fixture
def other(live: RedisServer) -> Iterator[RedisServer]:
    settings = {
        "REDIS_URL": live.url,
        "SENDER": "relay",
        "KPIS": False,
        "UNIT": "profile.department",
        "ROLE": "profile.job",
        "MODELS": MODELS,
    }
    with override_settings(DMS_LIVE=settings):
        yield live


def a_box() -> Box:
    return Box.objects.create(department=Department.objects.create(code="records"))


def test_the_check_finds_nothing_missing(other: RedisServer) -> None:
    assert check_settings() == []


def test_where_each_field_is_found_can_be_shown(other: RedisServer) -> None:
    shown = StringIO()
    call_command("show_live_models", stdout=shown)
    lines = [line.split() for line in shown.getvalue().splitlines()]
    assert ["unitId", "box.department_id"] in lines
    assert ["unitId", "order.box.department_id"] in lines
    assert ["createdBy", "ordered_by"] in lines


def test_what_is_missing_can_be_shown_as_well(other: RedisServer) -> None:
    shown = StringIO()
    with override_settings(DMS_LIVE={"REDIS_URL": other.url, "MODELS": {"archive.Order": "request"}}):
        Show(stdout=shown).execute(force_color=False, no_color=True, skip_checks=False)
    lines = [line.split() for line in shown.getvalue().splitlines()]
    assert ["requestType", "–", "(needed)"] in lines
    assert ["status", "state"] in lines


def test_events_are_the_contracts(other: RedisServer) -> None:
    box = a_box()
    user = User.objects.create_user("otto")
    Profile.objects.create(user=user, department=box.department)
    with acting_as(user):
        order = Order.objects.create(purpose="S", state=7, box=box, ordered_by=user, due_date=datetime.date(2031, 5, 1))
        order.state = 2
        order.save()
        Complaint.objects.create(order=order, comment="Which?")
    created, back = sent(other, "request:unit:records")
    assert (created["action"], back["action"]) == ("CREATED", "SENT_BACK")
    assert created["actor"] == {"id": user.pk, "name": "otto", "role": "Section Head"}
    assert created["request"]["requestType"] == "STORAGE"
    assert created["request"]["unitId"] == "records"
    assert created["request"]["expectedReturnDate"] == "2031-05-01"
    (complaint,) = sent(other, f"sendback:user:{user.pk}")
    assert complaint["sendBack"]["reason"] == "Which?"


def test_a_request_of_its_crates_unit_moves_with_the_crate(other: RedisServer) -> None:
    box = a_box()
    open_order = Order.objects.create(purpose="W", state=0, box=box)
    Order.objects.create(purpose="W", state=6, box=box)
    box.department = Department.objects.create(code="vault")
    box.save()
    *_, left = sent(other, "request:unit:records")
    assert (left["action"], left["request"]["id"]) == ("MOVED_OUT", open_order.pk)
    assert left["request"]["crate"]["unitId"] == "records"
    (came,) = sent(other, "request:unit:vault")
    assert (came["action"], came["request"]["crate"]["unitId"]) == ("MOVED_IN", "vault")


def test_proxies_and_children_are_what_their_parent_is(other: RedisServer) -> None:
    box = a_box()
    withdrawal = Withdrawal.objects.create(purpose="W", state=0, box=box)
    withdrawal.state = 1
    withdrawal.save()
    Transfer.objects.create(purpose="W", state=0, box=box, courier="Mo")
    assert actions(sent(other, "request:unit:records")) == ["CREATED", "APPROVED", "CREATED"]


def test_a_child_with_a_table_of_its_own_is_deleted_once(other: RedisServer) -> None:
    box = a_box()
    gone = Transfer.objects.create(purpose="W", state=0, box=box, courier="Mo")
    kept = Transfer.objects.create(purpose="W", state=0, box=box, courier="Mo")
    gone.delete()
    kept.delete(keep_parents=True)
    assert Order.objects.count() == 1
    assert actions(sent(other, "request:unit:records")) == ["CREATED", "CREATED", "MOVED_OUT"]


def test_documents_by_a_many_to_many_relation_change_their_crate(other: RedisServer) -> None:
    box = a_box()
    paper = Paper.objects.create(title="Deed")
    paper.boxes.add(box)
    box.papers.clear()
    contents = [
        [paper["documentName"] for paper in event["crate"]["documents"]] for event in sent(other, "crate:unit:records")
    ]
    assert contents == [[], ["Deed"], []]


def test_a_users_profile_says_the_unit(other: RedisServer) -> None:
    user = User.objects.create_user("otto")
    profile = Profile.objects.create(user=user, department=Department.objects.create(code="records"))
    OutboxEntry.objects.all().delete()
    profile.save()
    assert not OutboxEntry.objects.exists()
    profile.job = 9
    profile.save()
    assert OutboxEntry.objects.get().payload == f'{{"action":"CHANGED","userId":{user.pk}}}'


def test_figures_count_by_the_mapped_words(other: RedisServer) -> None:
    box = a_box()
    for state in (0, 7, 1):
        Order.objects.create(purpose="S", state=state, box=box)
    figures = count_figures(timezone.now())["records"]
    assert figures["pendingApprovals"] == 2
    assert figures["requestsByType"][0] == {"requestType": "STORAGE", "count": 3}


def test_the_field_of_a_list_may_be_the_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    """From Django 6.0 on, a many-to-many field is not ``concrete``."""
    field = Paper._meta.get_field("boxes")
    monkeypatch.setattr(field, "concrete", False)
    owner, bound = SimpleNamespace(kind="crate", model=Box), SimpleNamespace(paths=[SimpleNamespace(field=field)])
    assert through_of(owner, bound) == Through(Paper.boxes.through, "crate", Box, "paper")
