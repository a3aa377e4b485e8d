"""How a request goes through its life. Each step checks the state, changes it, and is all of it or nothing."""

from datetime import datetime

from django.utils import timezone
from rest_framework.exceptions import ValidationError

from accounts.models import User
from documents.conflicts import Conflict
from documents.models import Crate, Request, SendBack, Storage

Status, Type = Request.Status, Request.Type


def _require(holds: bool, otherwise: str, about: Request | Crate) -> None:
    if not holds:
        raise Conflict(otherwise, about)


def _require_pending(request: Request) -> None:
    is_pending = request.status == Status.PENDING
    _require(is_pending, f"The request is not pending but {request.status.lower()}.", request)


def _require_free(storage: Storage, crate: Crate) -> None:
    other = storage.crates.exclude(pk=crate.pk).first()
    if other is not None:
        raise Conflict("storage: another crate stands there.", other)


def create(request_type: Request.Type, crate: Crate, by: User, expected: datetime | None) -> Request:
    _check_wish(request_type, crate)
    return Request.objects.create(
        request_type=request_type,
        unit_id=crate.unit_id,
        crate=crate,
        created_by=by,
        expected_return_date=expected,
    )


def require_sent_back(request: Request) -> None:
    _require(request.status == Status.SENT_BACK, "The request has not been sent back.", request)


def correct(request: Request, crate: Crate, expected: datetime | None) -> None:
    """Sent Back → Pending"""
    require_sent_back(request)
    _check_wish(Type(request.request_type), crate, about=request)
    request.crate = crate
    request.expected_return_date = expected
    request.status = Status.PENDING
    request.save()


def _check_wish(request_type: Request.Type, crate: Crate, about: Request | None = None) -> None:
    finished = (Status.COMPLETED, Status.REJECTED)
    others = crate.requests.exclude(status__in=finished)
    if about is not None:
        others = others.exclude(pk=about.pk)
    if (other := others.first()) is not None:
        raise Conflict("Another request about this crate is under way.", other)
    if request_type == Type.STORAGE:
        _require(crate.storage_id is None, "The crate has its place already.", crate)
    if request_type == Type.WITHDRAWAL:
        _require(crate.storage_id is not None, "The crate is not in storage.", crate)
    require_at_hand(crate)
    is_fit = request_type != Type.WITHDRAWAL or crate.status == Crate.Status.ACTIVE
    _require(is_fit, f"The crate is {crate.status.lower()}.", crate)


def approve(request: Request, by: User) -> None:
    """Pending → Approved"""
    _require_pending(request)
    request.status = Status.APPROVED
    request.approved_by = by
    request.approval_date = timezone.now()
    request.save()


def reject(request: Request) -> None:
    """Pending → Rejected"""
    _require_pending(request)
    request.status = Status.REJECTED
    request.save()


def send_back(request: Request, by: User, reason: str, sendback_type: str) -> None:
    """Pending → Sent Back, with the reason for the person who made it"""
    _require_pending(request)
    request.status = Status.SENT_BACK
    request.save()
    SendBack.objects.create(request=request, created_by=by, reason=reason, sendback_type=sendback_type)


def require_waiting_for_place(request: Request) -> None:
    is_due = request.request_type == Type.STORAGE and request.status == Status.APPROVED
    _require(is_due and request.allocation_date is None, "The request does not wait for a place.", request)


def allocate_storage(request: Request, by: User, storage: Storage) -> None:
    """A storage request, approved, gets a place for its crate."""
    require_waiting_for_place(request)
    crate = _crate_of(request)
    _require_free(storage, crate)
    crate.storage = storage
    crate.save()
    request.allocated_by = by
    request.allocation_date = timezone.now()
    request.save()


def issue(request: Request, by: User, expected: datetime | None) -> None:
    """A withdrawal, Approved → Issued"""
    is_due = request.request_type == Type.WITHDRAWAL and request.status == Status.APPROVED
    _require(is_due, "The request is not an approved withdrawal.", request)
    crate = _crate_of(request)
    crate.status = Crate.Status.WITHDRAWN
    crate.save()
    request.status = Status.ISSUED
    request.issued_by = by
    request.withdrawn_by = request.created_by
    request.issue_date = timezone.now()
    request.expected_return_date = expected or request.expected_return_date
    request.save()


def take_back(request: Request) -> None:
    """A withdrawal, Issued → Returned"""
    _require(request.status == Status.ISSUED, "The crate has not been issued.", request)
    crate = _crate_of(request)
    crate.status = Crate.Status.ACTIVE
    crate.save()
    request.status = Status.RETURNED
    request.return_date = timezone.now()
    request.save()


def complete(request: Request) -> None:
    """What was allocated, returned, or approved for destruction has come to its end."""
    if request.request_type == Type.DESTRUCTION:
        crate = _crate_of(request)
        crate.status = Crate.Status.DESTROYED
        crate.storage = None
        crate.save()
    request.status = Status.COMPLETED
    request.save()


def require_at_hand(crate: Crate) -> None:
    is_here = crate.status not in (Crate.Status.WITHDRAWN, Crate.Status.DESTROYED)
    _require(is_here, f"The crate is {crate.status.lower()}.", crate)


def relocate(crate: Crate, storage: Storage) -> None:
    """A crate is carried to a place where no other stands."""
    _require(crate.status != Crate.Status.DESTROYED, "The crate is destroyed.", crate)
    _require_free(storage, crate)
    crate.storage = storage
    crate.save()


def move_crate(crate: Crate, unit_id: int) -> None:
    """A crate goes to another unit without its place, and the requests under way about it go along."""
    crate.unit_id = unit_id
    crate.storage = None
    crate.save()
    for request in crate.requests.select_for_update().exclude(status__in=(Status.COMPLETED, Status.REJECTED)):
        request.unit_id = unit_id
        request.save()


def _crate_of(request: Request) -> Crate:
    """As it is now, kept from others until the transaction ends: it is saved as a whole."""
    pk = request.crate_id
    crate = None if pk is None else Crate.objects.select_for_update().filter(pk=pk).first()
    if crate is None:
        raise ValidationError({"detail": "The request's crate is gone."})
    request.crate = crate
    return crate
