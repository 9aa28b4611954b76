"""Periodic work on scores."""

from __future__ import annotations

from portal import clock
from portal.jobs import enqueue_on_commit, job
from scoring import queries, tasks

SWEEP_LIMIT = 500


@job("assess")
def sweep_unscored() -> None:
    """Enqueue scores, rankings and reports whose message was lost."""
    for pk in queries.unscored_revisions().values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(tasks.score_revision, pk)
    for pk in queries.stale_rankings().values_list("window_id", flat=True):
        enqueue_on_commit(tasks.rank_window, pk)
    for pk in queries.waiting_reports(clock.wall_time()).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(tasks.make_report, pk)


SCHEDULE = {"sweep-unscored": {"task": "scoring.schedule.sweep_unscored", "schedule": 60.0}}
