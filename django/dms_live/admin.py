"""The outbox in Django's admin: what waits, what failed and why, and to try it again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dms_live import sender
from dms_live.delivery import retry
from dms_live.models import OutboxEntry


@admin.register(OutboxEntry)
class OutboxEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Nothing here is written by hand; what is here may only be retried, or deleted."""

    list_display = ("id", "topic", "state", "created_at", "sent_at", "attempts", "last_error")
    list_filter = ("state", "created_at")
    search_fields = ("=event_id", "topic")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("retry_failed",)
    fields = (
        "topic", "event_id", "state", "created_at", "sent_at", "attempts", "not_before", "last_error", "message",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description="message")
    def message(self, entry: OutboxEntry) -> SafeString:
        try:
            text = json.dumps(json.loads(entry.payload), indent=2, ensure_ascii=False)
        except ValueError:
            text = entry.payload
        return format_html("<pre>{}</pre>", text)

    @admin.action(description="Try failed entries again", permissions=["delete"])
    def retry_failed(self, request: HttpRequest, queryset: QuerySet[OutboxEntry]) -> None:
        count = retry(queryset)
        self.message_user(request, f"{count} of them will be sent again.")
        if count:
            sender.wake()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
