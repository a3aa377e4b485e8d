"""Tokens contain a user's unit and role. Everything that ends a session is published, also after an outage."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any
from unittest import mock

import jwt
import pytest
from django.conf import settings
from django.db import transaction
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import Role, User
from conftest import RedisServer
from dms_live import acting_as, revoke_access_of, revoke_token, revoke_user
from dms_live.models import OutboxEntry
from dms_live.relay import run_round
from live_case import World

pytestmark = pytest.mark.django_db(transaction=True)


def session_messages() -> list[dict[str, Any]]:
    return [json.loads(row.payload) for row in OutboxEntry.objects.filter(topic="session").order_by("pk")]


def recorded(live: RedisServer, field: str) -> list[int]:
    """Up to which second tokens are refused, and until when that is kept."""
    return [int(second) for second in (live.client.hget("dms:{session}:revocations", field) or "").split()]


def log_in(username: str = "hana") -> dict[str, str]:
    response = APIClient().post("/api/token/", {"username": username, "password": "pw"})
    assert response.status_code == 200, response.data
    return dict(response.data)


def claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"]))


def client_of(tokens: dict[str, str]) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
    return client


def test_a_token_contains_unit_role_and_name(live: RedisServer) -> None:
    world = World()
    said = claims(log_in()["access"])
    assert (said["unit_id"], said["role"], said["name"]) == (world.unit.pk, "Section Head", "Hana Rao")


def test_a_refreshed_token_contains_the_present_unit(live: RedisServer) -> None:
    world = World()
    tokens = log_in()
    world.head.unit, world.head.role = world.other, Role.QC
    world.head.save()
    refreshed = APIClient().post("/api/token/refresh/", {"refresh": tokens["refresh"]})
    said = claims(refreshed.data["access"])
    assert (said["unit_id"], said["role"]) == (world.other.pk, "QC")
    assert session_messages() == [{"action": "CHANGED", "userId": world.head.pk}]


def test_only_users_with_an_account_refresh(live: RedisServer) -> None:
    world = World()
    tokens = log_in()
    User.objects.filter(pk=world.head.pk).update(is_active=False)
    assert APIClient().post("/api/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 401
    User.objects.filter(pk=world.head.pk).delete()
    assert APIClient().post("/api/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 401


def test_a_revocation_is_a_message_and_a_record_that_outlives_every_token(live: RedisServer) -> None:
    world = World()
    listener = live.client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe("dms:session")
    before = int(time.time())
    revoke_user(world.head)
    run_round()
    refused_up_to, kept_until = recorded(live, f"revoked:user:{world.head.pk}")
    assert before <= refused_up_to <= int(time.time())
    assert kept_until > before + settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"].total_seconds()
    assert live.client.ttl("dms:{session}:revocations") == -1  # so that volatile-* policies do not evict it
    message = json.loads(next(listener.listen())["data"])
    assert (message["action"], message["userId"]) == ("REVOKED", str(world.head.pk))
    generation = live.client.get("dms:{session}:generation") or ""
    assert message["generation"] == hashlib.sha1(generation.encode()).hexdigest()[:16]


def test_a_server_of_an_earlier_version_finds_a_revocation_too(live: RedisServer) -> None:
    world = World()
    before = int(time.time())
    revoke_user(world.head)
    revoke_token("abc")
    run_round()
    key = f"dms:session:revoked:user:{world.head.pk}"
    assert before <= int(live.client.get(key) or 0) <= int(time.time())
    assert live.client.ttl(key) > settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"].total_seconds()
    assert live.client.get("dms:session:revoked:jti:abc") == "1"


@pytest.mark.parametrize(
    ("change", "action"),
    [
        ({"is_active": False}, "REVOKED"),
        ({"password": "!"}, "REVOKED"),
        ({"role": Role.QC}, "CHANGED"),
        ({"unit": None}, "CHANGED"),
        ({"first_name": "Hanna"}, None),
    ],
)
def test_a_user_who_changes_ends_sessions(live: RedisServer, change: dict[str, Any], action: str | None) -> None:
    world = World()
    for name, value in change.items():
        setattr(world.head, name, value)
    world.head.save()
    assert [message["action"] for message in session_messages()] == ([action] if action else [])


def test_a_password_hashed_again_at_login_ends_no_session(live: RedisServer) -> None:
    world = World()
    with mock.patch("django.contrib.auth.hashers.MD5PasswordHasher.must_update", return_value=True):
        assert world.head.check_password("pw")
    assert session_messages() == []
    world.head.set_password("another")
    world.head.save(update_fields=["password"])
    assert session_messages() == [{"action": "REVOKED", "userId": world.head.pk}]


def test_a_deleted_user_is_revoked_and_a_rolled_back_one_is_not(live: RedisServer) -> None:
    world = World()
    pk = world.head.pk
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        world.head.delete()
        raise ZeroDivisionError
    assert session_messages() == []
    User.objects.filter(pk=pk).delete()
    assert session_messages() == [{"action": "REVOKED", "userId": pk}]


def test_logging_out_ends_the_token_at_hand_and_renews_the_others(live: RedisServer) -> None:
    world = World()
    tokens = log_in()
    response = client_of(tokens).post("/api/logout/", {"refresh": tokens["refresh"]})
    assert response.status_code == 205
    assert session_messages() == [
        {"action": "REVOKED", "jti": claims(tokens["access"])["jti"]},
        {"action": "CHANGED", "userId": world.head.pk},
    ]
    run_round()
    assert recorded(live, f"revoked:jti:{claims(tokens['access'])['jti']}")
    assert recorded(live, f"changed:user:{world.head.pk}")


def test_a_rotated_refresh_token_is_no_logout(live: RedisServer) -> None:
    World()
    tokens = log_in()
    with mock.patch.multiple(
        "rest_framework_simplejwt.settings.api_settings",
        create=True,
        ROTATE_REFRESH_TOKENS=True,
        BLACKLIST_AFTER_ROTATION=True,
    ):
        refreshed = APIClient().post("/api/token/refresh/", {"refresh": tokens["refresh"]})
        assert refreshed.data["refresh"] != tokens["refresh"]
        assert session_messages() == []
        RefreshToken(refreshed.data["refresh"]).blacklist()
    assert [message["action"] for message in session_messages()] == ["CHANGED"]


def test_a_logout_view_of_the_project_revokes_the_token_it_was_called_with(live: RedisServer) -> None:
    token = mock.Mock(payload={"jti": "abc"})
    assert revoke_access_of(mock.Mock(auth=token))
    assert not revoke_access_of(mock.Mock(auth=None))
    assert session_messages() == [{"action": "REVOKED", "jti": "abc"}]


def test_revocations_go_first_when_redis_is_back(live: RedisServer) -> None:
    world = World()
    live.kill()
    for _ in range(3):
        world.request()
    world.head.is_active = False
    world.head.save()
    assert run_round().away is not None
    live.start()
    run_round()
    first = OutboxEntry.objects.filter(state="sent").order_by("sent_at", "pk")
    assert recorded(live, f"revoked:user:{world.head.pk}")
    assert first.count() == OutboxEntry.objects.count()


def test_revocations_do_not_wait_for_many_events(live: RedisServer) -> None:
    world = World()
    order: list[str] = []
    for _ in range(3):
        world.request()
    revoke_user(world.head)
    with (
        mock.patch("dms_live.delivery.append_event", side_effect=lambda topic, *_: bool(order.append(topic)) or True),
        mock.patch("dms_live.delivery.end_sessions", side_effect=lambda *_: order.append("session")),
    ):
        run_round()
    assert order[0] == "session"
    assert len(order) == 5


def test_the_actor_is_the_user_of_the_token(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    client = client_of(log_in())
    body = {"crate": crate.pk, "expected_return_date": "2031-01-01T00:00:00Z"}
    response = client.post("/api/requests/withdrawal/", body, format="json")
    assert response.status_code in (200, 201), response.data
    row = OutboxEntry.objects.get(topic=f"request:unit:{world.unit.pk}")
    assert json.loads(row.payload)["actor"] == {"id": world.head.pk, "name": "Hana Rao", "role": "Section Head"}


def test_the_acting_user_of_a_task_is_named_and_never_guessed(live: RedisServer) -> None:
    world = World()
    with acting_as(world.guest):
        world.request()
        with acting_as(None):
            world.request()
    world.request()
    rows = OutboxEntry.objects.filter(topic=f"request:unit:{world.unit.pk}").order_by("pk")
    actors = [json.loads(row.payload)["actor"] for row in rows]
    assert [actor and actor["id"] for actor in actors] == [world.guest.pk, None, None]
