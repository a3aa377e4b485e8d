"""For Celery beat instead of the relay: see README, operations."""

from __future__ import annotations

from celery import shared_task

from dms_live.relay import run_round


@shared_task(name="dms_live.tasks.relay", ignore_result=True)
def relay() -> None:
    """Sends what waits, counts key figures, deletes old rows. Redis being away is no failure: the next run sends."""
    run_round()
