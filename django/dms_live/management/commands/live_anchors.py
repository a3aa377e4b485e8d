"""Writes the anchors of dms-live's security log, for ``dms-live record verify --anchors``."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Max
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from dms_live.models import SecurityAnchor, SecurityEntry


class Command(BaseCommand):
    help = (
        "Writes the anchors of dms-live's security log as JSON lines, and the newest line of each process that is kept here. "
        "dms-live record verify --anchors compares files with them."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_moment, metavar="TIME", help="from a day or an instant on (ISO 8601)")
        parser.add_argument("--until", type=_moment, metavar="TIME", help="before a day or an instant")

    def handle(self, *args: Any, since: datetime | None, until: datetime | None, **options: Any) -> None:
        period: dict[str, Any] = {
            **({"at__gte": since} if since is not None else {}),
            **({"at__lt": until} if until is not None else {}),
        }
        for process, seq, digest, at in _anchors(period):
            self.stdout.write(json.dumps({"process": process, "seq": seq, "hash": digest, "at": at.isoformat()}))


def _anchors(period: dict[str, Any]) -> Iterator[tuple[str, int, str, datetime]]:
    columns = ("process", "seq", "hash", "at")
    yield from SecurityAnchor.objects.filter(**period).order_by("id").values_list(*columns).iterator()
    kept = SecurityEntry.objects.filter(seq__isnull=False, **period)
    for process, seq in kept.order_by("process").values_list("process").annotate(newest=Max("seq")):
        yield from SecurityEntry.objects.filter(process=process, seq=seq).values_list(*columns)


def _moment(written: str) -> datetime:
    try:
        day = parse_date(written)
        at = parse_datetime(written) if day is None else datetime(day.year, day.month, day.day)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if at is None:
        raise ArgumentTypeError(f"{written!r} is no day and no instant, such as 2026-11-26 or 2026-11-26T09:00:00Z")
    if settings.USE_TZ:
        return at if at.tzinfo is not None else timezone.make_aware(at)
    return timezone.make_naive(at) if at.tzinfo is not None else at
