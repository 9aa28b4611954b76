"""A bill of materials from a file: sent, checked as it will count, and put in place when the supplier says so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.kit import clock, tables
from portal.kit.refused import Refused
from rfp.bom.reading import BomReading
from rfp.bom.sheet.table import NotATable
from rfp.drafting import bom_preview, boms
from rfp.drafting.forms import bom_choices
from rfp.drafting.forms.sections.bom import BomUploadForm
from rfp.drafting.models import BomUpload
from rfp.drafting.views.domestic import share_of
from rfp.drafting.views.frame import draft_of, frame, own_proposal, page_number, person
from rfp.proposals.models import Proposal, Revision
from rfp.publishing import queries

TEMPLATE = (
    ["Level", "Part number", "Name", "Manufacturer", "Manufacturer part number", "Quantity per assembly",
     "Unit cost USD", "Freight USD", "Duty USD", "Country of origin", "Made in the U.S.", "Make or buy"],
    [1, "A-100", "Example: power module", "Your company", "", 2, 210, 0, 0, "US", "yes", "buy"],
    [2, "A-110", "Example: transformer in the module", "Findlay Magnetics", "TX-4410", 1, 41, 0, 0, "US", "yes", "buy"],
    [1, "A-200", "Example: fan", "Minh Long Fan", "CF-080", 4, 45, 1.5, 0.9, "Vietnam", "no", "buy"],
)  # fmt: skip


@login_required
def template(request: HttpRequest) -> HttpResponse:
    """A workbook to fill in; its headings are read without a question."""
    person(request)
    return HttpResponse(
        tables.xlsx([list(row) for row in TEMPLATE], title="Bill of materials"),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": 'attachment; filename="bill-of-materials.xlsx"'},
    )


@login_required
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The domestic share of a long bill of materials, which its page asks for after it is shown."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        return redirect("rfp:proposal_detail", pk=pk)
    now = clock.wall_time()
    window = proposal.window or queries.open_window(proposal.lot.solicitation, now=now)
    domestic = share_of(draft, None, now=now, window=window)
    return render(request, "rfp/drafting/draft/bom/share.html", {"domestic": domestic, "proposal": proposal})


@login_required
@require_POST
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the file and show how it was read; the draft is not touched yet."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        messages.info(request, "This proposal has been submitted. Revise it to make changes.")
        return redirect("rfp:proposal_detail", pk=pk)
    form = BomUploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            sent = boms.keep(proposal, form.cleaned_data["file"], by=person(request), at=clock.wall_time())
            return redirect("rfp:bom_preview", pk=pk, document=sent.document_id)
        except NotATable as refusal:
            form.add_error("file", str(refusal))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("rfp:draft_section", pk=pk, key="bom")
    context = frame(proposal, draft, key="bom", user=person(request), now=clock.wall_time())
    return render(request, "rfp/drafting/draft/bom/upload.html", {**context, "upload": form})


@login_required
def preview(request: HttpRequest, pk: UUID, document: UUID) -> HttpResponse:
    """The lines as they will count, every doubt a question. POST changes an answer, or puts the lines in place."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        return redirect("rfp:proposal_detail", pk=pk)
    # A file that waits for its confirmation belongs to whoever sent it.
    sent = get_object_or_404(
        BomUpload.objects.select_related("document"),
        document=document,
        proposal=proposal,
        sent_by=person(request),
    )
    sent.proposal = proposal
    problems: dict[str, str] = {}
    if request.method == "POST":
        decided = bom_choices.decide(request.POST.dict(), boms.choices_of(sent))
        is_changed = decided.choices != boms.choices_of(sent)
        if is_changed:
            boms.decide(sent, decided.choices)
        problems = dict(decided.problems)
        if not problems and "use" in request.POST and not is_changed:
            return _use(request, proposal, sent)
        if not problems:
            if "use" in request.POST:
                messages.info(
                    request,
                    "We applied your changes to the lines below. Check them, then choose “Use these lines”.",
                )
            return redirect("rfp:bom_preview", pk=pk, document=document)
    return _page(request, proposal, draft, sent, problems)


def _use(request: HttpRequest, proposal: Proposal, sent: BomUpload) -> HttpResponse:
    try:
        reading = boms.read(sent)
        boms.use(sent, reading, by=person(request), at=clock.wall_time())
    except (Refused, NotATable) as refusal:
        messages.error(request, str(refusal))
        return redirect("rfp:draft_section", pk=proposal.pk, key="bom")
    messages.success(request, f"{len(reading.lines):,} lines of {sent.document.name} added to the draft.")
    return redirect("rfp:draft_section", pk=proposal.pk, key="bom")


def _page(
    request: HttpRequest, proposal: Proposal, draft: Revision, sent: BomUpload, problems: dict[str, str]
) -> HttpResponse:
    now = clock.wall_time()
    context = frame(proposal, draft, key="bom", user=person(request), now=now)
    context |= {
        "document": sent.document,
        "sent_at": sent.sent_at,
        "upload": BomUploadForm(),
        "lines_now": draft.bom_lines.count(),
        "choice_problems": problems,
        "remembered": sent.choices.get("remembered", False),
    }
    try:
        reading = boms.read(sent)
    except NotATable as refusal:
        return render(request, "rfp/drafting/draft/bom/preview.html", {**context, "refusal": str(refusal)})
    context |= bom_preview.preview(reading, page=page_number(request), problems=problems)
    context |= _compared(draft, reading, now=now, window=context["window"])
    return render(request, "rfp/drafting/draft/bom/preview.html", context)


def _compared(draft: Revision, reading: BomReading, **options: Any) -> dict[str, Any]:
    """What the lines would make of the domestic share, beside what it is."""
    if reading.is_broken or not reading.lines:
        return {"share_now": share_of(draft, None, **options) if draft.bom_name else None}
    return {
        "share_now": share_of(draft, None, **options),
        "share_new": share_of(draft, reading.facts, **options),
    }
