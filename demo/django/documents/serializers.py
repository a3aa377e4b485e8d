"""Rows as the API writes them."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.permissions import may_see, user_of
from accounts.serializers import PersonSerializer
from documents.models import Crate, Document, Request, SendBack, Storage

LONGEST_PLACE = 40


class StorageSerializer(serializers.ModelSerializer[Storage]):
    class Meta:
        model = Storage
        fields = (
            "id",
            "unit_id",
            "room_name",
            "rack_name",
            "compartment_name",
            "shelf_name",
        )
        extra_kwargs: ClassVar[dict[str, Any]] = {
            f"{part}_name": {"max_length": LONGEST_PLACE} for part in ("room", "rack", "compartment", "shelf")
        }


class DocumentSerializer(serializers.ModelSerializer[Document]):
    description = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = (
            "id",
            "document_name",
            "document_number",
            "document_type",
            "description",
        )

    def get_description(self, document: Document) -> str | None:
        return document.description or None


class CrateSerializer(serializers.ModelSerializer[Crate]):
    storage = serializers.SerializerMethodField()
    documents = DocumentSerializer(many=True, read_only=True)

    class Meta:
        model = Crate
        fields = ("id", "status", "unit_id", "storage", "destruction_date", "documents")

    def get_storage(self, crate: Crate) -> Any:
        """A room of another unit is none of one's business."""
        place = crate.storage
        return StorageSerializer(place).data if place and may_see(user_of(self.context["request"]), place) else None


class RequestSerializer(serializers.ModelSerializer[Request]):
    crate = serializers.SerializerMethodField()
    created_by = PersonSerializer(read_only=True)
    approved_by = PersonSerializer(read_only=True)
    allocated_by = PersonSerializer(read_only=True)
    withdrawn_by = PersonSerializer(read_only=True)
    issued_by = PersonSerializer(read_only=True)

    class Meta:
        model = Request
        fields = (
            "id",
            "request_type",
            "status",
            "unit_id",
            "crate",
            "created_by",
            "approved_by",
            "allocated_by",
            "withdrawn_by",
            "issued_by",
            "created_at",
            "approval_date",
            "allocation_date",
            "issue_date",
            "return_date",
            "expected_return_date",
        )

    def get_crate(self, request: Request) -> Any:
        """A finished request stays where it was made; its crate may since have gone to another unit."""
        crate = request.crate
        is_visible = crate and may_see(user_of(self.context["request"]), crate)
        return CrateSerializer(crate, context=self.context).data if is_visible else None


class SendBackSerializer(serializers.ModelSerializer[SendBack]):
    created_by = PersonSerializer(read_only=True)

    class Meta:
        model = SendBack
        fields = ("id", "reason", "sendback_type", "created_by", "created_at")
