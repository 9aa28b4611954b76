"""Work the portal itself does in the background."""

from __future__ import annotations

from celery import shared_task

from portal import clock, notices


@shared_task
def send_notices() -> None:
    """Empty the outbox."""
    notices.send_waiting(at=clock.wall_time())
