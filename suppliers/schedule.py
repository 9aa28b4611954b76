"""Periodic work on suppliers: standings kept up to date, reminders sent."""

from __future__ import annotations

from celery import shared_task
from django.db.models import F, Q

from portal import clock
from portal.jobs import enqueue_on_commit
from suppliers import reminders, tasks
from suppliers.models import Qualification
from suppliers.rules import QUALIFICATION

SWEEP_LIMIT = 500


@shared_task
def sweep_standings() -> None:
    """Look at every standing once a day, and at those whose profile changed while the broker was down."""
    today = clock.wall_time().date()
    waiting = Qualification.objects.filter(
        Q(checked_on=None)
        | Q(checked_on__lt=today)
        | Q(checked_at__lt=F("supplier__changed_at"))
        | ~Q(latest__rulebook=QUALIFICATION.version)
    )
    rows = waiting.order_by("supplier").values_list("supplier", flat=True).distinct()
    for pk in rows[:SWEEP_LIMIT]:
        enqueue_on_commit(tasks.assess_supplier, pk)


@shared_task
def send_reminders() -> None:
    """Letters about what ends soon or has ended, and about lists that grow old."""
    reminders.send(at=clock.wall_time())


SCHEDULE = {
    "sweep-standings": {"task": "suppliers.schedule.sweep_standings", "schedule": 300.0},
    "send-reminders": {"task": "suppliers.schedule.send_reminders", "schedule": 3600.0},
}
