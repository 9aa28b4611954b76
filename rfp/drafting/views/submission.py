"""Signing, checking, submitting, revising and withdrawing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.kit import clock
from portal.kit.compliance import Finding, Outcome
from portal.kit.refused import Refused
from rfp.compliance import assessment
from rfp.drafting.forms.attestation import AttestationForm
from rfp.drafting.views.frame import draft_of, frame, own_proposal, person
from rfp.proposals import actions as proposals_actions
from rfp.proposals import queries as proposals_queries
from rfp.proposals import revision_facts
from rfp.proposals.models import Proposal, Revision
from rfp.stages import ProposalStage
from suppliers.models import Membership


@login_required
def attestation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The statement, and an owner's signature under the draft as it is."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        messages.info(request, "This proposal has been submitted. Revise it to make changes.")
        return redirect("rfp:proposal_detail", pk=pk)
    context = frame(proposal, draft, key="attestation", user=person(request), now=clock.wall_time())
    form = _signature(request, draft)
    if request.method == "POST" and form.is_valid():
        try:
            _sign(request, proposal, form)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Signed. If you change the draft, you’ll need to sign again.")
        return redirect("rfp:draft_attestation", pk=pk)
    return render(
        request,
        "rfp/drafting/draft/sections/attestation.html",
        {**context, "form": form, "owners": _owners(proposal)},
    )


def _signature(request: HttpRequest, draft: Revision) -> AttestationForm:
    name = draft.signer_name or person(request).name
    initial = {
        "signer_name": name,
        "signer_title": draft.signer_title,
        "version": draft.proposal.lot.solicitation.version,
    }
    return AttestationForm(request.POST if request.method == "POST" else None, initial=initial)


def _sign(request: HttpRequest, proposal: Proposal, form: AttestationForm) -> None:
    proposals_actions.attest(
        proposal,
        name=form.cleaned_data["signer_name"],
        title=form.cleaned_data["signer_title"],
        by=person(request),
        at=clock.wall_time(),
        shown=_shown(request),
    )


def _shown(request: HttpRequest) -> int | None:
    """The version of the RFP that the form was made for; of nonsense none that there is."""
    typed = request.POST.get("version", "")
    return None if not typed else int(typed) if typed.isdecimal() and len(typed) < 6 else -1


def _owners(proposal: Proposal) -> list[str]:
    owners = proposal.supplier.memberships.filter(level=Membership.Level.OWNER).select_related("user")
    return [str(membership.user) for membership in owners]


@login_required
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is missing, what the rules would find, the signature, and the one button that hands it in."""
    proposal = own_proposal(request, pk)
    draft = draft_of(proposal)
    if draft is None:
        messages.info(request, "This proposal has already been submitted.")
        return redirect("rfp:proposal_detail", pk=pk)
    form = _signature(request, draft)
    if request.method == "POST" and (draft.attested_at or form.is_valid()):
        try:
            if not draft.attested_at:
                _sign(request, proposal, form)
            proposals_actions.submit_proposal(proposal, by=person(request), shown=_shown(request))
        except proposals_actions.Incomplete:
            draft.refresh_from_db()
        except Refused as refusal:
            say = messages.info if isinstance(refusal, proposals_actions.AlreadySubmitted) else messages.error
            say(request, str(refusal))
            if isinstance(refusal, proposals_actions.Changed):
                return redirect("rfp:proposal_submit", pk=pk)
            return redirect("rfp:proposal_detail", pk=pk)
        else:
            return redirect("rfp:proposal_detail", pk=pk)
    return render(request, "rfp/drafting/proposal_submit.html", _checked(request, proposal, draft, form))


def _checked(
    request: HttpRequest, proposal: Proposal, draft: Revision, form: AttestationForm
) -> dict[str, Any]:
    now = clock.wall_time()
    context = frame(proposal, draft, key="", user=person(request), now=now)
    found = _pre_check(draft, now=now, window=context["window"])
    return {
        **context,
        "form": form,
        # The signature is given on this page, so it is not among what is missing.
        "missing": [gap for gap in context["blocking"] if gap["key"] != "attestation"],
        "was_refused": request.method == "POST",
        "findings": found,
        "to_fix": sum(finding.outcome in (Outcome.NOT_MET, Outcome.REFER) for finding in found),
        "owners": _owners(proposal),
    }


def _pre_check(draft: Revision, *, now: Any, window: Any) -> tuple[Finding, ...]:
    zone = draft.proposal.lot.solicitation.zone
    revision = revision_facts.revision_for_facts(draft.pk)
    return assessment.pre_check(revision, on=now.astimezone(zone).date(), window=window)


@login_required
@require_POST
def revise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new draft with what was submitted, which stays submitted until the draft is."""
    proposal = own_proposal(request, pk)
    try:
        proposals_actions.revise_proposal(proposal, by=person(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("rfp:proposal_detail", pk=pk)
    return redirect("rfp:draft", pk=pk)


@login_required
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A page that asks, and the act."""
    proposal = own_proposal(request, pk)
    if request.method == "POST":
        try:
            proposals_actions.withdraw_proposal(proposal, by=person(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Proposal {proposal.number} withdrawn.")
        return redirect("rfp:proposal_detail", pk=pk)
    stage = proposals_queries.stage_of_proposal(proposal, now=clock.wall_time())
    if stage not in (ProposalStage.SUBMITTED, ProposalStage.REVISING):
        messages.info(request, "There is nothing to withdraw.")
        return redirect("rfp:proposal_detail", pk=pk)
    context = {
        "proposal": proposal,
        "lot": proposal.lot,
        "solicitation": proposal.lot.solicitation,
        "zone": proposal.lot.solicitation.time_zone,
        "window": proposal.window,
    }
    return render(request, "rfp/drafting/proposal_withdraw.html", context)
