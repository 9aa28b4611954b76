"""Reports as PDFs, made by a worker from the same context as the pages."""

from __future__ import annotations

import os

from portal import clock
from scoring.models import Report


def make(report_id: int) -> None:
    """Make one report. A report that is there already is left alone."""
    report = Report.objects.get(pk=report_id)
    if report.state == Report.State.DONE:
        return
    report.state, report.worker_pid = Report.State.RUNNING, os.getpid()
    report.save(update_fields=["state", "worker_pid"])
    report.finished_at = clock.wall_time()
