"""A bill of materials from a file: read, shown as it was understood, and put in place when the supplier says so."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal import clock, files
from portal.models import Document
from rfp import actions, bom
from rfp.forms.bom import BomUploadForm
from rfp.views.frame import draft_of, frame, own_proposal, person

MOST_SHOWN = 100
COLUMN_WORDS = {
    "line_no": "Line",
    "parent_line": "Part of line",
    "part": "Part",
    "qty": "Quantity",
    "make_or_buy": "Make or buy",
    "unit_acquisition_cost": "Unit cost",
    "line_cost": "Cost of the line",
    "inbound_freight": "Freight",
    "duty": "Duty",
    "materials": "Materials",
    "direct_labor": "Labor",
    "allocable_overhead": "Overhead",
    "profit": "Profit",
    "origin": "Origin",
    "us_manufactured": "Made in the U.S.",
    "is_iron_steel": "Iron or steel",
    "is_cots_fastener": "Standard fastener",
    "fe_estimated": "Iron estimated",
    "final_assembly": "Final assembly",
    "manufacturer": "Maker",
    "mpn": "Part number",
    "currency": "Currency",
    "level": "Level",
}
DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@login_required
@require_POST
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the file and show how it was read; the draft is not touched yet."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        messages.info(request, "This proposal is submitted. Revise it to change it.")
        return redirect("rfp:proposal_detail", pk=pk)
    form = BomUploadForm(request.POST, request.FILES)
    if not form.is_valid():
        context = frame(proposal, draft, key="bom", user=person(request), now=clock.wall_time())
        return render(request, "rfp/draft/bom_upload.html", {**context, "upload": form})
    document = files.store(form.cleaned_data["file"], by=person(request), at=clock.wall_time())
    return redirect("rfp:bom_preview", pk=pk, document=document.pk)


@login_required
def preview(request: HttpRequest, pk: UUID, document: UUID) -> HttpResponse:
    """How the file was read: columns, assumptions, every cell that could not be read. POST puts it in place."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        return redirect("rfp:proposal_detail", pk=pk)
    # A file that waits for its confirmation belongs to whoever sent it.
    sent = get_object_or_404(Document, pk=document, uploaded_by=person(request), extension__in=("csv", "txt"))
    with sent.file.open("rb") as file:
        reading = bom.read_bom(file.read())
    if request.method == "POST" and reading.lines:
        try:
            actions.replace_bom(
                proposal, reading.facts, name=sent.name, by=person(request), at=clock.wall_time()
            )
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("rfp:proposal_detail", pk=pk)
        messages.success(request, f"{len(reading.lines):,} lines of {sent.name} are in the draft.")
        return redirect("rfp:draft_section", pk=pk, key="bom")
    context = frame(proposal, draft, key="bom", user=person(request), now=clock.wall_time())
    context |= {
        "document": sent,
        "reading": reading,
        "columns": [(bom.MEANINGS[name], reading.columns.heading(name)) for name in reading.columns.places],
        "delimiter": DELIMITER_WORDS.get(reading.delimiter, reading.delimiter),
        "errors": reading.errors[:MOST_SHOWN],
        "more_errors": max(0, len(reading.errors) - MOST_SHOWN),
        "upload": BomUploadForm(),
        "lines_now": draft.bom_lines.count(),
    }
    return render(request, "rfp/draft/bom_preview.html", context)
