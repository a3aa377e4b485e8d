"""Colleagues who work at the REST API, each with an own token, as people with a browser do."""

import random
import signal
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from demo.colleague import Colleague, Refused
from demo.deeds import DEEDS
from demo.people import PEOPLE, UNITS


class Command(BaseCommand):
    help = "Has a few colleagues in each unit work at the DMS's REST API until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="where the DMS is, e.g. http://127.0.0.1:8000")
        parser.add_argument("--pause", type=float, default=4.0, help="seconds from one deed to the next")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        staff = {
            unit: {
                person.role: Colleague(options["url"], person.username) for person in PEOPLE if person.unit_id == unit
            }
            for unit in UNITS
        }
        self.stdout.write("Colleagues are at work.")
        try:
            while True:
                time.sleep(options["pause"])
                self._do_something(random.choice(list(staff.values())))
        except KeyboardInterrupt:
            self.stdout.write("They have gone home.")

    def _do_something(self, colleagues: dict[Any, Colleague]) -> None:
        deeds, weights = zip(*DEEDS, strict=True)
        try:
            random.choices(deeds, weights)[0](colleagues)
            if random.random() < 0.2:
                call_command("complete_requests", stdout=self.stdout)
        except Refused as refusal:
            self.stderr.write(str(refusal))  # somebody else was quicker
