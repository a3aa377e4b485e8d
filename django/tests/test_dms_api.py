"""What the REST API of this DMS alone does. Nothing here knows of dms_live.

What it shares with the simulated DMS is tested over HTTP, by test/demo.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from io import StringIO
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.test import TestCase
from rest_framework.test import APIClient

from accounts.models import User
from audit.models import AuditEntry
from demo.people import PASSWORD, PEOPLE
from demo.stock import stock_up
from documents import workflow
from documents.management.commands import complete_requests
from documents.models import Crate, Document, Request, Storage

HEAD, CLERK, STORE, ADMIN = "leila", "tomas", "peter", "amara"
SIGNED = {"signature": PASSWORD}
PLACE = {"room_name": "Cellar", "rack_name": "R", "compartment_name": "C", "shelf_name": "S"}


def client_of(username: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(username=username))
    return client


class ApiTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        stock_up()

    def call(self, username: str, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        response = getattr(client_of(username), method)(f"/api/{path}", body, format="json")
        self.assertEqual(response.status_code, expect, getattr(response, "data", None))
        return response.data

    def a_request(self, kind: str, status: str) -> Request:
        found = Request.objects.filter(unit_id=1, request_type=kind, status=status).first()
        assert found is not None
        return found

    def an_idle_crate(self) -> Crate:
        found = Crate.objects.filter(unit_id=1, storage__isnull=False, requests__isnull=True).first()
        assert found is not None
        return found


class People(ApiTestCase):
    def test_ids_are_numbers(self) -> None:
        expected = {"id": 101, "username": HEAD, "name": "Leila Haddad", "role": "Section Head", "unit_id": 1}
        self.assertEqual(self.call(HEAD, "get", "me/"), expected)
        self.assertEqual([unit["id"] for unit in self.call(HEAD, "get", "units/")], [1])
        self.assertEqual([unit["id"] for unit in self.call(ADMIN, "get", "units/")], [1, 2, 3])

    def test_the_demo_users_are_there_for_everyone(self) -> None:
        users = APIClient().get("/api/demo-users/").data
        self.assertEqual([user["name"] for user in users], [person.name for person in PEOPLE])


class Units(ApiTestCase):
    """Nobody sees another unit's rows but a System Admin."""

    def test_nobody_but_an_admin_names_another_unit(self) -> None:
        for path in ("requests/", "crates/", "storage/"):
            own = self.call(HEAD, "get", path)
            self.assertGreater(own["count"], 0)
            self.assertEqual({row["unit_id"] for row in own["results"]}, {1}, path)
            self.assertEqual(self.call(HEAD, "get", f"{path}?unit=1")["count"], own["count"], path)
            self.call(HEAD, "get", f"{path}?unit=2", expect=403)

    def test_a_crate_that_has_gone_to_another_unit_is_shown_and_found_there_only(self) -> None:
        request = self.a_request("Storage", "Approved")
        crate = request.crate
        assert crate is not None
        Request.objects.filter(pk=request.pk).update(status="Completed")
        Crate.objects.filter(pk=crate.pk).update(unit_id=2)
        Document.objects.create(crate=crate, document_name="Secret ledger", document_number="S-1")
        self.assertIsNone(self.call(HEAD, "get", f"requests/{request.pk}/")["crate"])
        self.assertEqual(self.call(HEAD, "get", "requests/?search=secret")["count"], 0)
        self.assertEqual(self.call(ADMIN, "get", "requests/?search=secret&unit=1")["results"][0]["crate"]["unit_id"], 2)
        Crate.objects.filter(pk=crate.pk).update(unit_id=1, storage=Storage.objects.filter(unit_id=2).first())
        self.assertIsNone(self.call(HEAD, "get", f"crates/{crate.pk}/")["storage"])

    def test_somebody_of_no_unit_sees_nothing(self) -> None:
        User.objects.filter(username=HEAD).update(unit=None)
        self.assertEqual(self.call(HEAD, "get", "requests/")["count"], 0)
        self.call(HEAD, "post", "crates/", {}, expect=400)

    def test_what_was_there_from_the_beginning_is_in_no_audit_trail(self) -> None:
        self.assertEqual(self.call(ADMIN, "get", "audit/")["count"], 0)


