"""Crates of documents, where they stand, and the requests about them."""

from typing import Any

from django.conf import settings
from django.db import models


def _person(related_name: str) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name=related_name,
    )


class Storage(models.Model):
    """A place for crates."""

    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="storage")
    room_name = models.CharField(max_length=100)
    rack_name = models.CharField(max_length=100)
    compartment_name = models.CharField(max_length=100)
    shelf_name = models.CharField(max_length=100)

    class Meta:
        verbose_name_plural = "storage"

    def __str__(self) -> str:
        return f"{self.room_name} / {self.rack_name} / {self.compartment_name} / {self.shelf_name}"


class Crate(models.Model):
    """A crate of documents."""

    class Status(models.TextChoices):
        ACTIVE = "Active"
        WITHDRAWN = "Withdrawn"
        ARCHIVED = "Archived"
        DESTROYED = "Destroyed"

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="crates")
    storage = models.ForeignKey(Storage, on_delete=models.PROTECT, null=True, blank=True, related_name="crates")
    destruction_date = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Crate {self.pk}"


class Document(models.Model):
    """What lies in a crate."""

    crate = models.ForeignKey(Crate, on_delete=models.CASCADE, related_name="documents")
    document_name = models.CharField(max_length=200)
    document_number = models.CharField(max_length=50)
    document_type = models.CharField(max_length=50, blank=True)
    description = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.document_number} {self.document_name}"


class Request(models.Model):
    """A wish that a crate be stored, lent or destroyed."""

    class Type(models.TextChoices):
        STORAGE = "Storage"
        WITHDRAWAL = "Withdrawal"
        DESTRUCTION = "Destruction"

    class Status(models.TextChoices):
        PENDING = "Pending"
        SENT_BACK = "Sent Back"
        APPROVED = "Approved"
        ISSUED = "Issued"
        RETURNED = "Returned"
        REJECTED = "Rejected"
        COMPLETED = "Completed"

    request_type = models.CharField(max_length=20, choices=Type.choices)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="requests")
    crate = models.ForeignKey(Crate, on_delete=models.SET_NULL, null=True, blank=True, related_name="requests")
    created_by = _person("created_requests")
    approved_by = _person("approved_requests")
    allocated_by = _person("allocated_requests")
    withdrawn_by = _person("withdrawn_requests")
    issued_by = _person("issued_requests")
    created_at = models.DateTimeField(auto_now_add=True)
    approval_date = models.DateTimeField(null=True, blank=True)
    allocation_date = models.DateTimeField(null=True, blank=True)
    issue_date = models.DateTimeField(null=True, blank=True)
    return_date = models.DateTimeField(null=True, blank=True)
    expected_return_date = models.DateTimeField(null=True, blank=True)

    class Meta:
        # For the counts beside the filters, and for the dashboard's trends: of one unit, and of all.
        indexes = (
            models.Index(fields=["unit", "status"], name="request_unit_status"),
            models.Index(fields=["unit", "created_at"], name="request_unit_created"),
            models.Index(fields=["created_at"], name="request_created"),
            models.Index(fields=["approval_date"], name="request_approved"),
        )

    def __str__(self) -> str:
        return f"{self.request_type} request {self.pk}"


class SentOnce(models.Model):
    """What somebody created by an ``Idempotency-Key``, and how it was answered."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sent_once")
    key = models.CharField(max_length=100)
    contents = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="sent_once_key"),)

    def __str__(self) -> str:
        return self.key


class SendBack(models.Model):
    """Why a request went back to the person who made it."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="send_backs")
    reason = models.CharField(max_length=1000)
    sendback_type = models.CharField(max_length=50)
    created_by = _person("send_backs")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["created_at"], name="sendback_created"),)

    def __str__(self) -> str:
        return f"{self.sendback_type} of {self.request}"
