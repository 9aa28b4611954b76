"""Background work on assignments. A task carries an id, nothing more."""

from __future__ import annotations

from portal.frame.jobs import job
from portal.kit import clock
from scoring.board import planning


@job("rank")
def plan_assignment(run_id: int) -> None:
    """Plan one automatic assignment. Nothing is assigned until a person applies it."""
    planning.make(run_id, at=clock.wall_time())
