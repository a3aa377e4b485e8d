"""What is done with a request by those who may, each time with their signature."""

from typing import Any, ClassVar

from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.permissions import CHECKERS, STORE, require_signature, seen_by, user_of
from audit.trail import changed, fields_of, record
from documents import workflow
from documents.inputs import (
    AllocateInput,
    IssueInput,
    RejectInput,
    SendBackInput,
    SignedInput,
)
from documents.models import Crate, Request, Storage
from documents.request_views import answer


class Step(APIView):
    """One step in the life of a request: who may take it, what it needs, what it does."""

    roles: ClassVar[dict[str, Any]] = {"POST": STORE}
    input: ClassVar[type[SignedInput]] = SignedInput
    action: ClassVar[str]

    def take(self, found: Request, by: User, given: dict[str, Any]) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> Response:
        asked = self.input(data=request.data)
        asked.is_valid(raise_exception=True)
        given, user = asked.validated_data, user_of(request)
        require_signature(user, given["signature"])
        rows = Request.objects.select_for_update(of=("self",)).select_related("crate")
        found = get_object_or_404(seen_by(rows, user), pk=pk)
        before = fields_of(found)
        self.take(found, user, given)
        changes = changed(before, fields_of(found))
        if "reason" in given:
            changes["reason"] = given["reason"]
        record(
            self.action,
            found,
            unit_id=found.unit_id,
            user=user,
            request=request,
            changes=changes,
        )
        return answer(request, found.pk)


class Approve(Step):
    action = "request approved"

    def take(self, found: Request, by: User, given: dict[str, Any]) -> None:
        workflow.approve(found, by)


class Reject(Step):
    action = "request rejected"
    input = RejectInput

    def take(self, found: Request, by: User, given: dict[str, Any]) -> None:
        workflow.reject(found)


class SendItBack(Step):
    roles: ClassVar[dict[str, Any]] = {"POST": CHECKERS}
    action = "request sent back"
    input = SendBackInput

    def take(self, found: Request, by: User, given: dict[str, Any]) -> None:
        workflow.send_back(found, by, given["reason"], given["sendback_type"])


class AllocateStorage(Step):
    action = "request storage allocated"
    input = AllocateInput

    def take(self, found: Request, by: User, given: dict[str, Any]) -> None:
        workflow.require_waiting_for_place(found)
        # First the crate, then the place, as for a relocation: two that wait for each other would deadlock.
        if found.crate_id is not None:
            Crate.objects.select_for_update().filter(pk=found.crate_id).first()
        places = Storage.objects.select_for_update().filter(unit_id=found.unit_id)
        storage = places.filter(pk=given["storage"]).first()
        if storage is None:
            raise ValidationError({"detail": "There is no such storage location."})
        workflow.allocate_storage(found, by, storage)


class Issue(Step):
    action = "request issued"
    input = IssueInput

    def take(self, found: Request, by: User, given: dict[str, Any]) -> None:
        workflow.issue(found, by, given.get("expected_return_date"))


class TakeBack(Step):
    action = "request returned"

    def take(self, found: Request, by: User, given: dict[str, Any]) -> None:
        workflow.take_back(found)
