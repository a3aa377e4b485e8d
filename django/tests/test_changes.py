"""What the DMS commits becomes the right events, in the right topics, or none."""

from __future__ import annotations

import pytest

from conftest import RedisServer
from live_case import World, actions, sent

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_saved_request_is_told_of_as_the_contract_says(live: RedisServer) -> None:
    world = World()
    crate = world.crate()
    request = world.request(crate=crate)
    (event,) = sent(live, f"request:unit:{world.unit.pk}")
    assert event["action"] == "CREATED"
    assert event["actor"] is None
    assert event["request"]["id"] == request.pk
    assert event["request"]["requestType"] == "WITHDRAWAL"
    assert event["request"]["createdBy"] == {"id": world.head.pk, "name": "Hana Rao", "role": "Section Head"}
    assert event["request"]["crate"]["documents"][0]["documentName"] == "Ledger"
    assert actions(sent(live, f"crate:unit:{world.unit.pk}")) == ["CREATED", "UPDATED"]
