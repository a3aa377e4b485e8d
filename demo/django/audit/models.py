"""The audit trail."""

from typing import Any

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """Who did what, to what, when, from where; nobody: a nightly job. Written once, never changed."""

    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="audit_entries")
    action = models.CharField(max_length=50)
    object_type = models.CharField(max_length=50)
    object_id = models.BigIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="audit_entries"
    )
    at = models.DateTimeField(auto_now_add=True)
    ip_address = models.GenericIPAddressField(null=True)
    changes = models.JSONField(null=True)
    words = models.TextField(default="", editable=False)
    """All that a search looks at, in small letters."""

    class Meta:
        verbose_name_plural = "audit entries"
        # The dashboard's trends ask when requests were rejected and corrected.
        indexes = (models.Index(fields=["object_type", "action", "at"], name="audit_type_action_at"),)

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("an audit entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("an audit entry is never deleted")
