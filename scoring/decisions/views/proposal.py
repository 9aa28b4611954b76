"""One proposal as buyers read it: its score, its trace, and the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts import pairs
from portal.accounts.fresh import fresh_sign_in
from portal.kit import clock
from portal.kit.refused import Refused
from portal.kit.requests import Request
from rfp.models import Proposal
from rfp.publishing.method_words import preference_words
from scoring.curing import queries as curing
from scoring.decisions import actions as decisions_actions
from scoring.decisions import evidence, standings, verdict_actions
from scoring.decisions import queries as decisions_queries
from scoring.decisions import rows as decisions_rows
from scoring.decisions.forms import ClaimForm, DecisionForm, OverrideForm, ReportForm
from scoring.decisions.models import Decision
from scoring.decisions.standings import LiveBlock
from scoring.decisions.views import verdicts
from scoring.drawing import queries as drawing
from scoring.duties import queries as duties
from scoring.marking import queries as marking_queries
from scoring.marking import removal_actions
from scoring.panel import queries as panel_queries
from scoring.panel.access import LotAccess
from scoring.panel.models import Evaluator
from scoring.panel.views.room import Room, access_for, with_proposal
from scoring.ranking import cards, inputs
from scoring.ranking import method as methods
from scoring.ranking import queries as ranking_queries
from scoring.ranking.certainty import chances, flips
from scoring.ranking.inputs import key_of
from scoring.ranking.models import RankedProposal
from scoring.reading import company
from scoring.reading.views import _revision, part_context, part_links, part_of


@with_proposal
def detail(request: Request, room: Room, proposal: Proposal) -> HttpResponse:
    """One proposal: where it stands, its score with the trace, and the part that was asked for."""
    if request.htmx and request.GET.get("on") is not None:
        return part(request, room, proposal)
    return render(request, "scoring/decisions/proposal_detail.html", detail_context(request, room, proposal))


def part(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """The part alone, for the tabs."""
    key = part_of(request)
    name = "proposal_mark" if request.GET.get("on") == "desk" else "proposal_detail"
    links = part_links(proposal, key, reverse(f"scoring:{name}", args=[proposal.pk]))
    context = {"proposal": proposal, "zone": room.zone, "parts": links, **part_context(proposal, key, room)}
    context["may_cite"] = name == "proposal_mark" and not context["window_access"].price_open
    return render(request, "scoring/reading/proposal_part.html", context)


def detail_context(
    request: HttpRequest, room: Room, proposal: Proposal, form: DecisionForm | None = None
) -> dict[str, Any]:
    access = access_for(room, proposal)
    key = part_of(request)
    row = ranking_queries.row_with_chance(proposal) if access.sees_panel else None
    decisions = (
        decisions_queries.decisions_on([proposal.pk]).get(proposal.pk, []) if access.sees_panel else []
    )
    decision = decisions[-1] if decisions else None
    blocks = standings.blocks_on(proposal)
    price_in_row = access.price_open and row is not None and row.price_open
    address = reverse("scoring:proposal_detail", args=[proposal.pk])
    revision = _revision(proposal)
    removals = removals_of(room, proposal) if access.price_open and access.sees_panel else []
    begun = [each["removal"] for each in removals if each["removal"] and not each["removal"].confirmed_at]
    return room.context(
        "proposal_list",
        asked_items=curing.thread_of(proposal, room.zone, now=clock.wall_time())
        if curing.is_asked(proposal)
        else [],
        may_ask=room.decides and proposal.window_id in room.viewer.windows,
        cards=pairs.cards_about(begun, room.user, at=clock.wall_time()) if begun else [],
        proposal=proposal,
        revision=revision,
        supplier_name=company.company_of(revision).legal_name,
        window=proposal.window,
        card=card_for(proposal, access, row),
        row=decisions_rows.rank_row(row, decision, price_open=price_in_row) if row else None,
        place_words=drawing.place_in_words(row, room.solicitation) if row else "",
        sure=chances.chance_of(row, room.viewer.conflicts) if row else None,
        flip=flip_of(row, room, price_open=price_in_row) if row else "",
        ranked_count=ranking_queries.ranked_in_lot(row) if row else 0,
        decision=decision,
        history=[verdicts.in_words(each, room.zone) for each in reversed(decisions)],
        claims=claims_of(room, proposal, price_open=access.price_open),
        blocks=[shown_block(each, room, proposal) for each in blocks],
        gaps=evidence.gaps_in_words([revision.pk]).get(revision.pk, ()) if access.sees_panel else (),
        price_basis=room.solicitation.counted_costs,
        may_decide_here=room.decides and not access.price_open,
        removals=removals,
        form=form or decision_form(proposal, room),
        report_form=ReportForm(
            submit="Create PDF summary", action=reverse("scoring:summary_request", args=[proposal.pk])
        ),
        may_mark=room.seat is not None
        and not access.price_open
        and bool(duties.asked_on(proposal, room.seat)),
        parts=part_links(proposal, key, address),
        **part_context(proposal, key, room),
    )


def flip_of(row: Any, room: Room, *, price_open: bool) -> str:
    """What would put the proposal above the one before it, in a sentence; blank where nothing is known of it."""
    sure = row.sure
    if not sure or not sure["flip"] or sure["served"] != row.ranking.served or row.ranking.is_stale:
        return ""
    read = methods.reading_of(room.solicitation, room.solicitation.criteria.all(), price_open=price_open)
    return "".join(flips.told([sure["flip"]], read, room.viewer.conflicts))


def shown_block(each: LiveBlock, room: Room, proposal: Proposal) -> dict[str, Any]:
    """What stops the proposal as of now, and the override form for an officer who may give one."""
    form = None
    if room.user.is_officer and each.stops and each.block.may_be_overridden:
        form = OverrideForm(initial={"kind": each.block.kind, "keys": " ".join(sorted(each.block.keys))})
        form.action = reverse("scoring:standing_override", args=[proposal.pk])
    return {
        "state": decisions_rows.BLOCK_STATES[each.block.kind],
        "words": each.words(in_full=room.reads_screening),
        "since": each.block.since,
        "override": each.override,
        "form": form,
    }


@require_POST
@with_proposal
@fresh_sign_in
def override_standing(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """An officer lets the proposal be shortlisted in spite of a hold or an expired qualification."""
    if not room.user.is_officer:
        raise Http404
    form = OverrideForm(request.POST)
    if form.is_valid():
        try:
            decisions_actions.override_standing(
                proposal,
                kind=form.cleaned_data["kind"],
                keys=form.cleaned_data["keys"].split(),
                reason=form.cleaned_data["reason"],
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Override recorded for {proposal.number}.")
        return redirect("scoring:proposal_detail", pk=proposal.pk)
    context = detail_context(request, room, proposal)
    form.action = reverse("scoring:standing_override", args=[proposal.pk])
    for block in context["blocks"]:
        if block["form"] is not None and block["form"].initial["kind"] == form.data.get("kind"):
            block["form"] = form
    return render(request, "scoring/decisions/proposal_detail.html", context)


# ---- preferences --------------------------------------------------------------------------------------------------


def claims_of(room: Room, proposal: Proposal, *, price_open: bool) -> list[dict[str, Any]]:
    """Each preference of the RFP: what it gives, whether the proposal claims it, and a form that refuses the claim."""
    declared = list(room.solicitation.preferences.all())
    if not declared or proposal.current_revision_id is None:
        return []
    claimed = {each.code for each in inputs.claimed_preferences(_revision(proposal))}
    refused = {each.code: each for each in proposal.claim_refusals.select_related("by")}
    found = []
    for preference, (_title, gives) in zip(declared, preference_words(declared), strict=True):
        form = None
        if room.decides and not price_open and preference.code in claimed and preference.code not in refused:
            form = ClaimForm(auto_id=f"claim-{preference.pk}-%s")
            form.action = reverse("scoring:claim_refuse", args=[proposal.pk, preference.code])
        found.append(
            {
                "preference": preference,
                "gives": gives,
                "is_claimed": preference.code in claimed,
                "refusal": refused.get(preference.code),
                "form": form,
            }
        )
    return found


@require_POST
@with_proposal
def refuse_claim(request: HttpRequest, room: Room, proposal: Proposal, code: str) -> HttpResponse:
    """The chair or an admin decides that a claimed preference doesn't count."""
    if not room.decides:
        raise Http404
    form = ClaimForm(request.POST)
    if form.is_valid():
        try:
            decisions_actions.refuse_claim(
                proposal, code, reason=form.cleaned_data["reason"], by=room.user, at=clock.wall_time()
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Preference {code} won’t count for {proposal.number}.")
        return redirect("scoring:proposal_detail", pk=proposal.pk)
    context = detail_context(request, room, proposal)
    for claim in context["claims"]:
        if claim["form"] is not None and claim["preference"].code == code:
            form.action, claim["form"] = claim["form"].action, form
    return render(request, "scoring/decisions/proposal_detail.html", context)


# ---- marks that leave a total after prices opened ---------------------------------------------------------------


def removals_of(room: Room, proposal: Proposal) -> list[dict[str, Any]]:
    """Reviewers whose marks are in this total although they have a conflict with the supplier, and what was done."""
    may_act = room.user.is_officer or room.viewer.is_chair
    if not (may_act or room.viewer.oversees):
        return []
    rows = []
    for seat, conflict, removal in marking_queries.conflicted_marks(proposal):
        can_begin = may_act and removal is None
        can_confirm = (
            may_act
            and removal is not None
            and removal.confirmed_at is None
            and removal.proposed_by.is_officer != room.user.is_officer
        )
        rows.append(
            {
                "seat": seat,
                "conflict": conflict,
                "removal": removal,
                "verb": "Ask to remove the marks" if can_begin else "Confirm" if can_confirm else "",
            }
        )
    return rows


@require_POST
@with_proposal
def remove_marks(request: HttpRequest, room: Room, proposal: Proposal, seat: int) -> HttpResponse:
    """Ask for, or confirm, that a conflicted reviewer's marks leave the total after prices opened."""
    if not (room.user.is_officer or room.viewer.is_chair):
        raise Http404
    evaluator = get_object_or_404(Evaluator, pk=seat, solicitation=room.solicitation)
    removal = proposal.mark_removals.filter(evaluator=evaluator).first()
    try:
        if removal is None:
            removal_actions.propose_removal(
                proposal,
                evaluator,
                reason=request.POST.get("reason", ""),
                by=room.user,
                at=clock.wall_time(),
            )
            said = (
                "Requested. The chair and a compliance officer must both agree. Waiting for the other person."
            )
        else:
            removal_actions.confirm_removal(removal, by=room.user, at=clock.wall_time())
            said = f"{evaluator.user.name}’s marks are removed from the total. Both rankings stay available."
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("scoring:proposal_detail", pk=proposal.pk)


def card_for(
    proposal: Proposal, access: LotAccess, row: RankedProposal | None = None
) -> cards.ScoreCard | None:
    """The score with the names of who marked; only for who may see the panel. `row`: the ranking's, where it was
    read."""
    score = getattr(_revision(proposal), "score", None)
    if score is None or not access.sees_panel:
        return None
    names = {key_of(seat.pk): seat.user.name for seat in panel_queries.panel_of(proposal.lot.solicitation)}
    depends = access.price_open and score is not None and score.is_priced and score.total is None
    row = (row or ranking_queries.row_of(proposal)) if depends else None
    return cards.score_card(score, reviewers=names, price_open=access.price_open, row=row)


def decision_form(proposal: Proposal, room: Room, data: Any = None) -> DecisionForm | None:
    if not room.decides:
        return None
    form = DecisionForm(data)
    form.action = reverse("scoring:proposal_decide", args=[proposal.pk])
    return form


@with_proposal
def trace(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """How the score is worked out, for the popover of a list."""
    card = card_for(proposal, access_for(room, proposal))
    if card is None:
        raise Http404
    return render(
        request, "scoring/decisions/ranking/trace.html", {"card": card, "proposal": proposal, "popover": True}
    )


@require_POST
@with_proposal
def decide(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """Shortlist, reserve, eliminate or award, with a reason."""
    form = decision_form(proposal, room, request.POST)
    if form is None:
        raise Http404
    if form.is_valid():
        try:
            verdict_actions.decide(
                proposal,
                verdict=Decision.Verdict(form.cleaned_data["verdict"]),
                reason=form.cleaned_data["reason"],
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Decision on {proposal.number} recorded. Suppliers see nothing yet.")
            return redirect("scoring:proposal_detail", pk=proposal.pk)
    return render(
        request, "scoring/decisions/proposal_detail.html", detail_context(request, room, proposal, form)
    )
