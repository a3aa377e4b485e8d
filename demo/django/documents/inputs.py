"""The bodies of requests, checked."""

from rest_framework import serializers

from documents.models import Crate, Document

MOST_AT_ONCE = 30


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


class CrateInput(serializers.Serializer[None]):
    """What is left out stays as it is; documents are replaced as a whole."""

    status = serializers.ChoiceField(choices=Crate.Status.choices, required=False)
    destruction_date = serializers.DateField(required=False, allow_null=True)
    documents = DocumentInput(many=True, required=False)
    unit_id = serializers.IntegerField(required=False)


class RackInput(serializers.Serializer[None]):
    """All the places of a rack: compartments × shelves."""

    room_name = serializers.CharField(max_length=100)
    rack_name = serializers.CharField(max_length=100)
    compartments = serializers.IntegerField(min_value=1, max_value=MOST_AT_ONCE)
    shelves = serializers.IntegerField(min_value=1, max_value=MOST_AT_ONCE)
