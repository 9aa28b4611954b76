"""Background work on companies. A task carries an id, nothing more."""

from __future__ import annotations

from portal.frame.jobs import job
from suppliers.company import namesakes


@job("bulk")
def look_for_namesakes(supplier_id: int) -> None:
    """Ask the owners of companies that look like a new one."""
    namesakes.ask_owners(supplier_id)
