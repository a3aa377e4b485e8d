"""What subscribers know in the end is what the database has, whichever of two transactions commits first."""

from __future__ import annotations

import pytest

from conftest import RedisServer
from dms_live.delivery import retry
from dms_live.freshness import _sees
from dms_live.models import OutboxEntry
from live_case import World, sent
from programs import answers_of


@pytest.mark.own_database
def test_nothing_older_follows_what_is_newer(postgres: str) -> None:
    answers = answers_of("races.py", postgres)
    unit, other = answers.pop("units")
    assert answers == {
        "a document is saved": "WITHDRAWN",
        "a document is renamed": "WITHDRAWN",
        "published by hand": "WITHDRAWN",
        "a document is added": "WITHDRAWN",
        "two documents are added": 3,
        "a document is added to a crate that is saved": 2,
        "a request of a crate that is withdrawn": "WITHDRAWN",
        "approved while the crate moves": [
            [f"request:unit:{unit}", "MOVED_OUT", "ISSUED"],
            [f"request:unit:{other}", "MOVED_IN", "ISSUED"],
            [f"request:unit:{other}", "APPROVED", "APPROVED"],
        ],
        "the crate moves while it is returned": [
            [f"request:unit:{other}", "RETURNED", "RETURNED"],
            [f"request:unit:{other}", "MOVED_OUT", "APPROVED"],
            [f"request:unit:{unit}", "MOVED_IN", "RETURNED"],
        ],
        "tried again": "WITHDRAWN",
        "versions grow": True,
        "not the newest": [],
    }


def test_a_snapshot_says_which_transactions_it_sees() -> None:
    snapshot = "795:799:796,797"
    assert [number for number in range(793, 801) if _sees(snapshot, number)] == [793, 794, 795, 798]


@pytest.mark.django_db(transaction=True)
def test_what_was_given_up_is_read_again_when_it_is_tried_again(live: RedisServer) -> None:
    world = World()
    request, moved, gone = world.request(), world.request(), world.request()
    OutboxEntry.objects.filter(topic__startswith="request:").update(state="failed")
    request.status = "Approved"
    request.save()
    moved.unit = world.other
    moved.save()
    gone.delete()
    sent(live, f"request:unit:{world.unit.pk}")
    assert retry(OutboxEntry.objects.all()) == 3
    events = sent(live, f"request:unit:{world.unit.pk}")
    assert [(event["action"], event["request"]["status"]) for event in events] == [
        ("APPROVED", "APPROVED"),
        ("MOVED_OUT", "PENDING"),
        ("MOVED_OUT", "PENDING"),
        ("CREATED", "APPROVED"),
    ]
    (_, again) = sent(live, f"request:unit:{world.other.pk}")
    assert again["request"]["id"] == moved.pk
