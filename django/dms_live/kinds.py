"""Everything that this app does differently for one kind of entity than for another. Each kind has one row.

The fields of an entity and the actions of its events are not here: they come from ``schema.graphql`` by ``entities.json``
(see ``shapes.py``). No other module names a kind, but for ``kpis.py``, which counts requests and crates.
"""

from __future__ import annotations

from dataclasses import dataclass

from dms_live.rules import QUIET, Rule, becomes, differs, gains


@dataclass(frozen=True)
class Move:
    """The two events of an entity that goes from one unit to another: one for each unit."""

    out: str = "MOVED_OUT"
    into: str = "MOVED_IN"
    #: Actions that say nothing new when the entity has moved as well.
    implies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind. What a row leaves out does not apply to its kind."""

    #: The name in the setting MODELS, in the names of topics and in ``entities.json``.
    name: str
    #: Names of models, in lower case without underscores, the likeliest first. Used when the setting MODELS is absent.
    model_names: tuple[str, ...]
    #: The type in the schema. Needed only where ``part_of`` is: the type of the others is that of their events.
    entity: str = ""
    #: The kind whose entities contain this one. It has no events of its own: a change of it is an update of its owners.
    part_of: str = ""
    #: Fields that a model must have although events may lack them.
    needs: tuple[str, ...] = ()
    #: The field with the entity whose unit counts when the model has no unit of its own. Entities that have not ended
    #: move along with it.
    unit_from: str = ""
    #: The rules that name a change of a stored entity. Several may apply; if none does, the change is an update.
    changes: tuple[Rule, ...] = ()
    #: Whether only the creation is an event. It is so for lines of a log.
    written_once: bool = False
    #: The field that names the event's action, in the DMS's own words.
    own_action: str = ""
    #: The action of one event for several entities, created one after another in one transaction.
    bulk: str = ""
    #: Without one, a move to another unit makes no event.
    move: Move | None = None
    #: The action when an entity is deleted. Without one, a deletion is no event.
    deleted: str = ""
    #: Words of ``status`` after which nothing happens to the entity any more.
    ended: tuple[str, ...] = ()
    #: The path to the user who gets the event too, in whatever unit.
    addressee: str = ""
    #: The fields with the type and the id of the object that it is about, whose unit counts when it has none.
    about: tuple[str, str] | None = None
    #: The unit of entities that belong to none. Only those who may see all units get them. It is no unit's id.
    no_unit: str = ""
    #: The path to what a message may leave out when it is too large.
    sheds: str = ""
    #: Whether the key figures depend on it.
    is_counted: bool = False
    #: Whether a DMS without such a model is probably set up wrongly.
    is_expected: bool = False


_ROWS = (
    Kind(
        "request",
        ("request", "documentrequest", "craterequest"),
        unit_from="crate",
        changes=(
            gains(("allocationDate", "allocatedBy"), "STORAGE_ALLOCATED"),
            becomes("status", PENDING=QUIET),  # a request is pending again after a correction
        ),
        move=Move(),
        deleted="MOVED_OUT",  # the contract has no DELETED for requests
        ended=("COMPLETED", "REJECTED"),
        sheds="crate.documents",
        is_counted=True,
        is_expected=True,
    ),
    Kind(
        "crate",
        ("crate", "box"),
        changes=(differs("storage.id", "RELOCATED"), differs("status", "STATUS_CHANGED")),
        move=Move(implies=("RELOCATED",)),
        deleted="DELETED",
        sheds="documents",
        is_counted=True,
    ),
    Kind(
        "storage",
        ("storage", "storagelocation"),
        bulk="BULK_CREATED",
        move=Move("DELETED", "CREATED"),
        deleted="DELETED",
    ),
    Kind("document", ("document",), entity="Document", part_of="crate"),
    Kind(
        "sendback",
        ("sendback",),
        needs=("request",),
        unit_from="request",
        written_once=True,
        addressee="request.createdBy",
        sheds="request",
    ),
    Kind(
        "audit",
        ("audit", "auditentry", "auditlog", "auditlogentry", "audittrail"),
        needs=("action",),
        written_once=True,
        own_action="action",
        about=("objectType", "objectId"),
        no_unit="-",
        sheds="changes",
    ),
)

KINDS = {row.name: row for row in _ROWS}

#: The kinds that the key figures count.
REQUEST, CRATE = KINDS["request"], KINDS["crate"]

#: Where a DMS may have a field, the likeliest first, beside the field's own name in snake case (``approval_date``).
LIKELY_EVERYWHERE = {"id": ("pk",), "unitId": ("unit",)}
LIKELY: dict[str, dict[str, tuple[str, ...]]] = {
    "request": {
        "requestType": ("type", "kind"),
        "status": ("state", "request_status"),
        "crate": ("box",),
        "createdBy": ("creator", "requested_by", "requester", "ordered_by", "author", "user"),
        "approvedBy": ("approver",),
        "allocatedBy": ("allocator",),
        "issuedBy": ("issuer",),
        "createdAt": ("created", "created_on", "created_date", "date_created"),
        "approvalDate": ("approved_at", "approved_on", "approved_date", "date_approved"),
        "allocationDate": ("allocated_at", "allocated_on", "allocated_date", "date_allocated"),
        "issueDate": ("issued_at", "issued_on", "issued_date", "date_issued"),
        "returnDate": ("returned_at", "returned_on", "returned_date", "date_returned"),
        "expectedReturnDate": ("expected_return", "return_due_date", "due_date", "due_on", "due_at", "due"),
    },
    "crate": {
        "status": ("state", "crate_status"),
        "storage": ("storage_location", "location", "place"),
        "destructionDate": ("destruction_due", "destroy_on", "destroy_after"),
        "documents": ("document_set",),
    },
    "storage": {
        "roomName": ("room",),
        "rackName": ("rack",),
        "compartmentName": ("compartment",),
        "shelfName": ("shelf",),
    },
    "document": {
        "documentName": ("name", "title"),
        "documentNumber": ("number", "reference", "reference_number"),
        "documentType": ("type", "kind", "category"),
        "description": ("summary",),
    },
    "sendback": {
        "reason": ("comment", "comments", "remarks", "message"),
        "sendbackType": ("send_back_type", "type", "kind"),
        "createdBy": ("creator", "sent_back_by", "author", "user"),
        "request": ("for_request", "document_request"),
    },
    "audit": {
        "unitId": ("unit", "content_object.unit", "user.unit", "actor.unit", "performed_by.unit"),
        "action": ("event", "action_type", "verb"),
        "objectType": ("model_name", "model", "content_type.model", "content_type", "target_type"),
        "objectId": ("object_pk", "record_id", "target_id"),
        "user": ("actor", "performed_by", "created_by"),
        "at": ("timestamp", "created_at", "created", "performed_at", "logged_at"),
        "ipAddress": ("ip", "remote_addr"),
        "changes": ("details", "diff", "data", "extra"),
    },
}


def likely_names(kind: Kind, field: str) -> tuple[str, ...]:
    return LIKELY.get(kind.name, {}).get(field, LIKELY_EVERYWHERE.get(field, ()))
