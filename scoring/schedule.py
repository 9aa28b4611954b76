"""Periodic work on scores."""

from __future__ import annotations

from portal.frame.jobs import enqueue_on_commit, job
from portal.kit import clock
from scoring.board import actions as board_actions
from scoring.board import notices as board_notices
from scoring.board import tasks as board_tasks
from scoring.duties import queries as duties
from scoring.moderation import agreement
from scoring.moderation import tasks as moderation_tasks
from scoring.ranking import queries as ranking_queries
from scoring.ranking import tasks as ranking_tasks
from scoring.reports import queries as reports_queries
from scoring.reports import tasks as reports_tasks

SWEEP_LIMIT = 500


@job("assess")
def sweep_unscored() -> None:
    """Enqueue scores, rankings, stabilities, reports and assignments whose message was lost."""
    for pk in ranking_queries.unscored_revisions().values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(ranking_tasks.score_revision, pk)
    for pk in ranking_queries.stale_rankings().values_list("window_id", flat=True):
        enqueue_on_commit(ranking_tasks.rank_window, pk)
    for pk in ranking_queries.unmeasured_rankings().values_list("window_id", flat=True):
        enqueue_on_commit(ranking_tasks.measure_stability, pk)
    for pk in reports_queries.waiting_reports(clock.wall_time()).values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(reports_tasks.make_report, pk)
    for pk in agreement.unmeasured().values_list("window_id", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(moderation_tasks.measure_agreement, pk)
    for pk in duties.unplanned_runs().values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(board_tasks.plan_assignment, pk)


@job("letters")
def remind_reviewers() -> None:
    """Remind reviewers whose marks are due soon or late, and give back work whose time with a deputy is over."""
    now = clock.wall_time()
    for handover in duties.handovers_over(now):
        board_actions.take_back(handover, by=None, at=now)
    board_notices.remind_everyone(now)


SCHEDULE = {
    "sweep-unscored": {"task": "scoring.schedule.sweep_unscored", "schedule": 60.0},
    "remind-reviewers": {"task": "scoring.schedule.remind_reviewers", "schedule": 1800.0},
}
