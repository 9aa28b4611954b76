"""Proposals as buyers read them: the list, one proposal part by part, its files, its trace, the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_POST

from portal import clock
from portal.files import hand_out
from rfp import queries as rfp_queries
from rfp.actions import Refused
from rfp.models import Lot, Proposal, Window
from scoring import actions, content, queries
from scoring.forms import DecisionForm, FilterForm, ReportForm
from scoring.models import Decision, RankedProposal
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
    found = filtered(listed(room, window, access), form.values())
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "scoring/proposal_list.html",
        room.context(
            "proposal_list",
            window=window,
            window_access=access,
            form=form,
            page=page,
            # One address for all rows: resolving two hundred would be a tenth of the page's time.
            proposals_url=reverse("scoring:proposal_detail", args=[NOBODY]).removesuffix(f"{NOBODY}/"),
            rows=[row_of(proposal, room, access) for proposal in page],
            received=queries.proposals_received(room.solicitation).get(window.pk, 0),
        ),
    )


def listed(room: Room, window: Window, access: queries.Access) -> QuerySet[Any]:
    """Visible proposals of the window, with what a row shows; standings only for who may see the panel."""
    if room.seat is not None:
        found = queries.queue_for(room.seat, window).order_by("number")
    else:
        found = queries.proposals_visible_to(room.user).filter(window=window).order_by("number")
    standing = RankedProposal.objects.filter(proposal=OuterRef("pk")).values("standing")[:1]
    if access.sees_panel:
        found = found.annotate(standing=Subquery(standing), verdict=queries.latest_verdict("pk"))
    # The frozen supplier is a page of JSON a row that no list shows.
    return found.select_related("supplier", "lot", "current_revision__final_site").defer(
        "current_revision__supplier_snapshot"
    )


def filtered(found: QuerySet[Any], values: dict[str, str]) -> QuerySet[Any]:
    if words := values.get("q"):
        found = found.filter(
            Q(supplier__legal_name__icontains=words)
            | Q(number__icontains=words)
            | Q(current_revision__title__icontains=words)
        )
    if lot := values.get("lot"):
        found = found.filter(lot__code=lot)
    if state := values.get("state"):
        found = found.filter(current_revision__final_site__state=state)
    if standing := values.get("standing"):
        found = found.filter(standing=standing)
    return found


def row_of(proposal: Any, room: Room, access: queries.Access) -> dict[str, Any]:
    """One row, every value as text."""
    revision = proposal.current_revision
    site = revision.final_site
    standing = getattr(proposal, "standing", None)
    verdict = getattr(proposal, "verdict", None)
    row = {
        "pk": str(proposal.pk),
        "number": proposal.number,
        "supplier": proposal.supplier.legal_name,
        "title": revision.title,
        "lot": proposal.lot.code,
        "place": f"{site.city}, {site.state}" if site else "",
        "received": revision.received_at,
        "standing": RankedProposal.Standing(standing).label if standing else "",
        "standing_state": content.STANDING_STATES[RankedProposal.Standing(standing)] if standing else "",
        "decision": Decision.Verdict(verdict).label if verdict else "",
        "decision_state": content.DECISION_STATES[Decision.Verdict(verdict)] if verdict else "",
    }
    if room.seat is not None:
        done, wanted = proposal.marks_own, proposal.to_mark
        row |= {"done": done, "wanted": wanted, "may_mark": not access.price_open}
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
    makers: dict[str, Callable[[Proposal, queries.Access], dict[str, Any]]] = {
        "offer": _offer,
        "answers": _answers,
        "bom": _bom,
        "making": _making,
        "documents": _documents,
        "findings": _findings,
    }
    access = access_for(room, proposal)
    return {"part": part, "window_access": access, **makers[part](proposal, access)}


def _revision(proposal: Proposal) -> Any:
    assert proposal.current_revision is not None, "it is visible"
    return proposal.current_revision


def _offer(proposal: Proposal, access: queries.Access) -> dict[str, Any]:
    revision = _revision(proposal)
    company = content.company_of(revision)
    written = {statement.criterion_id: statement.text for statement in revision.statements.all()}
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
    }


def _answers(proposal: Proposal, access: queries.Access) -> dict[str, Any]:
    return {"answers": content.answers_of(_revision(proposal))}


def _bom(proposal: Proposal, access: queries.Access) -> dict[str, Any]:
    return {"bom": content.bom_of(_revision(proposal), price_open=access.price_open)}


def _making(proposal: Proposal, access: queries.Access) -> dict[str, Any]:
    revision = _revision(proposal)
    return {
        "capacity": content.capacity_facts(revision),
        "ramp": content.ramp_of(revision),
        "deliveries": content.deliveries_of(revision),
        "jobs": content.jobs_of(revision),
        "steps": content.steps_of(revision, price_open=access.price_open),
        "capex": revision.capex_musd,
    }


def _documents(proposal: Proposal, access: queries.Access) -> dict[str, Any]:
    files = _revision(proposal).attachments.select_related("document", "requirement")
    return {"files": list(files)}


def _findings(proposal: Proposal, access: queries.Access) -> dict[str, Any]:
    assessment = rfp_queries.latest_assessment(_revision(proposal))
    zone = proposal.lot.solicitation.zone
    shown = [
        content.shown_finding(each, zone=zone)
        for each in queries.findings_for_buyers(assessment, access=access)
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
    ranking = row.ranking if row else None
    address = reverse("scoring:proposal_detail", args=[proposal.pk])
    return room.context(
        "proposal_list",
        proposal=proposal,
        revision=_revision(proposal),
        window=proposal.window,
        card=card_for(proposal, access),
        row=content.rank_row(row, decision, price_open=access.price_open and row.ranking.price_open)
        if row
        else None,
        ranked_count=ranking.ranked_count if ranking else 0,
        decision=decision,
        form=form or decision_form(proposal, room),
        report_form=ReportForm(
            submit="Make a PDF summary", action=reverse("scoring:summary_request", args=[proposal.pk])
        ),
        may_mark=room.seat is not None and not access.price_open,
        parts=part_links(proposal, key, address),
        **part_context(proposal, key, room),
    )


def card_for(proposal: Proposal, access: queries.Access) -> content.ScoreCard | None:
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
    found = get_object_or_404(
        queries.attachments_visible_to(room.user), pk=attachment, revision__proposal=proposal
    )
    return hand_out(found.document, request)
