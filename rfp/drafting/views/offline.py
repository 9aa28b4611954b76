"""The questions of a proposal, taken along and brought back: XLSX to fill in, PDF to read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_GET

from portal.files.pdf import render_pdf
from portal.kit import clock
from portal.kit.refused import Refused
from portal.kit.tables import SHEET
from rfp.bom.sheet.apart import unpacked_apart
from rfp.bom.sheet.table import NotATable
from rfp.drafting.forms import offline
from rfp.drafting.forms.draft import save_section
from rfp.drafting.forms.sections.answers import asked_of, field_for
from rfp.drafting.views.frame import draft_of, frame, own_proposal, person
from rfp.proposals.models import Proposal, Revision
from rfp.reuse.contents.problems import FileWrong, Problem
from rfp.reuse.forms.workbook import WorkbookForm

SALT = "rfp.drafting.offline"
KEPT_SECONDS = 24 * 3600


@login_required
@require_GET
def questionnaire(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """The questions with the answers so far, as XLSX or PDF."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None or kind not in ("xlsx", "pdf"):
        raise Http404
    content = offline.written(draft) if kind == "xlsx" else _pdf(proposal, draft)
    answer = HttpResponse(content, content_type=SHEET if kind == "xlsx" else "application/pdf")
    name = f"questions-{proposal.lot.solicitation.number}-{proposal.lot.code}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _pdf(proposal: Proposal, draft: Revision) -> bytes:
    asked = asked_of(draft)
    stored = {each.requirement_id: each.value for each in draft.responses.all()}
    rows = [(each, field_for(each, asked).help_text, stored.get(each.pk)) for each in asked]
    made_at = clock.wall_time()
    data = [{"code": each.code, "question": each.text, "answer": stored.get(each.pk)} for each in asked]
    context = {
        "proposal": proposal,
        "solicitation": proposal.lot.solicitation,
        "lot": proposal.lot,
        "rows": rows,
    }
    return render_pdf(
        "pdf/questionnaire.html", context, data=data, data_name="questions.json", made_at=made_at
    )


@login_required
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Upload the filled workbook, see what would change, and save it."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        messages.info(request, "This proposal has been submitted. Revise it to make changes.")
        return redirect("rfp:proposal_detail", pk=pk)
    if "plan" in request.POST:
        return _save(request, proposal)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            context = _preview(draft, form.cleaned_data["file"].read())
        except FileWrong as wrong:
            form.add_error("file", "Nothing was changed. See what is wrong with the workbook below")
            context = {"wrong": wrong.shown}
    context |= frame(proposal, draft, key="answers", user=person(request), now=clock.wall_time())
    return render(request, "rfp/drafting/draft/offline/upload.html", context | {"form": form})


def _preview(draft: Revision, content: bytes) -> dict[str, Any]:
    """What the page shows of a workbook that will do. Raises FileWrong."""
    if not content.startswith(b"PK\x03\x04"):
        raise FileWrong([Problem("The file", "It is not an XLSX workbook.")])
    try:
        filled = offline.read(draft, unpacked_apart(content))
    except NotATable as refusal:
        raise FileWrong([Problem("The file", str(refusal))]) from None
    changes = offline.preview(draft, filled)
    rfp = draft.proposal.lot.solicitation
    plan = {"proposal": str(draft.proposal_id), "version": rfp.version, "data": dict(filled.data.lists())}
    return {"is_read": True, "changes": changes, "plan": signing.dumps(plan, salt=SALT, compress=True)}


def _save(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    try:
        told = signing.loads(request.POST["plan"], salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        told = {}
    at = (told.get("proposal"), told.get("version"))
    if at != (str(proposal.pk), proposal.lot.solicitation.version):
        messages.error(request, "The preview is too old. Upload the workbook again.")
        return redirect("rfp:offline", proposal.pk)
    try:
        saved = save_section(
            "answers", proposal, MultiValueDict(told["data"]), by=person(request), at=clock.wall_time()
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("rfp:proposal_detail", proposal.pk)
    if saved.problems:
        messages.error(
            request, "Someone else changed an answer, so it wasn’t saved. Check the answers below."
        )
    else:
        messages.success(request, "The answers from the workbook are saved.")
    return redirect("rfp:draft_section", proposal.pk, "answers")
