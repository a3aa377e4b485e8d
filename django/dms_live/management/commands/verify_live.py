"""Names what changed in the database and was never published, for a nightly job."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from dms_live.redis_client import RedisAway, Refused
from dms_live.verify.findings import Outcome
from dms_live.verify.run import KINDS_TO_VERIFY, run
from dms_live.verify.wishes import Found, Wishes

NOTHING_FOUND, FOUND, COULD_NOT_LOOK = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Compares what topics have published last of each entity with the database, and names what nobody published. Exit code: "
        "0 nothing is left to be published, 1 something is, 2 Redis or the database could not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", action="append", choices=KINDS_TO_VERIFY, help="only this kind; may be repeated")
        parser.add_argument("--repair", action="store_true", help="publish what nobody published")
        parser.add_argument(
            "--quick", action="store_true", help="look only at entities with an event in the logs, and remember nothing"
        )
        parser.add_argument(
            "--limit", type=int, default=1000, metavar="COUNT", help="end after this number of faults (1000; 0: never)"
        )
        parser.add_argument(
            "--max-wait", type=float, default=60, metavar="SECONDS", help="how long an event may wait to be sent (60)"
        )
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        wishes = Wishes(
            tuple(options["kind"] or ()),
            options["quick"],
            options["repair"],
            options["limit"],
            timedelta(seconds=options["max_wait"]),
        )
        found: list[Found] = []

        def show(one: Found) -> None:
            found.append(one)
            if not options["json"]:
                self.stdout.write(f"{'repaired' if one.is_repaired else 'FOUND':<9}{one.finding}")

        try:
            outcomes = run(wishes, show)
        except (RedisAway, Refused, DatabaseError) as error:
            name = type(error).__name__ if isinstance(error, DatabaseError) else str(error)
            self.stderr.write(f"verify_live could not look: {name}")
            sys.exit(COULD_NOT_LOOK)
        if options["json"]:
            shown = [{**one.finding.as_dict(), "repaired": one.is_repaired} for one in found]
            self.stdout.write(json.dumps({"found": shown, "kinds": [vars(each) for each in outcomes]}, indent=2))
        else:
            self.stdout.write("\n".join(line for outcome in outcomes for line in _text(outcome)))
        if any(not one.is_repaired for one in found):
            sys.exit(FOUND)


def _text(outcome: Outcome) -> Iterator[str]:
    parts = [f"{outcome.rows} rows", f"{outcome.found} found"]
    parts += [f"{outcome.repaired} repaired"] if outcome.repaired else []
    parts += [f"{outcome.waiting} with an event that waits"] if outcome.waiting else []
    parts += [f"{outcome.moving} kept changing"] if outcome.moving else []
    parts += [f"{outcome.unfit} that cannot be published"] if outcome.unfit else []
    yield f"{outcome.kind:<9}{', '.join(parts)}"
    if outcome.unknown:
        logs = f"the logs reach back to {outcome.begins}" if outcome.begins else "the logs are empty"
        since = "there was no run before. The next run can compare them"
        if outcome.since is not None:
            since = f"the last run was at {outcome.since}. Run it more often, or raise KEEP_SENT_SECONDS"
        yield f"{'':<9}{outcome.unknown} could not be compared: {logs}, {since}"
    if outcome.holes:
        yield f"{'':<9}{outcome.holes} events are missing within the logs"
    if outcome.left_out:
        yield f"{'':<9}not compared, since it is computed or of other tables: {', '.join(outcome.left_out)}"
    if not outcome.is_complete:
        yield f"{'':<9}ended early (--limit)"
