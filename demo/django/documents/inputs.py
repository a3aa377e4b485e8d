"""The bodies of requests, checked."""

from typing import Any, ClassVar

from rest_framework import serializers

from documents.models import Crate, Document
from documents.serializers import LONGEST_PLACE


class MomentField(serializers.DateTimeField):
    """A point in time; a day alone means its beginning."""

    def __init__(self, required: bool = True) -> None:
        super().__init__(input_formats=["iso-8601", "%Y-%m-%d"], required=required)


class RequestInput(serializers.Serializer[None]):
    """A storage or destruction request."""

    crate = serializers.IntegerField()


class WithdrawalInput(RequestInput):
    expected_return_date = MomentField()


class SignedInput(serializers.Serializer[None]):
    signature = serializers.CharField()


class RejectInput(SignedInput):
    reason = serializers.CharField(max_length=1000)


class SendBackInput(SignedInput):
    reason = serializers.CharField(max_length=1000)
    sendback_type = serializers.CharField(max_length=50)


class AllocateInput(SignedInput):
    storage = serializers.IntegerField()


class IssueInput(SignedInput):
    expected_return_date = MomentField(required=False)


class RelocateInput(SignedInput):
    storage = serializers.IntegerField()


class DocumentInput(serializers.ModelSerializer[Document]):
    class Meta:
        model = Document
        fields = ("document_name", "document_number", "document_type", "description")
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "document_name": {"max_length": 80},
            "description": {"max_length": 200, "allow_null": True},
        }

    def validate_description(self, given: str | None) -> str:
        return given or ""


MOST_DOCUMENTS = 20

# The others come about by requests.
BY_HAND = (Crate.Status.ACTIVE, Crate.Status.ARCHIVED)


class CrateInput(serializers.Serializer[None]):
    """What is left out stays as it is; documents are replaced as a whole."""

    status = serializers.ChoiceField(choices=BY_HAND, required=False)
    destruction_date = serializers.DateField(required=False, allow_null=True)
    documents = DocumentInput(many=True, required=False)
    unit_id = serializers.IntegerField(required=False)

    def validate_documents(self, given: list[Any]) -> list[Any]:
        if len(given) > MOST_DOCUMENTS:
            raise serializers.ValidationError(f"At most {MOST_DOCUMENTS} documents.")
        return given


#: Its places come as several events where one would be too large.
MOST_IN_A_RACK = 1000


class RackInput(serializers.Serializer[None]):
    """All the places of a rack: compartments × shelves."""

    room_name = serializers.CharField(max_length=LONGEST_PLACE)
    rack_name = serializers.CharField(max_length=LONGEST_PLACE)
    compartments = serializers.IntegerField(min_value=1, max_value=MOST_IN_A_RACK)
    shelves = serializers.IntegerField(min_value=1, max_value=MOST_IN_A_RACK)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["compartments"] * attrs["shelves"] > MOST_IN_A_RACK:
            raise serializers.ValidationError(f"At most {MOST_IN_A_RACK} places at once.")
        return attrs
