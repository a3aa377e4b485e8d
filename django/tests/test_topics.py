"""How users' ids are spelt in names: by the table that the server is tested by as well."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import RedisServer
from dms_live.models import OutboxEntry
from dms_live.redis_client import end_sessions
from dms_live.relay import run_round
from dms_live.sessions import revoke_user
from dms_live.topics import UnfitId, encode_user_id, session_key, unit_topic, user_topic
from live_case import CONTRACT

TABLE: dict[str, Any] = json.loads((CONTRACT / "topic-ids.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", TABLE["encoded"], ids=lambda example: ascii(example["id"]))
def test_ids_of_users_are_percent_encoded(example: dict[str, str]) -> None:
    user_id, encoded = example["id"], example["encoded"]
    assert encode_user_id(user_id) == encoded
    assert user_topic("sendback", user_id) == f"sendback:user:{encoded}"
    assert session_key("dms", "revoked", "user", user_id) == f"dms:session:revoked:user:{encoded}"


@pytest.mark.parametrize("unfit", TABLE["noUserIds"], ids=ascii)
def test_an_id_that_no_user_can_have_is_in_no_name(unfit: str) -> None:
    with pytest.raises(UnfitId):
        user_topic("sendback", unfit)


def test_ids_of_units_are_as_they_were() -> None:
    assert unit_topic("request", "north-1") == "request:unit:north-1"
    for unfit in ("", "5 7", "a:b", "a%3Ab", "*", "x" * 65):
        with pytest.raises(UnfitId):
            unit_topic("request", unfit)


def test_a_session_message_says_the_id_as_it_is_and_its_key_is_encoded(live: RedisServer) -> None:
    listener = live.client.pubsub()
    listener.subscribe("dms:session")
    end_sessions('{"action":"REVOKED","userId":"auth0|17"}', 60)
    assert live.client.exists("dms:session:revoked:user:auth0%7C17") == 1
    messages = [listener.get_message(timeout=5) for _ in range(2)]
    last = json.loads((messages[-1] or {})["data"])
    assert (last["action"], last["userId"]) == ("REVOKED", "auth0|17")


@pytest.mark.django_db(transaction=True)
def test_an_id_that_can_have_no_session_does_not_delay_others(live: RedisServer) -> None:
    revoke_user("a\nb")
    revoke_user("17")
    run_round()
    assert live.client.keys("dms:session:revoked:*") == ["dms:session:revoked:user:17"]
    assert OutboxEntry.objects.exclude(state=OutboxEntry.State.SENT).count() == 0
