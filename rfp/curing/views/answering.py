"""A supplier reads what was asked about its proposal after the close, and answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from portal.kit import clock
from portal.kit.refused import Refused
from rfp.curing import actions, queries
from rfp.curing.forms import ClarificationForm, CureAnswerForm, SignForm
from rfp.curing.letters import fields_of
from rfp.curing.models import Clarification, Cure
from rfp.curing.queries import State
from rfp.drafting.views.frame import own_proposal, person
from rfp.proposals.models import Proposal
from suppliers.company import queries as supplier_queries


@login_required
def cure(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Exactly what is missing can be answered here, signed by an owner."""
    proposal = own_proposal(request, pk)
    found = get_object_or_404(queries.own_cures(person(request)), pk=number, proposal=proposal)
    found.proposal = proposal
    context = _context(request, proposal, found)
    named = fields_of(found)
    if context["is_open"]:
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = CureAnswerForm(data, files, named=named)
        sign = SignForm(data, initial={"signer_name": person(request).name})
        is_sent = data is not None and context["may_sign"]
        if is_sent and form.is_valid() & sign.is_valid() and (done := _cured(request, found, form, sign)):
            return done
        context |= {"form": form, "sign": sign}
    return render(request, "rfp/curing/cure.html", {**context, "cure": found, "named": named})


def _cured(request: HttpRequest, found: Cure, form: CureAnswerForm, sign: SignForm) -> HttpResponse | None:
    """Where to go on when it was received; None when it was refused, with the reason in the form."""
    try:
        revision = actions.answer_cure(
            found,
            form.answers(),
            signer_name=sign.cleaned_data["signer_name"],
            signer_title=sign.cleaned_data["signer_title"],
            by=person(request),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, f"Received as revision {revision.number}. Everything else is as it was.")
    return redirect("rfp:proposal_detail", pk=found.proposal_id)


@login_required
def clarification(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One question about the proposal, and its answer."""
    proposal = own_proposal(request, pk)
    found = get_object_or_404(queries.own_clarifications(person(request)), pk=number, proposal=proposal)
    context = _context(request, proposal, found)
    if context["is_open"] and context["may_change"]:
        form = ClarificationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                actions.answer_clarification(found, form.cleaned_data["answer"], by=person(request))
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "Answer sent.")
                return redirect("rfp:proposal_detail", pk=pk)
        context["form"] = form
    return render(request, "rfp/curing/clarification.html", {**context, "asked": found})


def _context(request: HttpRequest, proposal: Proposal, asked: Cure | Clarification) -> dict[str, Any]:
    user = person(request)
    state = queries.state_of(asked, now=clock.wall_time())
    rfp = proposal.lot.solicitation
    return {
        "proposal": proposal,
        "lot": proposal.lot,
        "solicitation": rfp,
        "zone": rfp.time_zone,
        "revision": proposal.current_revision,
        "state": state.value,
        "is_open": state is State.ASKED,
        "may_sign": supplier_queries.may_attest(user, proposal.supplier),
        "may_change": supplier_queries.suppliers_changeable_by(user).filter(pk=proposal.supplier_id).exists(),
    }
