"""Periodic work on suppliers: standings kept up to date, reminders sent."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from portal.frame.jobs import enqueue_on_commit, job
from portal.kit import clock
from suppliers.models import ListPreview, Qualification, RuleSettings, ScreeningRun
from suppliers.qualification import queries, reminders
from suppliers.qualification import tasks as qualification_tasks
from suppliers.screening import letters
from suppliers.screening import tasks as screening_tasks

SWEEP_LIMIT = 500
# How long a run or a preview may take before somebody looks whether its message was lost.
PATIENCE = timedelta(minutes=10)


@job("assess")
def sweep_standings() -> None:
    """Look at every standing once a day, and at those of which something changed while the broker was down."""
    today = clock.wall_time().date()
    waiting = Qualification.objects.filter(
        Q(checked_on=None)
        | Q(checked_on__lt=today)
        | Q(pk__in=queries.standings_to_look_at().values("pk"))
        | Q(pk__in=queries.standings_spoken_about().values("pk"))
    )
    rows = waiting.order_by("supplier").values_list("supplier", flat=True).distinct()
    for pk in rows[:SWEEP_LIMIT]:
        enqueue_on_commit(qualification_tasks.assess_supplier, pk)


@job("assess")
def sweep_screening() -> None:
    """Take up screening runs and previews whose message was lost. One that still works loses nothing by it."""
    before = clock.wall_time() - PATIENCE
    runs = ScreeningRun.objects.filter(finished_at=None, started_at__lt=before).order_by("-pk")
    for pk in runs.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(screening_tasks.rescreen, pk)
    counts = ListPreview.objects.filter(finished_at=None, started_at__lt=before).order_by("-pk")
    for pk in counts.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(qualification_tasks.preview_list, pk)
    previews = RuleSettings.objects.filter(
        previewed_at=None, preview_problem="", in_force_at=None, at__lt=before
    )
    for pk in previews.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(qualification_tasks.preview_settings, pk)


@job("letters")
def send_reminders() -> None:
    """Letters about what ends soon or has ended, about lists that grow old, and about alerts that wait."""
    now = clock.wall_time()
    reminders.send(at=now)
    letters.daily(at=now)


SCHEDULE = {
    "sweep-standings": {"task": "suppliers.schedule.sweep_standings", "schedule": 300.0},
    "sweep-screening": {"task": "suppliers.schedule.sweep_screening", "schedule": 300.0},
    "send-reminders": {"task": "suppliers.schedule.send_reminders", "schedule": 3600.0},
}
