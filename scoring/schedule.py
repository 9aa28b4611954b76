"""Periodic work on scores."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.frame.jobs import enqueue_on_commit, job
from portal.kit import clock
from scoring.board import actions as board_actions
from scoring.board import notices as board_notices
from scoring.board import tasks as board_tasks
from scoring.comparing import queries as comparing
from scoring.comparing import tasks as comparing_tasks
from scoring.duties import queries as duties
from scoring.moderation import agreement
from scoring.moderation import tasks as moderation_tasks
from scoring.outcomes import scheduled_actions
from scoring.ranking import queries as ranking_queries
from scoring.ranking import tasks as ranking_tasks
from scoring.reports import queries as reports_queries
from scoring.reports import tasks as reports_tasks

SWEEP_LIMIT = 500


def waiting(now: datetime) -> list[tuple[QuerySet[Any], str, Any]]:
    """All work on scores that waits: its rows, which of their columns names it, and the task that does it."""
    return [
        (ranking_queries.unscored_revisions(), "pk", ranking_tasks.score_revision),
        (ranking_queries.stale_rankings(), "window_id", ranking_tasks.rank_window),
        (ranking_queries.unmeasured_rankings(), "window_id", ranking_tasks.measure_stability),
        (reports_queries.waiting_reports(now), "pk", reports_tasks.make_report),
        (agreement.unmeasured(), "window_id", moderation_tasks.measure_agreement),
        (comparing.waiting_portfolios(now), "pk", comparing_tasks.compute_portfolio),
        (duties.unplanned_runs(), "pk", board_tasks.plan_assignment),
    ]


@job("assess")
def sweep_unscored() -> None:
    """Enqueue the work whose message was lost."""
    for rows, column, task in waiting(clock.wall_time()):
        for pk in rows.values_list(column, flat=True)[:SWEEP_LIMIT]:
            enqueue_on_commit(task, pk)


@job("letters")
def remind_reviewers() -> None:
    """Remind reviewers whose marks are due soon or late, and give back work whose time with a deputy is over."""
    now = clock.wall_time()
    for handover in duties.handovers_over(now):
        board_actions.take_back(handover, by=None, at=now)
    board_notices.remind_everyone(now)


@job("letters")
def send_scheduled_letters() -> None:
    """Send letters of decisions whose moment has come."""
    scheduled_actions.send_due(clock.wall_time())


SCHEDULE = {
    "sweep-unscored": {"task": "scoring.schedule.sweep_unscored", "schedule": 60.0},
    "send-scheduled-letters": {"task": "scoring.schedule.send_scheduled_letters", "schedule": 30.0},
    "remind-reviewers": {"task": "scoring.schedule.remind_reviewers", "schedule": 1800.0},
}
