"""Periodic work on scores."""

from __future__ import annotations

from portal.frame.jobs import enqueue_on_commit, job
from portal.kit import clock
from scoring.comparing import queries as comparing_queries
from scoring.comparing import tasks as comparing_tasks
from scoring.ranking import queries as ranking_queries
from scoring.ranking import tasks as ranking_tasks
from scoring.reports import queries as reports_queries
from scoring.reports import tasks as reports_tasks

SWEEP_LIMIT = 500


@job("assess")
def sweep_unscored() -> None:
    """Enqueue scores, rankings, stabilities, portfolios and reports whose message was lost."""
    for pk in ranking_queries.unscored_revisions().values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(ranking_tasks.score_revision, pk)
    for pk in ranking_queries.stale_rankings().values_list("window_id", flat=True):
        enqueue_on_commit(ranking_tasks.rank_window, pk)
    for pk in ranking_queries.unmeasured_rankings().values_list("window_id", flat=True):
        enqueue_on_commit(ranking_tasks.measure_stability, pk)
    for pk in comparing_queries.waiting_portfolios(clock.wall_time()).values_list("pk", flat=True)[
        :SWEEP_LIMIT
    ]:
        enqueue_on_commit(comparing_tasks.compute_portfolio, pk)
    for pk in reports_queries.waiting_reports(clock.wall_time()).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(reports_tasks.make_report, pk)


SCHEDULE = {"sweep-unscored": {"task": "scoring.schedule.sweep_unscored", "schedule": 60.0}}
