"""Background work on screening. A task carries an id, nothing more."""

from __future__ import annotations

from portal.frame.jobs import job
from suppliers.screening import rescreening


@job("bulk")
def rescreen(run_id: int) -> None:
    """Screen everybody again after a list changed; a run that was cut off goes on where it was."""
    rescreening.run(run_id)
