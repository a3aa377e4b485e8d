"""Shows how the delivery of events is, for people, for scripts and for Prometheus."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dms_live.conf import conf
from dms_live.status import Status, read_status

DELIVERING, NOT_DELIVERING, TO_BE_LOOKED_AT = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Shows what waits, what failed, and whether Redis answers. Exit code: 0 all is well, 1 events are not delivered, "
        "2 they are, and something should be looked at (failed events, settings that differ from dms-live's)."
    )
    requires_system_checks = ()  # a probe runs it often

    def add_arguments(self, parser: CommandParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="as JSON")
        form.add_argument("--prometheus", action="store_true", help="as metrics, for a textfile collector")
        parser.add_argument(
            "--max-wait", type=float, default=60, metavar="SECONDS", help="how long an event may wait (60)"
        )

    def handle(self, *args: Any, max_wait: float, **options: Any) -> None:
        status = read_status()
        if options["json"]:
            lines = iter([json.dumps(status.as_dict(max_wait), indent=2)])
        else:
            lines = _metrics(status) if options["prometheus"] else _text(status, max_wait)
        self.stdout.write("\n".join(lines))
        code = NOT_DELIVERING if status.problems(max_wait) else TO_BE_LOOKED_AT if status.remarks() else DELIVERING
        if code != DELIVERING:
            sys.exit(code)


def _text(status: Status, max_wait: float) -> Iterator[str]:
    rows = {
        "pending": f"{status.pending}" + _ago(status.oldest_pending, ", the oldest for {}"),
        "failed": f"{status.failed}",
        "sent in the last minute": f"{status.sent_per_minute}",
        "last round of a sender": _ago(status.last_round, "{} ago") or "never",
        "never published": "unknown: verify_live never ran"
        if status.unpublished is None
        else f"{status.unpublished}" + _ago(status.verified, ", as verify_live saw {} ago"),
        "Redis": status.redis + _ago(status.redis_answered_in, ", answers in {}"),
        "dms-live": "has noted its settings" if status.is_server_known else "unknown",
    }
    yield from (f"{name:<24} {value}" for name, value in rows.items())
    yield from (f"PROBLEM: {problem}" for problem in status.problems(max_wait))
    yield from (f"Look at: {remark}" for remark in status.remarks())


def _ago(seconds: float | None, text: str) -> str:
    return "" if seconds is None else text.format(f"{seconds:.3f} s" if seconds < 1 else f"{seconds:.0f} s")


def _metrics(status: Status) -> Iterator[str]:
    figures = {
        "outbox_pending": ("Events that wait to be sent.", status.pending),
        "outbox_oldest_pending_seconds": ("How long the oldest of them has waited.", status.oldest_pending or 0),
        "outbox_failed": ("Events that were given up.", status.failed),
        "outbox_sent_last_minute": ("Events sent in the last minute.", status.sent_per_minute),
        "relay_needed": ("Whether only the relay sends (SENDER).", int(conf().sender == "relay")),
        "relay_last_round_seconds": ("How long ago a sender had its last round.", status.last_round),
        "unpublished": ("Changes that verify_live found and did not publish.", status.unpublished),
        "verified_seconds": ("How long ago verify_live ended.", status.verified),
        "redis_up": ("Whether Redis answers.", int(status.redis == "up")),
        "settings_differ": ("How many settings differ from dms-live's.", len(status.differences)),
    }
    for name, (text, value) in figures.items():
        if value is not None:
            yield f"# HELP dms_live_django_{name} {text}"
            yield f"# TYPE dms_live_django_{name} gauge"
            yield f"dms_live_django_{name} {value}"
