"""Sends what the DMS has committed, and the key figures, until it is stopped."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dms_live.relay import run_round
from dms_live.sender import Pauses, run_round_safely


class Command(BaseCommand):
    help = "Sends live events from the outbox to Redis until SIGTERM or Ctrl-C. Several at once do no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what waits now, then end")
        parser.add_argument(
            "--interval", type=float, default=0.25, metavar="SECONDS", help="how often to look for new events (0.25)"
        )

    def handle(self, *args: Any, once: bool, interval: float, **options: Any) -> None:
        if once:
            outcome = run_round()
            self.stdout.write(f"{outcome.sent} sent" + (f"; Redis is away ({outcome.away})" if outcome.away else ""))
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write("Relaying live events.")
        self.stdout.flush()
        pauses = Pauses()
        while not stopping.is_set():
            pause = run_round_safely(pauses, stopping.is_set)
            stopping.wait(pause if pauses.is_away else min(pause, interval))
        self.stdout.write("Stopped.")
