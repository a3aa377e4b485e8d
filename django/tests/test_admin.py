"""The outbox in the admin: seen, filtered, retried; never written by hand."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from conftest import RedisServer
from dms_live.models import OutboxEntry
from live_case import World, sent

pytestmark = pytest.mark.django_db(transaction=True)
LIST = reverse("admin:dms_live_outboxentry_changelist")


@pytest.fixture
def client(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="pw"))
    return client


def test_failed_entries_are_found_and_sent_again(live: RedisServer, client: Client) -> None:
    world = World()
    world.request()
    OutboxEntry.objects.update(state="failed", attempts=10, last_error="WRONGTYPE")
    row = OutboxEntry.objects.latest("pk")
    assert b"WRONGTYPE" in client.get(LIST, {"state__exact": "failed"}).content
    client.post(LIST, {"action": "retry_failed", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("pending", 0)
    assert len(sent(live, f"request:unit:{world.unit.pk}")) == 1


def test_a_message_is_shown_and_cannot_be_changed(live: RedisServer, client: Client) -> None:
    World().request()
    row = OutboxEntry.objects.latest("pk")
    page = client.get(reverse("admin:dms_live_outboxentry_change", args=[row.pk]))
    assert b"requestType" in page.content
    assert b"<textarea" not in page.content
    assert client.get(reverse("admin:dms_live_outboxentry_add")).status_code == 403
