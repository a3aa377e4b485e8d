"""The outbox: the messages that were committed and must be sent to Redis, and their state. And what triggers note before it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from dms_live.topics import SESSION


class OutboxEntry(models.Model):
    """One message for one topic, written in the transaction of the change that it is about."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    topic = models.CharField(max_length=160, help_text=_("Without the prefix, e.g. request:unit:5."))
    event_id = models.CharField(max_length=128)
    payload = models.TextField(help_text=_("The message, JSON."))
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True, help_text=_("After a refusal: when it is tried again."))
    last_error = models.CharField(max_length=500, blank=True)
    # What the sender needs to know whether the message is older than another that was sent before it: see freshness.py. Rows of
    # processes that run an earlier version of this app have none of it.
    subject = models.CharField(max_length=200, null=True, blank=True, help_text=_("What it is about: request:17."))  # noqa: DJ001
    transaction = models.BigIntegerField(null=True, blank=True, help_text=_("The transaction that wrote it."))
    snapshot = models.TextField(null=True, blank=True, help_text=_("The transactions that its content knows."))  # noqa: DJ001
    is_ordered = models.BooleanField(null=True, default=True, help_text=_("Whether the row it is about was locked."))
    is_captured = models.BooleanField(null=True, default=False, help_text=_("Whether a trigger noted the change."))

    class Meta:
        ordering = ("id",)
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox entries")
        indexes = [
            models.Index(fields=("id",), condition=models.Q(state="pending"), name="dms_live_pending"),
            models.Index(fields=("id",), condition=models.Q(state="pending", topic=SESSION), name="dms_live_sessions"),
            models.Index(
                fields=("not_before",),
                condition=models.Q(state="pending", not_before__isnull=False),
                name="dms_live_put_off",
            ),
            models.Index(fields=("state", "sent_at"), name="dms_live_sent"),
            models.Index(fields=("transaction",), name="dms_live_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.event_id}"


class CapturedChange(models.Model):
    """A change of one row, noted by a trigger in its transaction. The sender makes events of it (``expanding.py``)."""

    class Operation(models.TextChoices):
        INSERT = "I", _("insert")
        UPDATE = "U", _("update")
        DELETE = "D", _("delete")
        PUBLISH = "P", _("published by hand")

    model = models.CharField(max_length=200, help_text=_("The label of the model, e.g. documents.Request."))
    operation = models.CharField(max_length=1, choices=Operation.choices)
    key = models.TextField(help_text=_("The primary key."))
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    action = models.CharField(max_length=128, blank=True, help_text=_("The action that publish() names."))
    actor = models.TextField(blank=True, help_text=_("The id of the acting user."))
    transaction = models.BigIntegerField()
    at = models.DateTimeField()
    # Deletions by a transaction too large for one round stay until all its changes have become events: see images.py.
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        indexes = [
            models.Index(fields=("model", "key"), name="dms_live_captured_row"),
            models.Index(fields=("transaction", "id"), name="dms_live_captured_by"),
            models.Index(fields=("id",), condition=models.Q(is_done=False), name="dms_live_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.model} {self.key}"


class RelayState(models.Model):
    """One row. The process that has locked it sends. It also keeps what else is due."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    kpis_changed = models.BooleanField(default=True)
    kpis_at = models.DateTimeField(null=True)
    pruned_at = models.DateTimeField(null=True)
    # A process that runs an earlier version of this app makes the row without it.
    version = models.BigIntegerField(
        null=True, default=0, help_text=_("Of the last event that was sent: see versions.py.")
    )
    security_position = models.CharField(  # noqa: DJ001
        max_length=64,
        null=True,
        help_text=_("Up to where the stream of the security log was read: see security_log.py."),
    )

    def __str__(self) -> str:
        return "relay"


class SecurityEntry(models.Model):
    """A line of dms-live's security log, as it was written, with the fields to search it by. Nobody changes it."""

    process = models.CharField(max_length=255, blank=True)
    # A row that the relay writes itself has none.
    seq = models.BigIntegerField(null=True, help_text=_("The number of the line in its process."))
    at = models.DateTimeField()
    event = models.CharField(max_length=64)
    user = models.CharField(max_length=255, blank=True)
    unit = models.CharField(max_length=255, blank=True)
    address = models.CharField(max_length=255, blank=True)
    # Two different lines of the same number are both kept: one of them was forged.
    hash = models.CharField(max_length=64, blank=True)
    line = models.TextField()

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = _("entry of the security log")
        verbose_name_plural = _("security log")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=("process", "seq", "hash"), name="dms_live_security_once")]
        indexes = [
            models.Index(fields=("at",), name="dms_live_security_at"),
            models.Index(fields=("user", "at"), name="dms_live_security_user"),
            models.Index(fields=("event", "at"), name="dms_live_security_event"),
            models.Index(fields=("unit", "at"), name="dms_live_security_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.process} {self.seq}"


class SecurityAnchor(models.Model):
    """The hash that a line of a process had at a time. A file whose line has another one was altered."""

    process = models.CharField(max_length=255)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = _("anchor of the security log")
        verbose_name_plural = _("anchors of the security log")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=("process", "seq", "hash"), name="dms_live_anchor_once")]
        indexes = [models.Index(fields=("at",), name="dms_live_anchor_at")]

    def __str__(self) -> str:
        return f"{self.process} {self.seq}"


class Verification(models.Model):
    """The last complete run of ``verify_live`` over one kind: see ``verify``."""

    kind = models.CharField(primary_key=True, max_length=40)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    form = models.CharField(max_length=64, help_text=_("Of the marks that it left."))
    reach = models.PositiveIntegerField(help_text=_("For how many seconds sent rows stayed in the outbox then."))
    rows = models.PositiveBigIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    repaired = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.kind


class VerifiedRow(models.Model):
    """What the last run of ``verify_live`` saw of a row. A later run knows by it what has changed without an event."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160, help_text=_("The id that events have."))
    marks = models.TextField(help_text=_("A digest of each field; empty: the row was published as gone."))
    needed = models.JSONField(help_text=_("What an event needs at least, to report that the row is gone."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=("kind", "key"), name="dms_live_verified_row")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"
