"""How many statements a project's tests count for what its code does, in a ``TestCase`` and where transactions are committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.db import connection, transaction
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment
from django.urls import path

urlpatterns: list[Any] = []
PASSWORD = "open sesame"

Act = tuple[str, Callable[[], object]]


def counts(m: Any) -> dict[str, dict[str, int]]:
    """Of each habit, how many statements ``assertNumQueries`` would count."""
    admin.site.register(m.Request)
    urlpatterns.append(path("admin/", admin.site.urls))
    answers: dict[str, dict[str, int]] = {}

    class InATransaction(TestCase):
        def runTest(self) -> None:
            answers["in a transaction"] = {name: _count(act) for name, act in _habits(m)}

    setup_test_environment()
    try:
        InATransaction().debug()
        answers["committed"] = {name: _count(act) for name, act in _habits(m)}
    finally:
        teardown_test_environment()
    return answers


def _count(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def _habits(m: Any) -> Iterator[Act]:
    unit, other = m.Unit.objects.create(code="counted"), m.Unit.objects.create(code="other")
    user = m.User.objects.create_superuser("boss", password=PASSWORD, unit=unit)
    crate, papers = m.Crate.objects.create(unit=unit), [m.Document.objects.create() for _ in range(3)]
    request = m.Request(unit=unit, crate=crate)
    yield "create", request.save
    yield "save unchanged", request.save
    yield from _steps(request, status="Approved", unit=other)
    yield "save some", lambda: request.save(update_fields=["status"])
    yield "update or create", lambda: m.Request.objects.update_or_create({"status": "Issued"}, pk=request.pk)
    yield (
        "update or create another",
        lambda: m.Request.objects.update_or_create({"unit": unit}, request_type="Destruction"),
    )
    yield "select for update", lambda: _locked(m.Request, request.pk).save()
    yield "a child", lambda: m.Transfer.objects.create(unit=unit)
    yield from _steps(m.Transfer.objects.latest("pk"), courier="Bo", status="Returned")
    yield "update", lambda: m.Request.objects.update(count=3)
    yield "bulk_update", lambda: m.Request.objects.bulk_update([request], ["count"])
    yield "bulk_create", lambda: m.Storage.objects.bulk_create([m.Storage(unit=unit), m.Storage(unit=unit)])
    yield "add", lambda: crate.documents.add(papers[0])
    yield "add again", lambda: crate.documents.add(papers[0])
    yield "add from the other side", lambda: papers[1].crates.add(crate)
    yield "set", lambda: crate.documents.set(papers[1:])
    yield "remove", lambda: crate.documents.remove(papers[1])
    yield "clear", crate.documents.clear
    yield "save a document", papers[0].save
    yield "delete a document", papers[0].delete
    yield "delete by queryset", lambda: m.Request.objects.filter(request_type="Destruction").delete()
    yield "delete an audit entry", m.AuditTrail.objects.create(user=user, action="LOGIN").delete
    client = Client()
    yield "login", lambda: client.login(username="boss", password=PASSWORD)
    page = f"/admin/lab/request/{request.pk}/change/"
    yield "admin", lambda: client.get(page)
    sent = {
        "request_type": "Storage",
        "status": "Rejected",
        "crate": crate.pk,
        "unit": unit.pk,
        "created_by": user.pk,
        "count": 5,
    }
    yield "admin saves", lambda: _redirected(client.post(page, sent))
    yield "logout", client.logout
    yield from _steps(user, first_name="Ann", unit=other, is_active=False)
    yield "delete a crate and its requests", crate.delete
    yield "delete a user", user.delete
    yield "delete a unit, which others keep", other.delete


@transaction.atomic
def _locked(model: Any, pk: Any) -> Any:
    return model.objects.select_for_update().get(pk=pk)


def _redirected(answer: Any) -> None:
    assert answer.status_code == 302


def _steps(instance: Any, **values: Any) -> Iterator[Act]:
    """Saves with one value after another."""
    for name, value in values.items():
        setattr(instance, name, value)
        yield f"save {type(instance).__name__}.{name}", instance.save
