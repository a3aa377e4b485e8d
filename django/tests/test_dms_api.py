"""The DMS's REST API: who may see and do what, and what it answers. Nothing here knows of dms_live."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import TestCase
from rest_framework.test import APIClient

from accounts.models import User
from audit.models import AuditEntry
from demo.people import PASSWORD, PEOPLE
from demo.stock import stock_up
from documents.models import Crate, Document, Request, SendBack, Storage

HEAD, CLERK, QC, STORE, OTHER_HEAD, OTHER_STORE, ADMIN = (
    "leila",
    "tomas",
    "grace",
    "peter",
    "ravi",
    "noor",
    "amara",
)
SIGNED = {"signature": PASSWORD}


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

    def a_request(self, kind: str, status: str, unit: int = 1) -> Request:
        found = Request.objects.filter(unit_id=unit, request_type=kind, status=status).first()
        assert found is not None
        return found

    def an_idle_crate(self, unit: int = 1, *, stored: bool = True) -> Crate:
        found = Crate.objects.filter(unit_id=unit, storage__isnull=not stored, requests__isnull=True).first()
        assert found is not None
        return found


class SigningIn(ApiTestCase):
    def test_a_token_opens_the_api_and_is_refreshed(self) -> None:
        anonymous = APIClient()
        self.assertEqual(anonymous.get("/api/me/").status_code, 401)
        tokens = anonymous.post("/api/token/", {"username": HEAD, "password": PASSWORD}).data
        bearer = APIClient(headers={"authorization": f"Bearer {tokens['access']}"})
        expected = {"id": 101, "username": HEAD, "name": "Leila Haddad", "role": "Section Head", "unit_id": 1}
        self.assertEqual(bearer.get("/api/me/").data, expected)
        self.assertIn("access", anonymous.post("/api/token/refresh/", {"refresh": tokens["refresh"]}).data)

    def test_a_wrong_password_is_refused_in_one_sentence(self) -> None:
        answer = APIClient().post("/api/token/", {"username": HEAD, "password": "wrong"})
        self.assertEqual(answer.status_code, 401)
        self.assertEqual(list(answer.data), ["detail"])

    def test_after_logout_the_refresh_token_is_no_good(self) -> None:
        anonymous = APIClient()
        tokens = anonymous.post("/api/token/", {"username": HEAD, "password": PASSWORD}).data
        bearer = APIClient(headers={"authorization": f"Bearer {tokens['access']}"})
        self.assertEqual(bearer.post("/api/logout/", {"refresh": tokens["refresh"]}).status_code, 205)
        again = anonymous.post("/api/token/refresh/", {"refresh": tokens["refresh"]})
        self.assertEqual(again.status_code, 401)

    def test_the_demo_users_are_there_for_everyone(self) -> None:
        users = APIClient().get("/api/demo-users/").data
        self.assertEqual([user["name"] for user in users], [person.name for person in PEOPLE])

    def test_units(self) -> None:
        self.assertEqual([unit["id"] for unit in self.call(HEAD, "get", "units/")], [1])
        self.assertEqual([unit["id"] for unit in self.call(ADMIN, "get", "units/")], [1, 2, 3])


class Units(ApiTestCase):
    """Nobody sees another unit's rows but a System Admin."""

    def test_lists_hold_the_own_unit_only(self) -> None:
        for path in ("requests/", "crates/", "storage/"):
            own = self.call(HEAD, "get", path)
            self.assertGreater(own["count"], 0)
            self.assertEqual({row["unit_id"] for row in own["results"]}, {1}, path)
            self.assertEqual(self.call(HEAD, "get", f"{path}?unit=2")["count"], own["count"], path)
            all_of_them = self.call(ADMIN, "get", path)
            self.assertEqual({row["unit_id"] for row in all_of_them["results"]}, {1, 2, 3}, path)
            of_two = self.call(ADMIN, "get", f"{path}?unit=2")
            self.assertEqual({row["unit_id"] for row in of_two["results"]}, {2}, path)

    def test_another_units_rows_are_not_found(self) -> None:
        request = self.a_request("Storage", "Pending", unit=2)
        crate, storage = self.an_idle_crate(unit=2), Storage.objects.filter(unit_id=2)[0]
        self.call(HEAD, "get", f"requests/{request.pk}/", expect=404)
        self.call(STORE, "post", f"requests/{request.pk}/approve/", SIGNED, expect=404)
        self.call(HEAD, "get", f"crates/{crate.pk}/", expect=404)
        self.call(STORE, "put", f"crates/{crate.pk}/", {"status": "Archived"}, expect=404)
        self.call(STORE, "delete", f"storage/{storage.pk}/", expect=404)
        self.call(HEAD, "post", "requests/withdrawal/", self.wish(crate), expect=400)
        self.call(ADMIN, "get", f"requests/{request.pk}/")

    def wish(self, crate: Crate) -> dict[str, Any]:
        return {"crate": crate.pk, "expected_return_date": "2027-01-31"}

    def test_somebody_of_no_unit_sees_nothing(self) -> None:
        User.objects.filter(username=HEAD).update(unit=None)
        self.assertEqual(self.call(HEAD, "get", "requests/")["count"], 0)
        self.call(HEAD, "post", "crates/", {}, expect=400)

    def test_the_audit_trail_is_for_system_admins(self) -> None:
        self.call(STORE, "get", "audit/", expect=403)
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
        call_command("complete_requests", stdout=StringIO())
        self.assertEqual(self.call(HEAD, "get", f"{path}/")["status"], "Completed")
        trail = AuditEntry.objects.filter(object_type="Request", object_id=made["id"]).order_by("id")
        told = [(entry.action, entry.user and entry.user.username) for entry in trail]
        self.assertEqual(
            told,
            [
                ("request created", CLERK),
                ("request approved", STORE),
                ("request issued", STORE),
                ("request returned", STORE),
                ("request completed", None),
            ],
        )

    def test_a_request_is_sent_back_corrected_and_gets_its_place(self) -> None:
        request = self.a_request("Storage", "Pending")
        path = f"requests/{request.pk}"
        why = {**SIGNED, "reason": "Which series?", "sendback_type": "Clarification"}
        self.assertEqual(self.call(QC, "post", f"{path}/send-back/", why)["status"], "Sent Back")
        self.assertEqual(SendBack.objects.get(request=request).reason, "Which series?")
        [told] = self.call(HEAD, "get", f"{path}/send-backs/")["results"]
        self.assertEqual((told["reason"], told["created_by"]["role"]), ("Which series?", "QC"))
        other = self.an_idle_crate(stored=False)
        corrected = self.call(HEAD, "put", f"requests/storage/{request.pk}/", {"crate": other.pk})
        self.assertEqual((corrected["status"], corrected["crate"]["id"]), ("Pending", other.pk))
        self.call(STORE, "post", f"{path}/approve/", SIGNED)
        place = Storage.objects.filter(unit_id=1)[0]
        allocated = self.call(STORE, "post", f"{path}/allocate-storage/", {**SIGNED, "storage": place.pk})
        self.assertEqual(allocated["crate"]["storage"]["id"], place.pk)
        self.assertEqual(allocated["allocated_by"]["id"], 104)

    def test_a_rejected_request_stays_rejected(self) -> None:
        path = f"requests/{self.a_request('Destruction', 'Pending').pk}"
        self.call(STORE, "post", f"{path}/reject/", SIGNED, expect=400)
        self.assertEqual(
            self.call(STORE, "post", f"{path}/reject/", {**SIGNED, "reason": "Too early"})["status"], "Rejected"
        )
        self.assertIn("not pending", self.call(STORE, "post", f"{path}/approve/", SIGNED, expect=400)["detail"])

    def test_roles_and_signatures_are_required(self) -> None:
        path = f"requests/{self.a_request('Storage', 'Pending').pk}"
        self.call(HEAD, "post", f"{path}/approve/", SIGNED, expect=403)
        self.call(STORE, "post", "requests/storage/", {"crate": 1}, expect=403)
        self.call(STORE, "post", f"{path}/approve/", {}, expect=400)
        self.call(STORE, "post", f"{path}/approve/", {"signature": "forged"}, expect=400)
        self.assertEqual(self.call(ADMIN, "post", f"{path}/approve/", SIGNED)["approved_by"]["id"], 1)

    def test_what_fails_leaves_nothing_behind(self) -> None:
        path = f"requests/{self.a_request('Storage', 'Approved').pk}"
        self.call(STORE, "post", f"{path}/allocate-storage/", {**SIGNED, "storage": 10_000}, expect=400)
        self.assertEqual(AuditEntry.objects.count(), 0)


