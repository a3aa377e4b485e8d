"""What the REST API of this DMS keeps of an ``Idempotency-Key``. How one is used is tested over HTTP, by test/demo."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from demo.people import PASSWORD
from documents.models import SentOnce
from test_dms_api import CLERK, HEAD, SIGNED, ApiTestCase, client_of


class SentAgain(ApiTestCase):
    def test_a_key_is_kept_for_a_day_and_never_in_clear_with_a_signature(self) -> None:
        def create() -> int:
            header = {"Idempotency-Key": '"0123456789abcdef"'}
            made = client_of(HEAD).post("/api/crates/", SIGNED, format="json", headers=header)
            self.assertEqual(made.status_code, 201)
            return int(made.data["id"])

        first = create()
        self.assertEqual(create(), first)
        kept = SentOnce.objects.filter(user__username=HEAD)
        self.assertNotIn(PASSWORD, str(kept.values_list().get()))
        kept.update(at=datetime.now(timezone.utc) - timedelta(days=1, minutes=1))
        self.assertNotEqual(create(), first)
        self.assertEqual(kept.count(), 1)

    def test_an_answer_of_before_is_not_given_to_another_role_or_unit(self) -> None:
        header = {"Idempotency-Key": '"0123456789abcdef"'}
        before = client_of(HEAD).post("/api/crates/", {}, format="json", headers=header).data
        for changes in ({"unit_id": 2}, {"unit_id": 1, "role": "Section Clerk"}):
            User.objects.filter(username=HEAD).update(**changes)
            again = client_of(HEAD).post("/api/crates/", {}, format="json", headers=header)
            self.assertEqual([again.status_code, list(again.data)], [422, ["detail"]], changes)
            self.assertNotIn(str(before["id"]), str(again.data))

    def test_what_was_kept_for_somebody_who_sends_nothing_more_is_forgotten_too(self) -> None:
        header = {"Idempotency-Key": '"0123456789abcdef"'}
        client_of(HEAD).post("/api/crates/", {}, format="json", headers=header)
        SentOnce.objects.update(at=datetime.now(timezone.utc) - timedelta(days=1, minutes=1))
        client_of(CLERK).post("/api/crates/", {}, format="json", headers=header)
        self.assertEqual([kept.user.username for kept in SentOnce.objects.all()], [CLERK])

    def test_a_form_may_have_a_key_too_also_with_a_file(self) -> None:
        header = {"Idempotency-Key": '"0123456789abcdef"'}
        file = SimpleUploadedFile("lease.txt", b"1")
        made = client_of(HEAD).post("/api/crates/", {"scan": file}, format="multipart", headers=header)
        self.assertEqual(made.status_code, 201)
