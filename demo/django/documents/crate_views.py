"""Crates, and where they stand."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Unit, User
from accounts.permissions import CREATORS, STORE, one_of, require_signature, seen_by, unit_to_work_in, user_of, visible
from audit.trail import changed, fields_of, record
from config.listing import page
from documents import workflow
from documents.conflicts import Conflict
from documents.inputs import CrateInput, RelocateInput
from documents.models import Crate, Document, Request, Storage
from documents.once import once
from documents.serializers import CrateSerializer

ORDERINGS = {
    "id": ("id",),
    "status": ("status",),
    "unit_id": ("unit_id",),
    "storage": (
        "storage__room_name",
        "storage__rack_name",
        "storage__compartment_name",
        "storage__shelf_name",
    ),
    "destruction_date": ("destruction_date",),
}


def whole(rows: QuerySet[Crate]) -> QuerySet[Crate]:
    """With all that a row names."""
    return rows.select_related("storage").prefetch_related("documents")


def answer(http: HttpRequest, pk: int, code: int = status.HTTP_200_OK) -> Response:
    """The row as it is now."""
    row = whole(Crate.objects.all()).get(pk=pk)
    return Response(CrateSerializer(row, context={"request": http}).data, status=code)


def read_crate(request: HttpRequest) -> dict[str, Any]:
    asked = CrateInput(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def to_change(user: User, pk: int) -> Crate:
    """A crate the user may see, kept from others until the transaction ends.

    First its requests, then the crate, as for a step of a request: two that wait for each other would deadlock.
    """
    list(seen_by(Request.objects.select_for_update(), user).filter(crate_id=pk).order_by("pk").values_list("pk"))
    return get_object_or_404(seen_by(Crate.objects.select_for_update(), user), pk=pk)


def _numbers(crate: Crate) -> str:
    """The documents, as the audit trail names them."""
    return ", ".join(crate.documents.order_by("id").values_list("document_number", flat=True))


class CrateList(APIView):
    roles: ClassVar[dict[str, Any]] = {"POST": CREATORS}

    def get(self, request: HttpRequest) -> Response:
        rows = visible(whole(Crate.objects.all()), request)
        if wanted := one_of(Crate.Status.values, request.query_params, "status"):
            rows = rows.filter(status=wanted)
        return page(rows, CrateSerializer, request, ORDERINGS)

    @once
    def post(self, request: HttpRequest) -> Response:
        given, unit, user = (
            read_crate(request),
            unit_to_work_in(request),
            user_of(request),
        )
        crate = Crate.objects.create(unit=unit, destruction_date=given.get("destruction_date"))
        for document in given.get("documents", ()):
            Document.objects.create(crate=crate, **document)
        record("crate created", crate, unit_id=unit.pk, user=user, request=request)
        return answer(request, crate.pk, status.HTTP_201_CREATED)


class CrateDetail(APIView):
    roles: ClassVar[dict[str, Any]] = {
        "PUT": CREATORS + STORE,
        "DELETE": CREATORS + STORE,
    }

    def get(self, request: HttpRequest, pk: int) -> Response:
        return answer(request, get_object_or_404(seen_by(Crate.objects.all(), user_of(request)), pk=pk).pk)

    def put(self, request: HttpRequest, pk: int) -> Response:
        given, user = read_crate(request), user_of(request)
        crate = to_change(user, pk)
        before, old_unit, old_documents = fields_of(crate), crate.unit_id, _numbers(crate)
        self._change(crate, given)
        if given.get("unit_id", old_unit) != old_unit:
            if not user.is_system_admin:
                raise PermissionDenied("Only a System Admin moves crates to another unit.")
            get_object_or_404(Unit, pk=given["unit_id"])
            workflow.move_crate(crate, given["unit_id"])
        changes = changed(before, fields_of(crate))
        if "documents" in given:
            changes["documents"] = [old_documents, _numbers(crate)]
        record(
            "crate updated",
            crate,
            unit_id=old_unit,
            user=user,
            request=request,
            changes=changes,
        )
        return answer(request, crate.pk)

    def _change(self, crate: Crate, given: dict[str, Any]) -> None:
        if given.get("status", crate.status) != crate.status:
            workflow.require_at_hand(crate)
        fields = [field for field in ("status", "destruction_date") if field in given]
        for field in fields:
            setattr(crate, field, given[field])
        if fields:
            crate.save()
        if "documents" in given:
            crate.documents.all().delete()
            for document in given["documents"]:
                Document.objects.create(crate=crate, **document)

    def delete(self, request: HttpRequest, pk: int) -> Response:
        crate = to_change(user_of(request), pk)
        finished = (Request.Status.COMPLETED, Request.Status.REJECTED)
        if (open_one := crate.requests.exclude(status__in=finished).first()) is not None:
            raise Conflict("A request about this crate is under way.", open_one)
        record(
            "crate deleted",
            crate,
            unit_id=crate.unit_id,
            user=user_of(request),
            request=request,
        )
        crate.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class Relocate(APIView):
    """A crate is carried elsewhere; a System Admin may have it stand in another unit's room."""

    roles: ClassVar[dict[str, Any]] = {"POST": STORE}

    def post(self, request: HttpRequest, pk: int) -> Response:
        asked, user = RelocateInput(data=request.data), user_of(request)
        asked.is_valid(raise_exception=True)
        require_signature(user, asked.validated_data["signature"])
        crate = to_change(user, pk)
        places = seen_by(Storage.objects.select_for_update(), user)
        storage = places.filter(pk=asked.validated_data["storage"]).first()
        if storage is None:
            raise ValidationError({"detail": "There is no such storage location."})
        before = fields_of(crate)
        workflow.relocate(crate, storage)
        changes = changed(before, fields_of(crate))
        record(
            "crate relocated",
            crate,
            unit_id=crate.unit_id,
            user=user,
            request=request,
            changes=changes,
        )
        return answer(request, crate.pk)
