"""Periodic work on proposals."""

from __future__ import annotations

from celery import shared_task

from portal.jobs import enqueue_on_commit
from rfp import queries, tasks
from rfp.rules import RULEBOOK

SWEEP_LIMIT = 500


@shared_task
def sweep_unassessed() -> None:
    """Enqueue what was received or opened while the broker was down, or whose message was lost."""
    waiting = queries.unassessed_revisions(RULEBOOK.version).order_by("received_at")
    for pk in waiting.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(tasks.assess_revision, pk)
    unscreened = queries.opened_revisions().filter(makers_screened=None).order_by("received_at")
    for pk in unscreened.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(tasks.screen_makers, pk)


SCHEDULE = {
    "sweep-unassessed": {"task": "rfp.schedule.sweep_unassessed", "schedule": 60.0},
    "send-notices": {"task": "portal.tasks.send_notices", "schedule": 30.0},
}
