"""Django's admin: the outbox, with what failed and why, and to try it again; and the security log, to search it."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dms_live import sender
from dms_live.conf import conf
from dms_live.delivery import retry
from dms_live.models import OutboxEntry, SecurityAnchor, SecurityEntry


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
        return _indented(entry.payload)

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


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Seen only, by people with the permission to view; by nobody where the project does not keep the security log."""

    show_full_result_count = False
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return conf().security_log and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SecurityEntry)
class SecurityEntryAdmin(_ReadOnly):
    list_display = ("at", "event", "user", "unit", "address", "process", "seq")
    list_filter = ("at", "event")
    search_fields = ("=user", "=unit", "=event", "=address", "=process")
    search_help_text = "A user’s id, a unit’s id, an event, an address, or a process."
    fields = ("at", "event", "user", "unit", "address", "process", "seq", "hash", "content")
    readonly_fields = fields

    @admin.display(description="line")
    def content(self, entry: SecurityEntry) -> SafeString:
        return _indented(entry.line)


@admin.register(SecurityAnchor)
class SecurityAnchorAdmin(_ReadOnly):
    list_display = ("at", "process", "seq", "hash")
    list_filter = ("at",)
    search_fields = ("=process",)


def _indented(text: str) -> SafeString:
    with contextlib.suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return format_html("<pre>{}</pre>", text.encode(errors="backslashreplace").decode())
