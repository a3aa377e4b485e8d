"""Storage locations."""

from typing import Any, ClassVar

from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import STORE, seen_by, unit_to_work_in, user_of, visible
from audit.trail import changed, fields_of, record
from config.listing import page
from dms_live import publish_bulk
from documents.conflicts import Conflict
from documents.inputs import RackInput
from documents.models import Storage
from documents.once import once
from documents.serializers import StorageSerializer


class StorageList(APIView):
    roles: ClassVar[dict[str, Any]] = {"POST": STORE}

    def get(self, request: HttpRequest) -> Response:
        return page(visible(Storage.objects.all(), request), StorageSerializer, request)

    @once
    def post(self, request: HttpRequest) -> Response:
        written = StorageSerializer(data=request.data)
        written.is_valid(raise_exception=True)
        made = written.save(unit=unit_to_work_in(request))
        record(
            "storage created",
            made,
            unit_id=made.unit_id,
            user=user_of(request),
            request=request,
        )
        return Response(StorageSerializer(made).data, status=status.HTTP_201_CREATED)


class StorageDetail(APIView):
    roles: ClassVar[dict[str, Any]] = {"PUT": STORE, "DELETE": STORE}

    def put(self, request: HttpRequest, pk: int) -> Response:
        StorageSerializer(data=request.data, partial=True).is_valid(raise_exception=True)
        found = get_object_or_404(seen_by(Storage.objects.select_for_update(), user_of(request)), pk=pk)
        before = fields_of(found)
        written = StorageSerializer(found, data=request.data, partial=True)
        written.is_valid(raise_exception=True)
        saved = written.save()
        changes = changed(before, fields_of(saved))
        user = user_of(request)
        record(
            "storage updated",
            saved,
            unit_id=saved.unit_id,
            user=user,
            request=request,
            changes=changes,
        )
        return Response(StorageSerializer(saved).data)

    def delete(self, request: HttpRequest, pk: int) -> Response:
        found = get_object_or_404(seen_by(Storage.objects.select_for_update(), user_of(request)), pk=pk)
        if (crate := found.crates.first()) is not None:
            raise Conflict("Crates stand there.", crate)
        record(
            "storage deleted",
            found,
            unit_id=found.unit_id,
            user=user_of(request),
            request=request,
        )
        found.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class BulkCreate(APIView):
    """All the places of a new rack."""

    roles: ClassVar[dict[str, Any]] = {"POST": STORE}

    @once
    def post(self, request: HttpRequest) -> Response:
        asked = RackInput(data=request.data)
        asked.is_valid(raise_exception=True)
        rack, unit, user = (
            asked.validated_data,
            unit_to_work_in(request),
            user_of(request),
        )
        places = Storage.objects.bulk_create(
            Storage(
                unit=unit,
                room_name=rack["room_name"],
                rack_name=rack["rack_name"],
                compartment_name=f"Compartment {compartment}",
                shelf_name=f"Shelf {shelf}",
            )
            for compartment in range(1, rack["compartments"] + 1)
            for shelf in range(1, rack["shelves"] + 1)
        )
        publish_bulk(places, "CREATED")
        changes = {"locations": [place.pk for place in places]}
        record(
            "storage bulk created",
            places[0],
            unit_id=unit.pk,
            user=user,
            request=request,
            changes=changes,
        )
        return Response(StorageSerializer(places, many=True).data, status=status.HTTP_201_CREATED)
