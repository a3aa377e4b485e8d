"""The security log of dms-live, kept by the relay: each line once, what is missing is said, nothing changes where it is off."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from conftest import RedisServer
from dms_live import security_log
from dms_live.models import RelayState, SecurityAnchor, SecurityEntry
from dms_live.relay import run_round

pytestmark = pytest.mark.django_db(transaction=True)
STREAM = "dms:security"


def line(seq: int, process: str = "live-1:7:ab", **fields: Any) -> str:
    said = {
        "channel": "security",
        "at": timezone.now().isoformat(),
        "process": process,
        "seq": seq,
        "event": "log.opened",
    }
    return json.dumps({**said, **fields, "hash": f"{seq:064}"}, ensure_ascii=False)


def add(live: RedisServer, *lines: str, name: str = "line") -> None:
    for text in lines:
        live.client.xadd(STREAM, {name: text})


def switched_on(days: int = 365) -> override_settings:
    return override_settings(DMS_LIVE={**settings.DMS_LIVE, "SECURITY_LOG": True, "SECURITY_LOG_DAYS": days})


def keep(days: int = 365) -> None:
    with switched_on(days):
        security_log._pace = security_log._Pace()
        assert run_round().next_due <= 2


def kept() -> list[int | None]:
    return list(SecurityEntry.objects.order_by("id").values_list("seq", flat=True))


def test_each_line_is_kept_once_as_it_was_written(live: RedisServer) -> None:
    said = line(1, user="17", unit="5", address="10.1.2.3", event="session.opened", role="Büro\u2028")
    add(live, said, said, line(2))
    keep()
    row = SecurityEntry.objects.earliest("seq")
    assert (row.line, row.user, row.unit, row.address, row.event) == (said, "17", "5", "10.1.2.3", "session.opened")
    add(live, line(3), line(1, process="live-2:8:cd"), line(2))
    keep()
    keep()
    assert kept() == [1, 2, 3, 1]
    assert RelayState.objects.get().security_position == live.client.xrevrange(STREAM, count=1)[0][0]


def test_many_lines_are_read_in_batches(live: RedisServer) -> None:
    with live.client.pipeline() as pipeline:
        for seq in range(1, 1102):
            pipeline.xadd(STREAM, {"line": line(seq)})
        pipeline.execute()
    keep()
    assert kept() == list(range(1, 1102))


def test_a_stream_that_was_trimmed_or_lost_before_it_was_read_leaves_a_gap(live: RedisServer) -> None:
    add(live, line(1), line(2))
    keep()
    add(live, *(line(seq) for seq in range(3, 8)))
    live.client.xtrim(STREAM, maxlen=2, approximate=False)
    keep()
    assert kept() == [1, 2, None, 6, 7]
    gap = SecurityEntry.objects.get(event="gap")
    said = json.loads(gap.line)
    assert (said["reason"], said["before"]) == ("trimmed", live.client.xrange(STREAM)[0][0])
    live.client.delete(STREAM)
    keep()
    keep()
    assert SecurityEntry.objects.filter(event="gap").count() == 2
    live.client.xadd(STREAM, {"line": line(8)}, id="5-1")  # another Redis, whose clock is late
    keep()
    assert kept()[-1] == 8


def test_two_lines_of_one_number_and_what_is_no_line_are_kept_too(live: RedisServer) -> None:
    forged = line(1).replace("0" * 63 + "1", "f" * 64)
    strange = ("nonsense", "[]", line(2).replace('"seq": 2', '"seq": "x"'), "\0" + line(3)[:40])
    add(live, line(1), forged, *strange)
    add(live, "nonsense", name="anchor")
    keep()
    assert kept() == [1, 1, None, None, None, None, None]
    assert SecurityEntry.objects.filter(event="unreadable").count() == 5


def test_no_line_keeps_those_after_it_from_being_kept(live: RedisServer) -> None:
    half = json.dumps({"at": "2026-11-26T09:00:00Z", "process": "p\ud800", "seq": 1, "event": "x", "user": "\ud83d"})
    early, late = line(2, at="0001-01-01T00:00:00+14:00"), line(3, at="9999-12-31T23:59:59Z")
    unset = line(5, at="1970-01-01T00:00:09Z")
    add(live, half, early, late, unset, "[" * 200_000, line(4))
    add(live, half, early, "[" * 200_000, name="anchor")
    keep()
    assert SecurityEntry.objects.get(seq=1).user == "?"
    assert list(SecurityEntry.objects.exclude(event="unreadable").values_list("seq", flat=True).order_by("seq")) == [
        1,
        4,
    ]
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="pw"))
    assert SecurityEntry.objects.get(event="unreadable", line=unset).at.year > 2000
    with switched_on(), override_settings(TIME_ZONE="Asia/Kolkata"):
        assert client.get(reverse("admin:dms_live_securityentry_changelist")).status_code == 200
        for row in SecurityEntry.objects.all():
            assert client.get(reverse("admin:dms_live_securityentry_change", args=[row.pk])).status_code == 200


def test_old_lines_and_anchors_are_deleted(live: RedisServer) -> None:
    old = (timezone.now() - timedelta(days=8)).isoformat()
    add(live, line(1, at=old), line(2))
    add(live, line(1, at=old), line(2), name="anchor")
    keep(days=7)
    assert kept() == [2]
    assert SecurityAnchor.objects.get().seq == 2


def test_anchors_are_exported_with_the_newest_line_of_each_process(live: RedisServer) -> None:
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    add(live, line(1, at=yesterday), line(5), name="anchor")
    add(live, line(5), line(6), line(3, process="live-2:8:cd"))
    keep()
    output = StringIO()
    call_command("live_anchors", stdout=output)
    exported = [json.loads(text) for text in output.getvalue().splitlines()]
    assert [(one["process"], one["seq"]) for one in exported] == [
        ("live-1:7:ab", 1), ("live-1:7:ab", 5), ("live-1:7:ab", 6), ("live-2:8:cd", 3),
    ]  # fmt: skip
    assert exported[2]["hash"] == f"{6:064}"
    output = StringIO()
    call_command(
        "live_anchors", "--since", timezone.localdate().isoformat(), "--until", "2999-01-01T00:00:00Z", stdout=output
    )
    assert len(output.getvalue().splitlines()) == 3


def test_redis_that_refuses_it_keeps_no_event_from_being_sent(
    live: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    live.client.set(STREAM, "no stream")
    with switched_on():
        for _ in range(2):
            security_log._pace.looked = -security_log._LOOKS_EVERY
            assert run_round().away is None
    assert [record.message for record in caplog.records].count("dms_live: the security log cannot be kept") == 1


def test_where_it_is_off_nothing_is_read_and_nothing_is_shown(live: RedisServer) -> None:
    add(live, line(1))
    run_round()
    assert kept() == []
    assert RelayState.objects.get().security_position is None
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="pw"))
    assert b"security" not in client.get(reverse("admin:index")).content.lower()
    assert client.get(reverse("admin:dms_live_securityentry_changelist")).status_code == 403


def test_the_admin_finds_lines_and_changes_none(live: RedisServer) -> None:
    add(
        live, line(1, user="17", unit="5", event="session.opened"), line(2, user="23", unit="7", event="origin.refused")
    )
    add(live, line(2), name="anchor")
    keep()
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="pw"))
    page = reverse("admin:dms_live_securityentry_changelist")
    row = SecurityEntry.objects.get(user="17")
    with switched_on():
        for query in ({"q": "17"}, {"q": "5"}, {"event": "session.opened"}):
            content = client.get(page, query).content
            assert (b"session.opened</t" in content, b">23<" in content) == (True, False)
        assert f"{2:064}".encode() in client.get(reverse("admin:dms_live_securityanchor_changelist")).content
        shown = client.get(reverse("admin:dms_live_securityentry_change", args=[row.pk]))
        assert b"&quot;seq&quot;: 1" in shown.content
        assert b'<input type="submit"' not in shown.content
        assert client.get(reverse("admin:dms_live_securityentry_add")).status_code == 403
        assert (
            client.post(reverse("admin:dms_live_securityentry_change", args=[row.pk]), {"user": "1"}).status_code == 403
        )
        assert (
            client.post(reverse("admin:dms_live_securityentry_delete", args=[row.pk]), {"post": "yes"}).status_code
            == 403
        )
