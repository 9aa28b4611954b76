"""Reports: asked for here, made by a worker."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portal.frame.jobs import enqueue_on_commit
from portal.models import User
from portal.record import audit
from rfp.models import Proposal, Window
from scoring.minutes.models import Minutes
from scoring.reports import tasks
from scoring.reports.models import Report


def request_summary(proposal: Proposal, *, by: User, at: datetime) -> Report:
    """Have the PDF summary of one proposal made by a worker."""
    assert proposal.window is not None, "a summary is made of a submitted proposal"
    return _request_report(Report.Kind.SUMMARY, proposal.window, proposal, by=by, at=at)


def request_debrief(proposal: Proposal, *, by: User, at: datetime) -> Report:
    """Have the PDF of a released debrief made by a worker, for the supplier."""
    assert proposal.window is not None, "it was decided"
    return _request_report(Report.Kind.DEBRIEF, proposal.window, proposal, by=by, at=at)


def request_shortlist_report(window: Window, *, by: User, at: datetime) -> Report:
    """Have the PDF report of a window's ranking made by a worker."""
    return _request_report(Report.Kind.SHORTLIST, window, None, by=by, at=at)


def request_minutes(minutes: Minutes, *, by: User, at: datetime) -> Report:
    """Have the PDF of signed minutes made by a worker."""
    return _request_report(Report.Kind.MINUTES, minutes.window, None, by=by, at=at, minutes=minutes)


def _request_report(
    kind: Report.Kind,
    window: Window,
    proposal: Proposal | None,
    *,
    by: User,
    at: datetime,
    minutes: Minutes | None = None,
) -> Report:
    with transaction.atomic():
        report = Report.objects.create(
            kind=kind, window=window, proposal=proposal, minutes=minutes, requested_by=by, requested_at=at
        )
        enqueue_on_commit(tasks.make_report, report.pk)
        audit.record("report.requested", report, by=by, at=at, kind=str(kind))
        return report