class Workflow(ApiTestCase):
    """A request from its beginning to its end."""

    def test_a_withdrawal_is_made_approved_issued_returned_and_completed(self) -> None:
        crate = self.an_idle_crate()
        wish = {"crate": str(crate.pk), "expected_return_date": "2027-01-31"}
        made = self.call(CLERK, "post", "requests/withdrawal/", wish, expect=201)
        self.assertEqual(made["status"], "Pending")
        self.assertEqual(made["created_by"], {"id": 102, "name": "Tomas Novak", "role": "Section Clerk"})
        self.assertEqual(made["expected_return_date"], "2027-01-31T00:00:00Z")
        path = f"requests/{made['id']}"
        approved = self.call(STORE, "post", f"{path}/approve/", SIGNED)
        self.assertEqual((approved["status"], approved["approved_by"]["id"]), ("Approved", 104))
        issued = self.call(STORE, "post", f"{path}/issue/", SIGNED)
        self.assertEqual((issued["status"], issued["withdrawn_by"]["id"]), ("Issued", 102))
        self.assertEqual(issued["crate"]["status"], "Withdrawn")
        returned = self.call(STORE, "post", f"{path}/return/", SIGNED)
        self.assertEqual((returned["status"], returned["crate"]["status"]), ("Returned", "Active"))
        for _night in (1, 2):
            call_command("complete_requests", stdout=StringIO())
        self.assertFalse(complete_requests.Command().complete(made["id"]))  # another run was faster
        self.assertEqual(self.call(HEAD, "get", f"{path}/")["status"], "Completed")
        trail = AuditEntry.objects.filter(object_type="Request", object_id=made["id"]).order_by("id")
        entries = [(entry.action, entry.user and entry.user.username) for entry in trail]
        self.assertEqual(
            entries,
            [
                ("request created", CLERK),
                ("request approved", STORE),
                ("request issued", STORE),
                ("request returned", STORE),
                ("request completed", None),
            ],
        )

    def test_a_rejected_request_stays_rejected(self) -> None:
        path = f"requests/{self.a_request('Destruction', 'Pending').pk}"
        self.call(STORE, "post", f"{path}/reject/", {**SIGNED, "reason": "Too early"})
        self.assertIn("not pending", self.call(STORE, "post", f"{path}/approve/", SIGNED, expect=409)["detail"])

    def test_what_fails_changes_nothing(self) -> None:
        path = f"requests/{self.a_request('Storage', 'Approved').pk}"
        self.call(STORE, "post", f"{path}/allocate-storage/", {**SIGNED, "storage": 10_000}, expect=400)
        self.assertEqual(AuditEntry.objects.count(), 0)

    def test_a_step_keeps_what_others_did_with_the_crate_meanwhile(self) -> None:
        request = self.a_request("Withdrawal", "Pending")
        workflow.approve(request, User.objects.get(username=STORE))
        assert request.crate is not None
        free = Storage.objects.filter(unit_id=1, crates__isnull=True).first()
        Crate.objects.filter(pk=request.crate_id).update(storage=free)
        workflow.issue(request, User.objects.get(username=STORE), None)
        request.refresh_from_db()
        self.assertEqual((request.crate.storage, request.crate.status), (free, "Withdrawn"))


class Figures(ApiTestCase):
    def test_the_hour_that_clocks_show_twice_in_autumn_is_two_hours(self) -> None:
        row = self.a_request("Storage", "Pending")
        noon = datetime(2026, 10, 25, 12, 30, tzinfo=timezone.utc)
        Request.objects.exclude(pk=row.pk).update(created_at=noon - timedelta(days=60))
        for hour in (0, 1):  # both are two o'clock in Berlin
            Request.objects.filter(pk=row.pk).update(created_at=noon.replace(hour=hour))
            with mock.patch("django.utils.timezone.now", return_value=noon):
                points = self.call(ADMIN, "get", "dashboard/trends/?zone=Europe/Berlin")["points"]
            opened = [point["at"] for point in points if point["opened"]]
            self.assertEqual(opened, [noon.replace(hour=hour, minute=0)])


