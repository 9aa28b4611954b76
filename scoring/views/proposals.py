"""Proposals as buyers read them: the list, one proposal part by part, its files, its trace, the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_POST

from portal import clock, pairs
from portal.files import hand_out
from portal.fresh import fresh_sign_in
from portal.paging import IdPages
from portal.refused import Refused
from rfp.compliance import queries as rfp_queries
from rfp.models import Lot, Proposal
from scoring import actions, content, evidence, pending, queries, standings
from scoring.access import Access, LotAccess, attachments_visible_to, proposals_in
from scoring.forms import DecisionForm, FilterForm, OverrideForm, ReportForm
from scoring.models import Decision, Evaluator, RankedProposal
from scoring.standings import Blocks, LiveBlock
from scoring.views.room import Room, access_for, in_room, with_proposal
from suppliers.reference.places import STATES

PAGE = 100
ANY = ("", "Any")
STATE_CHOICES = [("", "All states"), *((code, code) for code in sorted(STATES))]


# ---- the list ---------------------------------------------------------------------------------------------------


def short_lot(lot: Lot) -> str:
    """A lot in a filter: its code and as much of its title as fits."""
    return Truncator(f"{lot.code} {lot.title}").chars(26)


@in_room
def proposal_list(request: HttpRequest, room: Room) -> HttpResponse:
    """Opened proposals of one window, searched, filtered and paged by the address."""
    window = room.window(request.GET.get("window"))
    access = room.access[window.pk]
    lots = list(room.solicitation.lots.all())
    choices = {
        "window": [(str(each.number), f"Window {each.number}") for each in room.windows],
        "lot": [("", "All lots"), *((lot.code, short_lot(lot)) for lot in lots)],
        "state": STATE_CHOICES,
    }
    if access.sees_panel:
        choices["standing"] = [ANY, *RankedProposal.Standing.choices]
    form = FilterForm({**request.GET.dict(), "window": str(window.number)}, choices=choices)
    found = filtered(proposals_in(room.viewer, window, access), form.values(), access)
    pages = IdPages(
        found.order_by("number").values_list("pk", flat=True),
        PAGE,
        fetch=lambda keys: listed(Proposal.objects.filter(pk__in=keys), room, access),
    )
    page = pages.get_page(request.GET.get("page"))
    blocks = standings.blocks_of((row.pk, row.number, row.supplier_id) for row in page)
    return render(
        request,
        "scoring/proposal_list.html",
        room.context(
            "proposal_list",
            window=window,
            window_access=access,
            prices=pending.prices_of(window, access.price_lots),
            form=form,
            page=page,
            # One address for all rows: resolving two hundred would be a tenth of the page's time.
            proposals_url=reverse("scoring:proposal_detail", args=[NOBODY]).removesuffix(f"{NOBODY}/"),
            rows=[row_of(proposal, room, access, blocks) for proposal in page],
            received=queries.proposals_received(room.solicitation, now=clock.wall_time()).get(window.pk)
            if access.technical_open or room.decides
            else None,
        ),
    )


def listed(found: QuerySet[Any], room: Room, access: Access) -> QuerySet[Any]:
    """A page's proposals with what a row shows; standings only of lots whose panel the user sees.

    Names and places are the supplier's as received: a company that is renamed or moves stays where it was.
    """
    if room.seat is not None:
        found = queries.with_own_marks(found, room.seat)
    if access.sees_panel:
        found = found.annotate(standing=_standing(access), verdict=queries.latest_verdict("pk"))
    # The frozen supplier is a page of JSON a row that no list shows; its score has the name and the place.
    return (
        found.annotate(
            name=KeyTextTransform("legal_name", "current_revision__supplier_snapshot"),
            place=Coalesce("current_revision__score__place", Value("")),
        )
        .select_related("lot", "current_revision")
        .defer("current_revision__supplier_snapshot")
    )


def _standing(access: Access) -> Subquery:
    shown = RankedProposal.objects.filter(proposal=OuterRef("pk"), lot__in=access.panel_lots)
    return Subquery(shown.values("standing")[:1])


def filtered(found: QuerySet[Any], values: dict[str, str], access: Access) -> QuerySet[Any]:
    """Only what is filtered by is joined."""
    if words := values.get("q"):
        found = found.annotate(
            name=KeyTextTransform("legal_name", "current_revision__supplier_snapshot")
        ).filter(
            Q(name__icontains=words)
            | Q(number__icontains=words)
            | Q(current_revision__title__icontains=words)
        )
    if lot := values.get("lot"):
        found = found.filter(lot__code=lot)
    if state := values.get("state"):
        found = found.filter(current_revision__score__state=state)
    if (standing := values.get("standing")) and access.sees_panel:
        found = found.annotate(standing=_standing(access)).filter(standing=standing)
    return found


def row_of(proposal: Any, room: Room, access: Access, blocks: Blocks) -> dict[str, Any]:
    """One row, every value as text."""
    revision = proposal.current_revision
    standing = getattr(proposal, "standing", None)
    sees_panel = proposal.lot_id in access.panel_lots
    verdict = getattr(proposal, "verdict", None) if sees_panel else None
    row = {
        "pk": str(proposal.pk),
        "number": proposal.number,
        "supplier": proposal.name,
        "title": revision.title,
        "lot": proposal.lot.code,
        "place": proposal.place,
        "received": revision.received_at,
        "standing": RankedProposal.Standing(standing).label if standing else "",
        "standing_state": content.STANDING_STATES[RankedProposal.Standing(standing)] if standing else "",
        "decision": Decision.Verdict(verdict).label if verdict else "",
        "decision_state": content.DECISION_STATES[Decision.Verdict(verdict)] if verdict else "",
        "blocks": content.blocks_in_words(blocks.get(proposal.pk, ()), in_full=room.reads_screening),
    }
    if room.seat is not None:
        done, wanted = proposal.marks_own, proposal.to_mark
        may_mark = proposal.lot_id not in access.price_lots
        row |= {"done": done, "wanted": wanted, "may_mark": may_mark}
    return row


# ---- one proposal -----------------------------------------------------------------------------------------------

NOBODY = UUID(int=0)

PARTS = (
    ("offer", "Offer"),
    ("answers", "All answers"),
    ("bom", "Bill of materials"),
    ("making", "Capacity and jobs"),
    ("documents", "Documents"),
    ("findings", "Findings"),
)


def part_of(request: HttpRequest) -> str:
    """Which part of the proposal is asked for. Raises Http404 for one that does not exist."""
    part = request.GET.get("part", PARTS[0][0])
    if part not in dict(PARTS):
        raise Http404
    return part


def part_links(proposal: Proposal, current: str, target: str) -> list[dict[str, Any]]:
    address = reverse("scoring:proposal_detail", args=[proposal.pk])
    return [
        {
            "label": label,
            "url": f"{target}?part={key}",
            "fragment": f"{address}?part={key}&on={'desk' if target != address else ''}",
            "current": key == current,
        }
        for key, label in PARTS
    ]


def part_context(proposal: Proposal, part: str, room: Room) -> dict[str, Any]:
    """What the part's template shows; each part has its own few queries."""
    makers: dict[str, Callable[[Proposal, LotAccess, Room], dict[str, Any]]] = {
        "offer": _offer,
        "answers": _answers,
        "bom": _bom,
        "making": _making,
        "documents": _documents,
        "findings": _findings,
    }
    access = access_for(room, proposal)
    return {"part": part, "window_access": access, **makers[part](proposal, access, room)}


