"""Periodic work on proposals."""

from __future__ import annotations

from portal.frame.jobs import enqueue_on_commit, job
from portal.kit import clock
from rfp.amending import letters
from rfp.amending import queries as amending_queries
from rfp.asking import actions as asking_actions
from rfp.asking import queries as asking_queries
from rfp.compliance import queries, tasks
from rfp.curing import letters as curing_letters
from rfp.drafting import boms
from rfp.rules import RULEBOOK

SWEEP_LIMIT = 500


@job("assess")
def sweep_unassessed() -> None:
    """Enqueue what was received or opened while the broker was down, or whose message was lost."""
    waiting = queries.unassessed_revisions(RULEBOOK.version).order_by("received_at")
    for pk in waiting.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(tasks.assess_revision, pk)
    unscreened = queries.opened_revisions().filter(makers_screened=None).order_by("received_at")
    for pk in unscreened.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        enqueue_on_commit(tasks.screen_makers, pk)


@job("assess")
def sweep_incomplete() -> None:
    """Assess again what closed with answers that nobody reconfirmed, so that a person decides about them."""
    for pk in amending_queries.incomplete_at_close(now=clock.wall_time())[:SWEEP_LIMIT]:
        enqueue_on_commit(tasks.assess_revision, pk)


@job("bulk")
def remind_to_reconfirm() -> None:
    """Write to suppliers whose answers still wait, 48 hours and 4 hours before their window closes."""
    letters.remind_due(at=clock.wall_time())


@job("letters")
def remind_to_answer() -> None:
    """Write to suppliers who have less than four hours left to answer what was asked after the close."""
    curing_letters.remind_due(at=clock.wall_time())


@job("bulk")
def remove_old_boms() -> None:
    """Remove bills of materials that were sent and not used within a day."""
    boms.remove_old(at=clock.wall_time())


@job("letters")
def tell_new_answers() -> None:
    """Send the day's letter about new answers for every RFP that has some."""
    now = clock.wall_time()
    for solicitation in asking_queries.due_to_be_told(now):
        asking_actions.tell(solicitation, at=now)


SCHEDULE = {
    "remove-old-boms": {"task": "rfp.schedule.remove_old_boms", "schedule": 3600.0},
    "remind-to-answer": {"task": "rfp.schedule.remind_to_answer", "schedule": 300.0},
    "remind-to-reconfirm": {"task": "rfp.schedule.remind_to_reconfirm", "schedule": 300.0},
    "sweep-incomplete": {"task": "rfp.schedule.sweep_incomplete", "schedule": 60.0},
    "sweep-unassessed": {"task": "rfp.schedule.sweep_unassessed", "schedule": 60.0},
    "tell-new-answers": {"task": "rfp.schedule.tell_new_answers", "schedule": 300.0},
    "send-notices": {"task": "portal.letters.tasks.send_notices", "schedule": 30.0},
}