class Lists(ApiTestCase):
    def test_filters_and_search(self) -> None:
        pending = self.call(HEAD, "get", "requests/?type=Withdrawal&status=Pending")
        self.assertEqual(pending["count"], 1)
        (row,) = pending["results"]
        Document.objects.filter(crate_id=row["crate"]["id"]).update(document_number="ABC-123")
        found = self.call(HEAD, "get", "requests/?search=abc-12")
        self.assertEqual([other["id"] for other in found["results"]], [row["id"]])
        self.assertEqual(self.call(HEAD, "get", "requests/?search=haddad")["count"], 5)
        ids = [row["id"] for row in self.call(HEAD, "get", "requests/")["results"]]
        self.assertEqual(ids, sorted(ids, reverse=True))
        self.assertEqual(self.call(HEAD, "get", "crates/?status=Withdrawn")["count"], 1)

    def test_kpis(self) -> None:
        own = self.call(HEAD, "get", "dashboard/kpis/")
        self.assertEqual((own["unit_id"], own["pending_approvals"], own["overdue_withdrawals"]), (1, 3, 1))
        self.assertIn({"status": "Sent Back", "count": 0}, own["requests_by_status"])
        together = self.call(ADMIN, "get", "dashboard/kpis/")
        self.assertEqual((together["unit_id"], together["pending_approvals"]), (None, 9))
        self.assertEqual(self.call(ADMIN, "get", "dashboard/kpis/?unit=2")["pending_approvals"], 3)


