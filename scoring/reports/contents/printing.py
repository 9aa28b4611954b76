"""A report's content as a PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from portal.files.pdf import render_pdf
from portal.kit import clock
from scoring.panel import names
from scoring.reports.models import Report

TEMPLATES = {
    Report.Kind.SUMMARY: "pdf/proposal_summary.html",
    Report.Kind.SHORTLIST: "pdf/shortlist_report.html",
    Report.Kind.DEBRIEF: "pdf/debrief.html",
    Report.Kind.COMPARISON: "pdf/comparison.html",
    Report.Kind.EVALUATION: "pdf/evaluation_report.html",
    Report.Kind.MINUTES: "pdf/minutes.html",
}


def title_of(kind: Report.Kind, about: str) -> str:
    """What the document is called: "Shortlist report window 1"."""
    return f"{kind.label} {about}"


def printed(
    kind: Report.Kind,
    context: Mapping[str, Any],
    data: Any,
    *,
    about: str,
    hidden: names.Withheld | None = None,
) -> bytes:
    """The PDF of this kind of report with its data attached. A title in the context comes first. Raises PdfError.

    `hidden`: the names that its reader may not know; they leave the pages and the data.
    """
    title = context.get("title") or title_of(kind, about)
    if hidden is not None:
        data = hidden.data(json.loads(data) if isinstance(data, bytes) else data)
    return render_pdf(
        TEMPLATES[kind],
        {**context, "title": title},
        data=data,
        made_at=clock.wall_time(),
        edit=hidden.html if hidden else str,
    )
