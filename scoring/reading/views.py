"""The parts of a proposal, its files, and the tabs that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts.fresh import fresh_sign_in
from portal.files.storing import hand_out
from portal.kit import along, clock
from portal.kit.refused import Refused
from rfp.compliance import queries as rfp_queries
from rfp.models import Attachment, Proposal
from scoring.panel import names
from scoring.panel.access import LotAccess, attachments_visible_to
from scoring.panel.views.room import Room, access_for, with_proposal
from scoring.reading import actions, answers, bodies, bom, findings, making, prices, queries
from scoring.reading import company as reading_company

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
    company = reading_company.company_of(revision)
    written = queries.statements_of(revision)
    return {
        "company_facts": reading_company.company_facts(company, named=room.sees_names),
        "site": reading_company.site_line(
            reading_company.final_site(revision, company), named=room.sees_names
        ),
        "summary": revision.summary,
        "statements": [
            (criterion, written[criterion.pk])
            for criterion in proposal.lot.solicitation.criteria.all()
            if written.get(criterion.pk)
        ],
        "offered": prices.offered(revision) if access.price_open else None,
    }


def _answers(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    found = answers.answers_of(_revision(proposal), price_open=access.price_open)
    files = [file for each in found for file in each.files]
    number_files(files, proposal)
    if not room.sees_names:
        names.name_neutrally(files, proposal)
    return {"answers": found}


def number_files(files: Sequence[Attachment], proposal: Proposal) -> None:
    """Give each file its `place` among those of the current revision, as citations name it; one query if there are
    any."""
    if files:
        places = queries.places_of_files(proposal)
        for each in files:
            vars(each)["place"] = str(places[each.pk])


def _bom(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    return {"bom": bom.bom_of(_revision(proposal), price_open=access.price_open)}


def _making(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    revision = _revision(proposal)
    along.bring(revision, *making.ROWS)
    return {
        "capacity": making.capacity_facts(revision),
        "ramp": making.ramp_of(revision),
        "deliveries": making.deliveries_of(revision),
        "jobs": making.jobs_of(revision),
        "steps": making.steps_of(revision, price_open=access.price_open),
        "capex": revision.capex_musd,
    }


def _documents(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    files = attachments_visible_to(room.user).filter(revision=_revision(proposal))
    found = list(files.select_related("document", "requirement", "release"))
    number_files(found, proposal)
    if not room.sees_names:
        names.name_neutrally(found, proposal)
    hides = room.solicitation.names_hidden and room.user.is_admin and not access.price_open
    return {"files": found, "releases": hides}


def _findings(proposal: Proposal, access: LotAccess, room: Room) -> dict[str, Any]:
    assessment = rfp_queries.latest_with_findings(_revision(proposal))
    zone = proposal.lot.solicitation.zone
    shown = [
        findings.shown_finding(each, zone=zone)
        for each in queries.findings_for_buyers(
            assessment, access=access, officer=room.viewer.oversees, named=room.sees_names
        )
    ]
    return {
        "assessed": assessment is not None,
        "rulebook": assessment.rulebook if assessment else "",
        "weighed": [item for item in shown if not item.is_settled_well or item.decided],
        "met": [item for item in shown if item.is_settled_well and not item.decided],
    }


@with_proposal
def file(request: HttpRequest, room: Room, proposal: Proposal, attachment: int) -> HttpResponseBase:
    """One attached file of the revision that is current."""
    found = get_object_or_404(attachments_visible_to(room.user), pk=attachment, revision__proposal=proposal)
    if room.sees_names:
        return hand_out(found.document, request)
    hidden = names.withheld(room.windows, room.nameless, about=room.about)
    return bodies.hand_out_nameless(request, found, proposal, hidden)


@require_POST
@with_proposal
@fresh_sign_in
def release_file(request: HttpRequest, room: Room, proposal: Proposal, attachment: int) -> HttpResponseBase:
    """An admin lets reviewers open a file although it may name the supplier."""
    if not room.user.is_admin:
        raise Http404
    found = get_object_or_404(
        attachments_visible_to(room.user).select_related("revision__proposal__lot__solicitation"),
        pk=attachment,
        revision__proposal=proposal,
    )
    try:
        actions.release_file(found, by=room.user, at=clock.wall_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{found.document.name} released to reviewers.")
    return redirect(f"{reverse('scoring:proposal_detail', args=[proposal.pk])}?part=documents")