class CratesAndStorage(ApiTestCase):
    def test_a_crate_is_made_changed_relocated_and_deleted(self) -> None:
        papers = [{"document_name": "Plans", "document_number": "PLA-1"}]
        crate = self.call(HEAD, "post", "crates/", {"documents": papers}, expect=201)
        path = f"crates/{crate['id']}/"
        changes = {"status": "Archived", "destruction_date": "2033-12-31", "documents": papers * 2}
        changed = self.call(STORE, "put", path, changes)
        self.assertEqual((changed["status"], len(changed["documents"])), ("Archived", 2))
        place = Storage.objects.filter(unit_id=1)[3]
        moved = self.call(STORE, "post", f"{path}relocate/", {"storage": place.pk})
        self.assertEqual(moved["storage"]["id"], place.pk)
        self.call(STORE, "delete", path, expect=204)
        self.call(HEAD, "get", path, expect=404)

    def test_a_crate_under_request_cannot_be_deleted(self) -> None:
        request = self.a_request("Storage", "Pending")
        self.call(STORE, "delete", f"crates/{request.crate_id}/", expect=400)

    def test_only_a_system_admin_moves_a_crate_and_its_requests_to_another_unit(self) -> None:
        request = self.a_request("Withdrawal", "Pending")
        path = f"crates/{request.crate_id}/"
        self.call(STORE, "put", path, {"unit_id": 2}, expect=403)
        self.assertEqual(self.call(ADMIN, "put", path, {"unit_id": 2})["unit_id"], 2)
        request.refresh_from_db()
        self.assertEqual(request.unit_id, 2)

    def test_places_are_made_one_by_one_and_by_the_rack(self) -> None:
        names = {"room_name": "R", "rack_name": "K", "compartment_name": "C", "shelf_name": "S"}
        place = self.call(STORE, "post", "storage/", names, expect=201)
        renamed = self.call(STORE, "put", f"storage/{place['id']}/", {**names, "shelf_name": "T"})
        self.assertEqual(renamed["shelf_name"], "T")
        self.call(STORE, "delete", f"storage/{place['id']}/", expect=204)
        rack = {"room_name": "R", "rack_name": "K", "compartments": 3, "shelves": 4}
        self.assertEqual(len(self.call(STORE, "post", "storage/bulk-create/", rack, expect=201)), 12)
        self.call(HEAD, "post", "storage/bulk-create/", rack, expect=403)
        self.call(ADMIN, "post", "storage/bulk-create/", rack, expect=400)
        made = self.call(ADMIN, "post", "storage/bulk-create/", {**rack, "unit": "3"}, expect=201)
        self.assertEqual({row["unit_id"] for row in made}, {3})

    def test_a_place_where_a_crate_stands_stays(self) -> None:
        place = self.an_idle_crate().storage
        assert place is not None
        self.assertEqual(
            self.call(STORE, "delete", f"storage/{place.pk}/", expect=400), {"detail": "Crates stand there."}
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
