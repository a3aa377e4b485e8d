"""What each kind of entity looks like in an event (contract, section 2), and how a DMS is likely to name its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

REQUEST_TYPES = ("STORAGE", "WITHDRAWAL", "DESTRUCTION")
REQUEST_STATUSES = ("PENDING", "SENT_BACK", "APPROVED", "ISSUED", "RETURNED", "REJECTED", "COMPLETED")
CRATE_STATUSES = ("ACTIVE", "WITHDRAWN", "ARCHIVED", "DESTROYED")
FINISHED = ("COMPLETED", "REJECTED")


@dataclass(frozen=True)
class Part:
    """One field of an entity.

    :ivar form: how a value is written: ``id``, ``text``, ``word``, ``day`` (or instant), ``instant``, ``user``, ``json``,
        ``entity`` (one, of kind ``of``) or ``entities``.
    :ivar likely: paths that the DMS may have it at, the likeliest first, beside the name itself in snake case.
    """

    name: str
    form: str
    likely: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    of: str = ""
    required: bool = False

    @property
    def candidates(self) -> tuple[str, ...]:
        return (re.sub(r"(?=[A-Z])", "_", self.name).lower(), *self.likely)


_ID = Part("id", "id", ("pk",), required=True)


def _unit(*likely: str, required: bool = True) -> Part:
    return Part("unitId", "id", ("unit", *likely), required=required)


SHAPES: dict[str, tuple[Part, ...]] = {
    "request": (
        _ID,
        Part("requestType", "word", ("type", "kind"), words=REQUEST_TYPES, required=True),
        Part("status", "word", ("state", "request_status"), words=REQUEST_STATUSES, required=True),
        _unit(),
        Part("crate", "entity", ("box",), of="crate"),
        Part("createdBy", "user", ("creator", "requested_by", "requester", "ordered_by", "author", "user")),
        Part("approvedBy", "user", ("approver",)),
        Part("allocatedBy", "user", ("allocator",)),
        Part("withdrawnBy", "user"),
        Part("issuedBy", "user", ("issuer",)),
        Part("createdAt", "instant", ("created", "created_on", "created_date", "date_created")),
        Part("approvalDate", "day", ("approved_at", "approved_on", "approved_date", "date_approved")),
        Part("allocationDate", "day", ("allocated_at", "allocated_on", "allocated_date", "date_allocated")),
        Part("issueDate", "day", ("issued_at", "issued_on", "issued_date", "date_issued")),
        Part("returnDate", "day", ("returned_at", "returned_on", "returned_date", "date_returned")),
        Part(
            "expectedReturnDate", "day", ("expected_return", "return_due_date", "due_date", "due_on", "due_at", "due")
        ),
    ),
    "crate": (
        _ID,
        Part("status", "word", ("state", "crate_status"), words=CRATE_STATUSES, required=True),
        _unit(),
        Part("storage", "entity", ("storage_location", "location", "place"), of="storage"),
        Part("destructionDate", "day", ("destruction_due", "destroy_on", "destroy_after")),
        Part("documents", "entities", ("document_set",), of="document"),
    ),
    "storage": (
        _ID,
        _unit(),
        Part("roomName", "text", ("room",)),
        Part("rackName", "text", ("rack",)),
        Part("compartmentName", "text", ("compartment",)),
        Part("shelfName", "text", ("shelf",)),
    ),
    "document": (
        _ID,
        _unit(required=False),
        Part("documentName", "text", ("name", "title")),
        Part("documentNumber", "text", ("number", "reference", "reference_number")),
        Part("documentType", "text", ("type", "kind", "category")),
        Part("description", "text", ("summary",)),
    ),
    "sendback": (
        _ID,
        _unit(),
        Part("reason", "text", ("comment", "comments", "remarks", "message")),
        Part("sendbackType", "text", ("send_back_type", "type", "kind")),
        Part("createdBy", "user", ("creator", "sent_back_by", "author", "user")),
        Part("request", "entity", ("for_request", "document_request"), of="request", required=True),
    ),
    "audit": (
        _ID,
        _unit("content_object.unit", "user.unit", "actor.unit"),
        Part("action", "text", ("event", "action_type", "verb"), required=True),
        Part("objectType", "text", ("model_name", "model", "content_type.model", "content_type", "target_type")),
        Part("objectId", "id", ("object_pk", "record_id", "target_id")),
        Part("user", "user", ("actor", "performed_by", "created_by")),
        Part("at", "instant", ("timestamp", "created_at", "created", "performed_at", "logged_at")),
        Part("ipAddress", "text", ("ip", "remote_addr")),
        Part("changes", "json", ("details", "diff", "data", "extra")),
    ),
}

#: How the entity is called in an event of its kind. A document has no events of its own: it is part of its crate.
ENTITY_KEYS = {"request": "request", "crate": "crate", "sendback": "sendBack", "storage": "locations", "audit": "entry"}

#: Names, in lower case without underscores, by which models are found when the setting MODELS is absent.
MODEL_NAMES: dict[str, tuple[str, ...]] = {
    "request": ("request", "documentrequest", "craterequest"),
    "crate": ("crate", "box"),
    "sendback": ("sendback",),
    "storage": ("storage", "storagelocation"),
    "document": ("document",),
    "audit": ("audit", "auditentry", "auditlog", "auditlogentry", "audittrail"),
}
