"""A change of a published table that makes no event is noticed, with the line that made it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.signals import post_delete
from django.test import override_settings

from accounts.models import User
from archive.models import Box, Department, Paper
from conftest import RedisServer
from dms_live import publish, publish_bulk, revoke_user, tracked
from dms_live.unpublished import NotPublished, _look, _reported
from documents.models import Crate, Document, Request, Storage
from live_case import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["warn", "raise"])
def untold(request: pytest.FixtureRequest, live: RedisServer) -> Iterator[str]:
    _reported.clear()
    settings = {"REDIS_URL": live.url, "SENDER": "relay", "KPIS": False, "UNTOLD": request.param}
    with override_settings(DMS_LIVE=settings):
        yield str(request.param)


def test_what_is_published_is_quiet(untold: str, caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    crate, request = world.crate(), world.request()
    request.status = "Approved"
    request.save()
    with transaction.atomic():
        publish_bulk(Storage.objects.bulk_create([Storage(unit=world.unit)]), "CREATED")
        Request.objects.update(status="Issued")
        publish(request, "ISSUED")
        Document.objects.create(crate=crate)
        Document.objects.filter(crate=crate).update(document_name="new")
        publish(crate)
    with tracked(Request.objects.all()):
        Request.objects.update(status="Returned")
    Request.objects.filter(pk=-1).update(status="Returned")
    for row in serializers.deserialize("json", serializers.serialize("json", Request.objects.all())):
        row.save()
    crate.delete()
    Request.objects.all().delete()
    call_command("flush", verbosity=0, interactive=False)
    assert caplog.records == []


def test_links_are_quiet(untold: str, caplog: pytest.LogCaptureFixture) -> None:
    settings = {"REDIS_URL": "redis://localhost", "SENDER": "relay", "UNTOLD": untold, "UNIT": "profile.department"}
    models = {"archive.Box": {"kind": "crate", "fields": {"documents": "papers"}}, "archive.Paper": "document"}
    with override_settings(DMS_LIVE={**settings, "MODELS": models}):
        box = Box.objects.create(department=Department.objects.create(code="records"))
        paper = Paper.objects.create(title="Deed")
        paper.boxes.add(box)
        box.papers.set([])
    assert caplog.records == []


def test_what_is_not_published_is_noticed(untold: str, caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.request(crate=world.crate())

    def update() -> None:
        Request.objects.update(status="Approved")

    def add() -> None:
        Crate.objects.get().requests.update(status="Issued")

    def create() -> None:
        Storage.objects.bulk_create([Storage(unit=world.unit)])

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE documents_request SET status = 'Returned'")

    def commit() -> None:
        with transaction.atomic():
            Document.objects.update(document_name="new")
            publish(Request.objects.get())

    works = (update, add, create, write, commit)
    for work in works:
        if untold == "raise":
            with pytest.raises(NotPublished, match=r"test_unpublished\.py:\d+ changes documents_"):
                work()
        else:
            work()
            work()
    if untold == "raise":
        assert Request.objects.get().status == "Pending"
        assert Document.objects.get().document_name == "new"  # it was committed, and the error says so
    else:
        assert [record.levelno for record in caplog.records] == [logging.WARNING] * len(works)


def test_users_whose_sessions_go_on_are_noticed(untold: str, caplog: pytest.LogCaptureFixture) -> None:
    head = World().head
    head.first_name, head.unit = "Hanna", None
    head.save()
    User.objects.update(last_login=None, first_name="is_active = 1")
    with transaction.atomic():
        User.objects.filter(pk=head.pk).update(is_active=False)
        revoke_user(head)
    assert caplog.records == []
    message = r"test_unpublished\.py:\d+ changes accounts_user, and no session ends: use revoke_user\(\)"
    with pytest.raises(NotPublished, match=message) if untold == "raise" else nullcontext():
        User.objects.filter(pk=head.pk).update(role="Store Head")
    assert len(caplog.records) == (untold == "warn")


def test_what_a_savepoint_undid_is_quiet(untold: str, caplog: pytest.LogCaptureFixture) -> None:
    request = World().request()
    with transaction.atomic():
        Request.objects.update(status="Issued")
        publish(request)
        with suppress(ZeroDivisionError), transaction.atomic():
            Request.objects.update(status="Approved")
            raise ZeroDivisionError
        Storage.objects.filter(pk=-1).update(room_name="none")
    assert caplog.records == []


def test_what_happens_beside_a_deletion_or_tracked_rows_is_noticed(live: RedisServer) -> None:
    world = World()
    request, crate = world.request(), world.crate()

    def archive(**_: Any) -> None:
        Crate.objects.filter(pk=crate.pk).update(status="Archived")

    with override_settings(DMS_LIVE={"REDIS_URL": live.url, "SENDER": "relay", "KPIS": False, "UNTOLD": "raise"}):
        with pytest.raises(NotPublished, match="changes documents_crate"), tracked(Request.objects.all()):
            archive()
        post_delete.connect(archive, sender=Request)
        try:
            with pytest.raises(NotPublished, match="changes documents_crate"):
                request.delete()
        finally:
            post_delete.disconnect(archive, sender=Request)


@pytest.mark.parametrize(("debug", "stays"), [(True, [_look]), (False, [])])
def test_a_wrapper_of_the_project_goes_when_its_block_ends(live: RedisServer, debug: bool, stays: list[object]) -> None:
    with override_settings(DEBUG=debug):
        connection.close()
        connection.execute_wrappers.clear()
        with connection.execute_wrapper(lambda execute, *arguments: execute(*arguments)):
            Request.objects.count()  # this opens the connection
        assert connection.execute_wrappers == stays
