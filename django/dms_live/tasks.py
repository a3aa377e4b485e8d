"""The Celery task that replaces the relay: see README, operations."""

from __future__ import annotations

from celery import shared_task

from dms_live.relay import run_round


@shared_task(name="dms_live.tasks.relay", ignore_result=True)
def relay() -> None:
    """Sends waiting events, counts key figures, deletes old rows. If Redis is away, the next run sends; that is no failure."""
    run_round()
