"""Shared by the tests of the app: people, rows, and the events that subscribers would have got."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from accounts.models import Role, Unit, User
from conftest import RedisServer
from dms_live.relay import run_round
from documents.models import Crate, Document, Request, Storage

CONTRACT = Path(__file__).resolve().parents[2] / "contract"


@lru_cache
def validator(kind: str) -> Draft202012Validator:
    schema = json.loads((CONTRACT / "events.schema.json").read_text())
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{kind}"}, format_checker=FormatChecker())


def logged(live: RedisServer, topic: str) -> list[dict[str, Any]]:
    """The events in a topic's log, e.g. ``request:unit:5``, each checked against the contract."""
    kind, place = topic.split(":", 1)
    events = [json.loads(entry["event"]) for _, entry in live.client.xrange(f"dms:{{{kind}}}:{place}")]
    for event in events:
        validator(kind).validate(event)
    return events


def sent(live: RedisServer, topic: str) -> list[dict[str, Any]]:
    """The same, once all that waits was sent."""
    assert run_round().away is None
    return logged(live, topic)


def actions(events: list[dict[str, Any]]) -> list[str]:
    return [event["action"] for event in events]


class World:
    """Two units, a person in each, and something to work with in the first."""

    def __init__(self, suffix: str = "") -> None:
        self.unit = Unit.objects.create(name="Records")
        self.other = Unit.objects.create(name="Archive")
        self.head = User.objects.create_user(
            f"hana{suffix}", password="pw", first_name="Hana", last_name="Rao", unit=self.unit, role=Role.SECTION_HEAD
        )
        self.guest = User.objects.create_user(f"gus{suffix}", password="pw", unit=self.other, role=Role.STORE_HEAD)
        self.place = self.storage()

    def storage(self, unit: Unit | None = None, **fields: Any) -> Storage:
        named = {"room_name": "R1", "rack_name": "A", "compartment_name": "2", "shelf_name": "3", **fields}
        return Storage.objects.create(unit=unit or self.unit, **named)

    def crate(self, **fields: Any) -> Crate:
        crate = Crate.objects.create(**{"unit": self.unit, "storage": self.place, **fields})
        Document.objects.create(crate=crate, document_name="Ledger", document_number="L-1")
        return crate

    def request(self, **fields: Any) -> Request:
        named = {"request_type": "Withdrawal", "unit": self.unit, "created_by": self.head, **fields}
        return Request.objects.create(**named)
