"""Background reports. A task carries an id, nothing more."""

from __future__ import annotations

from portal.frame.jobs import job
from scoring.reports import pdf


@job("documents")
def make_report(report_id: int) -> None:
    """Make one report and store it."""
    pdf.make(report_id)
