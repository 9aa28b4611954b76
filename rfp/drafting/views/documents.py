"""Files of a proposal: sent, listed, taken out, handed out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.files.storing import hand_out
from portal.kit import clock
from portal.kit.refused import Refused
from rfp.drafting.forms.documents import AttachmentForm, wanted_files
from rfp.drafting.views.frame import draft_of, frame, own_proposal, person
from rfp.proposals import actions as proposals_actions
from rfp.proposals.models import Attachment


@login_required
def section(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The files that are asked for, those that are there, and a form to send one."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        messages.info(request, "This proposal has been submitted. Revise it to make changes.")
        return redirect("rfp:proposal_detail", pk=pk)
    wanted = wanted_files(draft)
    form = AttachmentForm(
        request.POST or None,
        request.FILES or None,
        wanted=wanted,
        initial={"requirement": request.GET.get("for", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            attachment = proposals_actions.attach(
                proposal,
                form.cleaned_data["file"],
                requirement=form.answers,
                title=form.cleaned_data["title"],
                by=person(request),
                at=clock.wall_time(),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("rfp:proposal_detail", pk=pk)
        messages.success(request, f"{attachment.document.name} attached to the draft.")
        return redirect("rfp:draft_documents", pk=pk)
    attachments = list(draft.attachments.select_related("document", "requirement"))
    context = frame(proposal, draft, key="documents", user=person(request), now=clock.wall_time())
    context |= {
        "form": form,
        "wanted": [
            {"requirement": r, "files": [a for a in attachments if a.requirement_id == r.pk]} for r in wanted
        ],
        "others": [a for a in attachments if a.requirement_id not in {r.pk for r in wanted}],
    }
    return render(request, "rfp/drafting/draft/sections/documents.html", context)


def _own_attachments(request: HttpRequest, pk: UUID) -> QuerySet[Attachment]:
    proposal = own_proposal(request, pk)
    return Attachment.objects.filter(revision__proposal=proposal).select_related(
        "document", "revision__proposal__supplier"
    )


@login_required
@require_POST
def remove(request: HttpRequest, pk: UUID, attachment: int) -> HttpResponse:
    found = get_object_or_404(
        _own_attachments(request, pk), pk=attachment, revision__received_at__isnull=True
    )
    try:
        proposals_actions.detach(found, by=person(request), at=clock.wall_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{found.document.name} removed from the draft.")
    return redirect("rfp:draft_documents", pk=pk)


@login_required
def download(request: HttpRequest, pk: UUID, attachment: int) -> FileResponse:
    found = get_object_or_404(_own_attachments(request, pk), pk=attachment)
    return hand_out(found.document, request)
