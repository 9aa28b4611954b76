"""Reports as PDFs, made by a worker from the same content as the pages, for the eyes of who asked."""

from __future__ import annotations

import io
import json
import logging
import os
import uuid
from hashlib import sha256

import pikepdf
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction

from portal.files.pdf import PdfError, render_pdf
from portal.kit import clock
from portal.models import Document
from scoring.outcomes import queries as outcomes_queries
from scoring.panel import names, queries
from scoring.reports import summaries
from scoring.reports.models import Report

log = logging.getLogger(__name__)

DOCUMENTS = uuid.UUID("6f1d6a0e-3c0b-4d7e-9d59-0a4d1f1c7b52")
TEMPLATES = {
    Report.Kind.SUMMARY: "pdf/proposal_summary.html",
    Report.Kind.SHORTLIST: "pdf/shortlist_report.html",
    Report.Kind.DEBRIEF: "pdf/debrief.html",
    Report.Kind.MINUTES: "pdf/minutes.html",
}


class NotReadable(Exception):
    """Who asked for the report may not read what it would hold."""


def make(report_id: int) -> None:
    """Make one report. One that is there already is left alone; one that cannot be made says why."""
    report = _begin(report_id)
    if report is None:
        return
    try:
        written = _render(report)
    except (NotReadable, PdfError) as error:
        _fail(report, str(error))
    except DatabaseError:
        raise
    except Exception as error:
        # The exception's text may hold sealed figures: only its kind is logged.
        log.error("report %s was not made: %s", report.pk, type(error).__name__)
        _fail(report, "We couldn’t create the report. Request it again. If it fails again, contact an admin.")
    else:
        _keep(report, written)


def _begin(report_id: int) -> Report | None:
    report = (
        Report.objects.select_related("requested_by", "window__solicitation", "proposal", "minutes__lot")
        .exclude(state=Report.State.DONE)
        .filter(pk=report_id)
        .first()
    )
    if report is not None:
        report.state, report.worker_pid, report.error = Report.State.RUNNING, os.getpid(), ""
        report.save(update_fields=["state", "worker_pid", "error"])
    return report


def _render(report: Report) -> bytes:
    kind = Report.Kind(report.kind)
    summary = MAKERS[kind](report)
    hidden = None
    if kind is not Report.Kind.DEBRIEF:
        hidden = names.withheld_from(report.requested_by, report.window)
    data = json.loads(summary.data) if hidden and isinstance(summary.data, bytes) else summary.data
    return render_pdf(
        TEMPLATES[kind],
        {**summary.context, "title": summary.context.get("title") or title_of(report)},
        data=hidden.data(data) if hidden else data,
        made_at=clock.wall_time(),
        edit=hidden.html if hidden else str,
    )


def _summary(report: Report) -> summaries.Summary:
    proposal = queries.proposal_to_read(report.requested_by).filter(reports=report).first()
    if proposal is None:
        raise NotReadable("You no longer have access to this proposal.")
    return summaries.summary_of(proposal, report.requested_by)


def _shortlist(report: Report) -> summaries.Summary:
    try:
        return summaries.shortlist_of(report.window, report.requested_by)
    except LookupError as error:
        raise NotReadable(str(error)) from error


def _debrief(report: Report) -> summaries.Summary:
    letters = outcomes_queries.letters_of_supplier(report.requested_by).filter(proposal=report.proposal_id)
    letter = outcomes_queries.whole(letters).order_by("id").last()
    if letter is None:
        raise NotReadable("You no longer have access to this proposal.")
    return summaries.debrief_of(letter)


def _minutes(report: Report) -> summaries.Summary:
    assert report.minutes is not None, "the database holds it to that"
    if not summaries.may_read_minutes(report.minutes, report.requested_by):
        raise NotReadable("You no longer have access to these minutes.")
    return summaries.minutes_of(report.minutes, report.requested_by)


MAKERS = {
    Report.Kind.SUMMARY: _summary,
    Report.Kind.SHORTLIST: _shortlist,
    Report.Kind.DEBRIEF: _debrief,
    Report.Kind.MINUTES: _minutes,
}


def title_of(report: Report) -> str:
    """What the document is called."""
    if report.minutes is not None:
        return f"Minutes {report.minutes.number} lot {report.minutes.lot.code} window {report.window.number}"
    about = report.proposal.number if report.proposal else f"window {report.window.number}"
    return f"{report.get_kind_display()} {about}"


def _keep(report: Report, written: bytes) -> None:
    """Store the file and the report's end together. A second worker on the same report finds it done."""
    with transaction.atomic():
        locked = Report.objects.select_for_update().get(pk=report.pk)
        if locked.state == Report.State.DONE:
            return
        document = _document(report, written)
        locked.state, locked.document, locked.finished_at = Report.State.DONE, document, clock.wall_time()
        locked.worker_pid = os.getpid()
        locked.save(update_fields=["state", "document", "finished_at", "worker_pid"])


def _document(report: Report, written: bytes) -> Document:
    """The file under an id that follows from the report, so that what a killed worker left is written over."""
    with pikepdf.open(io.BytesIO(written)) as pdf:
        pages = len(pdf.pages)
    document = Document(
        id=uuid.uuid5(DOCUMENTS, f"report {report.pk}"),
        name=f"{title_of(report)}.pdf",
        extension="pdf",
        sniffed="pdf",
        content_type="application/pdf",
        size=len(written),
        sha256=sha256(written).hexdigest(),
        opens=True,
        pages=pages,
        uploaded_by=report.requested_by,
        uploaded_at=clock.wall_time(),
    )
    file = document.file
    file.storage.delete(file.field.generate_filename(document, document.name))
    file.save(document.name, ContentFile(written), save=False)
    document.save(force_insert=True)
    return document


def _fail(report: Report, why: str) -> None:
    Report.objects.filter(pk=report.pk).exclude(state=Report.State.DONE).update(
        state=Report.State.FAILED, error=why[:300], finished_at=clock.wall_time()
    )
