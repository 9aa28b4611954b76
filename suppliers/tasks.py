"""Background work on suppliers. A task carries an id across, nothing more."""

from __future__ import annotations

from celery import shared_task

from suppliers import rescreening


@shared_task(acks_late=True, reject_on_worker_lost=True)
def rescreen(run_id: int) -> None:
    """Screen everybody again after a list changed; a run that was cut off goes on where it was."""
    rescreening.run(run_id)