def _revision(proposal: Proposal) -> Any:
    assert proposal.current_revision is not None, "it is visible"
    return proposal.current_revision


def _offer(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    revision = _revision(proposal)
    company = content.company_of(revision)
    written = queries.statements_of(revision)
    return {
        "company_facts": content.company_facts(company),
        "site": content.site_line(content.final_site(revision, company)),
        "summary": revision.summary,
        "statements": [
            (criterion.title, written[criterion.pk])
            for criterion in proposal.lot.solicitation.criteria.all()
            if written.get(criterion.pk)
        ],
        "prices": content.prices_of(revision) if access.price_open else [],
        "costs": content.costs_of(revision) if access.price_open else [],
    }


def _answers(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    return {"answers": content.answers_of(_revision(proposal), price_open=access.price_open)}


def _bom(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    return {"bom": content.bom_of(_revision(proposal), price_open=access.price_open)}


def _making(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    revision = _revision(proposal)
    return {
        "capacity": content.capacity_facts(revision),
        "ramp": content.ramp_of(revision),
        "deliveries": content.deliveries_of(revision),
        "jobs": content.jobs_of(revision),
        "steps": content.steps_of(revision, price_open=access.price_open),
        "capex": revision.capex_musd,
    }


def _documents(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    files = attachments_visible_to(room.user).filter(revision=_revision(proposal))
    return {"files": list(files.select_related("document", "requirement"))}


def _findings(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    assessment = rfp_queries.latest_assessment(_revision(proposal))
    zone = proposal.lot.solicitation.zone
    shown = [
        content.shown_finding(each, zone=zone)
        for each in queries.findings_for_buyers(assessment, access=access, officer=room.viewer.oversees)
    ]
    return {
        "assessed": assessment is not None,
        "rulebook": assessment.rulebook if assessment else "",
        "weighed": [item for item in shown if not item.is_settled_well or item.decided],
        "settled": [item for item in shown if item.is_settled_well and not item.decided],
    }


@with_proposal
def detail(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """One proposal: where it stands, its score with the trace, and the part that was asked for."""
    if request.htmx and request.GET.get("on") is not None:  # type: ignore[attr-defined]
        return part(request, room, proposal)
    return render(request, "scoring/proposal_detail.html", detail_context(request, room, proposal))


def part(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """The part alone, for the tabs."""
    key = part_of(request)
    name = "proposal_mark" if request.GET.get("on") == "desk" else "proposal_detail"
    links = part_links(proposal, key, reverse(f"scoring:{name}", args=[proposal.pk]))
    context = {"proposal": proposal, "zone": room.zone, "parts": links, **part_context(proposal, key, room)}
    return render(request, "scoring/proposal_part.html", context)


def detail_context(
    request: HttpRequest, room: Room, proposal: Proposal, form: DecisionForm | None = None
) -> dict[str, Any]:
    access = access_for(room, proposal)
    key = part_of(request)
    row = queries.row_of(proposal) if access.sees_panel else None
    decision = queries.latest_decisions([proposal.pk]).get(proposal.pk) if access.sees_panel else None
    blocks = standings.blocks_on(proposal)
    price_in_row = access.price_open and row is not None and row.price_open
    address = reverse("scoring:proposal_detail", args=[proposal.pk])
    revision = _revision(proposal)
    removals = removals_of(room, proposal) if access.price_open and access.sees_panel else []
    begun = [each["removal"] for each in removals if each["removal"] and not each["removal"].confirmed_at]
    return room.context(
        "proposal_list",
        cards=pairs.cards_about(begun, room.user, at=clock.wall_time()) if begun else [],
        proposal=proposal,
        revision=revision,
        supplier_name=content.company_of(revision).legal_name,
        window=proposal.window,
        card=card_for(proposal, access),
        row=content.rank_row(row, decision, price_open=price_in_row) if row else None,
        ranked_count=queries.ranked_in_lot(row) if row else 0,
        decision=decision,
        blocks=[shown_block(each, room, proposal) for each in blocks],
        gaps=evidence.gaps_in_words([revision.pk]).get(revision.pk, ()) if access.sees_panel else (),
        price_basis=room.solicitation.counted_costs,
        may_decide_here=room.decides and not access.price_open,
        removals=removals,
        form=form or decision_form(proposal, room),
        report_form=ReportForm(
            submit="Create PDF summary", action=reverse("scoring:summary_request", args=[proposal.pk])
        ),
        may_mark=room.seat is not None and not access.price_open,
        parts=part_links(proposal, key, address),
        **part_context(proposal, key, room),
    )


def shown_block(each: LiveBlock, room: Room, proposal: Proposal) -> dict[str, Any]:
    """What stops the proposal as of now, and the override form for an officer who may give one."""
    form = None
    if room.user.is_officer and each.stops and each.block.may_be_overridden:
        form = OverrideForm(initial={"kind": each.block.kind, "keys": " ".join(sorted(each.block.keys))})
        form.action = reverse("scoring:standing_override", args=[proposal.pk])
    return {
        "state": content.BLOCK_STATES[each.block.kind],
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
            actions.override_standing(
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
    return render(request, "scoring/proposal_detail.html", context)


# ---- marks that leave a total after prices opened ---------------------------------------------------------------


def removals_of(room: Room, proposal: Proposal) -> list[dict[str, Any]]:
    """Reviewers whose marks are in this total although they have a conflict with the supplier, and what was done."""
    may_act = room.user.is_officer or room.viewer.is_chair
    if not (may_act or room.viewer.oversees):
        return []
    rows = []
    for seat, conflict, removal in queries.conflicted_marks(proposal):
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
            actions.propose_removal(
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
            actions.confirm_removal(removal, by=room.user, at=clock.wall_time())
            said = f"{evaluator.user.name}’s marks are removed from the total. Both rankings stay available."
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("scoring:proposal_detail", pk=proposal.pk)


def card_for(proposal: Proposal, access: LotAccess) -> content.ScoreCard | None:
    """The score with the names of who marked; only for who may see the panel."""
    score = getattr(_revision(proposal), "score", None)
    if score is None or not access.sees_panel:
        return None
    names = {f"E{seat.pk}": seat.user.name for seat in queries.panel_of(proposal.lot.solicitation)}
    return content.score_card(score, reviewers=names, price_open=access.price_open)


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
    return render(request, "scoring/trace.html", {"card": card, "proposal": proposal, "popover": True})


@require_POST
@with_proposal
def decide(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """Shortlist or eliminate, with a reason."""
    form = decision_form(proposal, room, request.POST)
    if form is None:
        raise Http404
    if form.is_valid():
        try:
            actions.decide(
                proposal,
                verdict=Decision.Verdict(form.cleaned_data["verdict"]),
                reason=form.cleaned_data["reason"],
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Decision on {proposal.number} recorded.")
            return redirect("scoring:proposal_detail", pk=proposal.pk)
    return render(request, "scoring/proposal_detail.html", detail_context(request, room, proposal, form))


@with_proposal
def file(request: HttpRequest, room: Room, proposal: Proposal, attachment: int) -> HttpResponseBase:
    """One attached file of the revision that is current."""
    found = get_object_or_404(attachments_visible_to(room.user), pk=attachment, revision__proposal=proposal)
    return hand_out(found.document, request)