class Stock(ApiTestCase):
    """What the demo holds before the first thing happens."""

    def test_kpis(self) -> None:
        own = self.call(HEAD, "get", "dashboard/kpis/")
        self.assertEqual((own["unit_id"], own["pending_approvals"], own["overdue_withdrawals"]), (1, 3, 1))
        together = self.call(ADMIN, "get", "dashboard/kpis/")
        self.assertEqual((together["unit_id"], together["pending_approvals"]), (None, 9))

    def test_lists(self) -> None:
        self.assertEqual(self.call(HEAD, "get", "requests/?type=Withdrawal&status=Pending")["count"], 1)
        self.assertEqual(self.call(HEAD, "get", "requests/?search=haddad")["count"], 5)
        self.assertEqual(self.call(HEAD, "get", "crates/?status=Withdrawn")["count"], 1)


class CratesAndStorage(ApiTestCase):
    def test_a_document_needs_no_type(self) -> None:
        papers = [{"document_name": "Plans", "document_number": "PLA-1"}]
        crate = self.call(HEAD, "post", "crates/", {"documents": papers}, expect=201)
        changed = self.call(STORE, "put", f"crates/{crate['id']}/", {"documents": papers * 2})
        self.assertEqual([document["document_type"] for document in changed["documents"]], ["", ""])

    def test_only_a_system_admin_moves_a_crate_and_its_requests_to_another_unit(self) -> None:
        request = self.a_request("Withdrawal", "Pending")
        path = f"crates/{request.crate_id}/"
        self.call(STORE, "put", path, {"unit_id": 2}, expect=403)
        self.assertEqual(self.call(ADMIN, "put", path, {"unit_id": 2})["unit_id"], 2)
        request.refresh_from_db()
        self.assertEqual(request.unit_id, 2)

    def test_a_system_admin_may_call_the_unit_of_a_rack_unit(self) -> None:
        rack = {"room_name": "R", "rack_name": "K", "compartments": 3, "shelves": 4}
        made = self.call(ADMIN, "post", "storage/bulk-create/", {**rack, "unit": "3"}, expect=201)
        self.assertEqual({row["unit_id"] for row in made}, {3})

    def test_a_place_where_a_crate_stands_stays(self) -> None:
        place = self.an_idle_crate().storage
        assert place is not None
        self.assertEqual(
            self.call(STORE, "delete", f"storage/{place.pk}/", expect=409)["detail"], "Crates stand there."
        )


class AuditTrail(ApiTestCase):
    def test_an_entry_says_who_did_what_and_is_never_changed(self) -> None:
        request = self.a_request("Storage", "Pending")
        self.call(STORE, "post", f"requests/{request.pk}/approve/", SIGNED)
        [row] = self.call(ADMIN, "get", "audit/?unit=1")["results"]
        self.assertEqual((row["action"], row["object_id"]), ("request approved", request.pk))
        self.assertEqual(row["user"], {"id": 104, "name": "Peter Osei", "role": "Store Head"})
        self.assertEqual(row["changes"]["status"], ["Pending", "Approved"])
        entry = AuditEntry.objects.get()
        with self.assertRaises(TypeError):
            entry.save()
        with self.assertRaises(TypeError):
            entry.delete()

    def test_an_export_is_whole_and_the_jobs_are_found_by_their_name(self) -> None:
        rows = [{"unit_id": number % 3 + 1, "object_id": number} for number in range(601)]
        AuditEntry.objects.bulk_create(
            AuditEntry(**row, action="crate created", object_type="Crate", words=f"crate {row['object_id']}")
            for row in rows
        )
        self.call(STORE, "post", "storage/", PLACE, expect=201)
        self.assertEqual(self.call(ADMIN, "get", "audit/?user=system")["count"], 601)
        self.assertEqual(self.call(ADMIN, "get", "audit/")["count"], 602)
        with self.assertNumQueries(10):  # of which 4 read the 601 entries
            response = client_of(ADMIN).post("/api/audit/export/", {"user": "system"}, format="json")
            lines = b"".join(response).decode().split("\r\n")
        self.assertEqual(lines[9:11], ['"Entries","601"', ""])
        self.assertEqual(len(lines), 12 + 601 + 1)
        self.assertEqual([line.split(",")[7] for line in lines[12:-1]], [f'"{n}"' for n in reversed(range(601))])
