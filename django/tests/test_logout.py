"""Simple JWT's blacklist: a logout ends the session, an exchange of tokens ends nothing, whatever serializer the project uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate
from rest_framework.views import APIView
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import TokenRefreshView

from conftest import RedisServer
from dms_live import token_rotation
from dms_live.actor import during
from dms_live.models import OutboxEntry
from dms_live.tokens import LiveTokenRefreshSerializer
from live_case import World

pytestmark = pytest.mark.django_db(transaction=True)


class OwnValidation(TokenRefreshSerializer):
    """A serializer that does all by itself, as some copied from Simple JWT do."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        old = self.token_class(attrs["refresh"])
        old.blacklist()
        return {"access": str(old.access_token), "refresh": str(old)}


class Subclass(LiveTokenRefreshSerializer):
    pass


@pytest.fixture
def rotating(live: RedisServer) -> Iterator[World]:
    """Each refresh token is good for one use."""
    with mock.patch.multiple(api_settings, create=True, ROTATE_REFRESH_TOKENS=True, BLACKLIST_AFTER_ROTATION=True):
        yield World()


def session_messages() -> list[dict[str, Any]]:
    return [json.loads(row.payload) for row in OutboxEntry.objects.filter(topic="session").order_by("pk")]


def refresh(serializer: Any, token: str) -> dict[str, str]:
    request = APIRequestFactory().post("/", {"refresh": token})
    response = TokenRefreshView.as_view(serializer_class=serializer)(request)
    assert response.status_code == 200, response.data
    return dict(response.data)


@pytest.mark.parametrize("serializer", [TokenRefreshSerializer, LiveTokenRefreshSerializer, Subclass, OwnValidation])
def test_a_refresh_publishes_nothing_and_a_logout_after_it_does(rotating: World, serializer: Any) -> None:
    tokens = refresh(serializer, str(RefreshToken.for_user(rotating.head)))
    assert session_messages() == []
    if serializer is not OwnValidation:  # it gave out the very token that it refused
        RefreshToken(tokens["refresh"]).blacklist()  # type: ignore[arg-type]
        assert [message["action"] for message in session_messages()] == ["CHANGED"]


@pytest.mark.parametrize("serializer", [TokenRefreshSerializer, LiveTokenRefreshSerializer])
def test_a_logout_ends_the_token_at_hand_also_after_several_refreshes(rotating: World, serializer: Any) -> None:
    tokens = refresh(serializer, str(RefreshToken.for_user(rotating.head)))
    tokens = refresh(serializer, tokens["refresh"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
    assert client.post("/api/logout/", {"refresh": tokens["refresh"]}).status_code == 205
    jti = RefreshToken(tokens["access"], verify=False)["jti"]  # type: ignore[arg-type]
    assert session_messages()[0] == {"action": "REVOKED", "jti": jti}
    assert (session_messages()[1]["action"], str(session_messages()[1]["userId"])) == ("CHANGED", str(rotating.head.pk))


def test_the_token_at_hand_is_the_one_that_the_view_found(rotating: World) -> None:
    """It may be in a cookie."""
    token = RefreshToken.for_user(rotating.head)

    class Logout(APIView):
        def post(self, request: Any) -> Any:
            assert request.auth is access
            token.blacklist()
            return mock.Mock(status_code=205)

    access = token.access_token
    request = APIRequestFactory().post("/")
    force_authenticate(request, rotating.head, access)
    with during(request):
        view = Logout()
        view.post(view.initialize_request(request))
    assert session_messages()[0] == {"action": "REVOKED", "jti": access["jti"]}


def test_a_token_of_somebody_else_is_not_ended(rotating: World) -> None:
    request = APIRequestFactory().post(
        "/", HTTP_AUTHORIZATION=f"Bearer {RefreshToken.for_user(rotating.guest).access_token}"
    )
    token = RefreshToken.for_user(rotating.head)
    with during(request):
        token.blacklist()
    assert [message["action"] for message in session_messages()] == ["CHANGED"]


def test_a_view_of_the_project_can_say_that_it_rotates(rotating: World) -> None:
    token = RefreshToken.for_user(rotating.head)
    with token_rotation():
        token.blacklist()
    assert session_messages() == []
    RefreshToken.for_user(rotating.head).blacklist()
    assert [message["action"] for message in session_messages()] == ["CHANGED"]


def test_tokens_that_are_blacklisted_in_bulk_end_sessions(rotating: World) -> None:
    """As "log out everywhere" does."""
    for user in (rotating.head, rotating.head, rotating.guest):
        RefreshToken.for_user(user)
    rows = [BlacklistedToken(token=token) for token in OutstandingToken.objects.all()]
    with token_rotation():
        BlacklistedToken.objects.bulk_create(rows[:1])
    assert session_messages() == []
    BlacklistedToken.objects.bulk_create(rows, ignore_conflicts=True)
    ended = [(message["action"], message["userId"]) for message in session_messages()]
    assert sorted(ended) == [("CHANGED", rotating.head.pk), ("CHANGED", rotating.guest.pk)]


def test_a_logout_adds_nothing_to_what_a_test_of_the_project_counts(rotating: World) -> None:
    counts = []
    for is_logout in (False, True):
        first, second = [RefreshToken.for_user(rotating.head) for _ in range(2)]
        row = BlacklistedToken(token=OutstandingToken.objects.get(jti=second["jti"]))
        meant = nullcontext() if is_logout else token_rotation()
        with meant, transaction.atomic(), CaptureQueriesContext(connection) as captured:
            first.blacklist()
            BlacklistedToken.objects.bulk_create([row])
        counts.append(len(captured))
        assert bool(session_messages()) is is_logout
    assert counts[0] == counts[1]
