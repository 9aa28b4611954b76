"""A supplier looks at the answers that an addendum touches: keep each, or change it. Nothing else is on the page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.kit import clock
from portal.kit.refused import Refused
from rfp.amending import queries, supplier_actions
from rfp.amending.forms.answering import ReconfirmForm
from rfp.drafting.forms.attestation import AttestationForm
from rfp.drafting.views.frame import draft_of, own_proposal, person
from rfp.proposals import reconfirming
from rfp.proposals.models import Proposal, Revision
from rfp.publishing import queries as publishing_queries
from suppliers.company import queries as supplier_queries


@login_required
def reconfirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The touched answers of the draft; or, where there is none, of what is submitted, with a signature."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    source = draft or (proposal.current_revision if proposal.is_submitted else None)
    if source is None:
        return redirect("rfp:proposal_detail", pk=pk)
    revision = queries.for_reconfirming(source.pk)
    again = reconfirming.asked_again(revision)
    if not again:
        messages.info(request, "There is nothing to reconfirm. Your answers stand.")
        return redirect("rfp:proposal_detail", pk=pk)
    may = _may(request, proposal, is_draft=draft is not None)
    data = request.POST if request.method == "POST" and may["is_open"] else None
    form = ReconfirmForm(revision, again, data=data, may_wait=draft is not None)
    sign = None if draft else _signature(request, proposal)
    if data is not None and _is_valid(form, sign):
        try:
            if _save(request, proposal, form, sign):
                return redirect("rfp:proposal_detail", pk=pk)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("rfp:proposal_reconfirm", pk=pk)
    return render(
        request,
        "rfp/amending/reconfirm/page.html",
        {**_context(proposal, revision, form), **may, "sign": sign, "draft": draft},
    )


def _is_valid(form: ReconfirmForm, sign: AttestationForm | None) -> bool:
    """Both are checked, so that both name what is wrong."""
    is_fine = form.is_valid()
    return (sign is None or sign.is_valid()) and is_fine


def _save(
    request: HttpRequest, proposal: Proposal, form: ReconfirmForm, sign: AttestationForm | None
) -> bool:
    """Whether everything is done. Raises Refused."""
    user, now = person(request), clock.wall_time()
    if sign is None:
        supplier_actions.reconfirm_draft(proposal, form.answers(), by=user, at=now)
        messages.success(request, "Saved in your draft.")
        return False
    shown = sign.cleaned_data["version"]
    revision = supplier_actions.reconfirm_submitted(
        proposal,
        form.answers(),
        shown=-1 if shown is None else shown,
        name=sign.cleaned_data["signer_name"],
        title=sign.cleaned_data["signer_title"],
        by=user,
        at=now,
    )
    messages.success(request, f"Reconfirmed. Revision {revision.number} is submitted.")
    return True


def _signature(request: HttpRequest, proposal: Proposal) -> AttestationForm:
    last = proposal.current_revision
    initial = {
        "signer_name": person(request).name,
        "signer_title": last.signer_title if last else "",
        "version": proposal.lot.solicitation.version,
    }
    return AttestationForm(request.POST if request.method == "POST" else None, initial=initial)


def _may(request: HttpRequest, proposal: Proposal, *, is_draft: bool) -> dict[str, Any]:
    """What the reader may do here, now."""
    user, now = person(request), clock.wall_time()
    window = proposal.window or publishing_queries.open_window(proposal.lot.solicitation, now=now)
    signs = supplier_queries.may_attest(user, proposal.supplier)
    changes = supplier_queries.suppliers_changeable_by(user).filter(pk=proposal.supplier_id).exists()
    return {
        "window": window,
        "may_sign": signs,
        "may_change": changes if is_draft else signs,
        "is_open": window is not None and window.opens_at <= now < window.closes_at,
    }


def _context(proposal: Proposal, revision: Revision, form: ReconfirmForm) -> dict[str, Any]:
    rfp = proposal.lot.solicitation
    answers = len(revision.responses.all())
    rows = form.rows()
    return {
        "proposal": proposal,
        "lot": proposal.lot,
        "solicitation": rfp,
        "zone": rfp.time_zone,
        "revision": revision,
        "form": form,
        "rows": rows,
        "left": sum(not row["is_confirmed"] for row in rows),
        "done": sum(row["is_confirmed"] for row in rows),
        "others": max(answers - sum(row["has_answer"] for row in rows), 0),
        "files": len(revision.attachments.all()),
    }
