"""What everyone can read: open RFPs, what they ask, and the rules we apply. Suppliers see their own proposals there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from portal.files.storing import hand_out
from portal.kit import clock
from portal.kit.compliance import Audience, Rule
from portal.models import User
from rfp import stages
from rfp.admitting import queries as admitting
from rfp.controlled import queries as controlled
from rfp.controlled.actions import log_download
from rfp.proposals import queries as proposals_queries
from rfp.proposals.models import Proposal
from rfp.publishing import queries as publishing_queries
from rfp.publishing.models import Lot, Solicitation, SolicitationDocument, Window
from rfp.publishing.showing import described, solicitation_context, stage_now, version_dates
from rfp.rules import RULEBOOK
from rfp.stages import ProposalStage
from suppliers.company import queries as supplier_queries
from suppliers.rules import QUALIFICATION

PROPOSAL_WORDS: dict[ProposalStage, tuple[str, str]] = {
    ProposalStage.DRAFT: ("draft", "Not submitted yet"),
    ProposalStage.SUBMITTED: ("submitted", "Submitted"),
    ProposalStage.REVISING: ("submitted", "Submitted, revising"),
    ProposalStage.CLOSED: ("submitted", "Submitted, window closed"),
    ProposalStage.NOT_SUBMITTED: ("closed", "Not submitted"),
    ProposalStage.WITHDRAWN: ("withdrawn", "Withdrawn"),
}


def visible(request: HttpRequest, number: str) -> Solicitation:
    return get_object_or_404(publishing_queries.solicitations_visible_to(request.user), number=number)


def solicitation_detail(request: HttpRequest, number: str) -> HttpResponse:
    solicitation, now = visible(request, number), clock.wall_time()
    mine = _own_by_lot(request.user, solicitation, now)
    context = solicitation_context(solicitation, request.user, now, mine=mine)
    if any(window.closes_at <= now for window in context["windows"]):
        context["award_notices"] = proposals_queries.award_notices_of(solicitation.pk)
    if isinstance(request.user, User) and request.user.is_supplier:
        context["is_watched"] = solicitation.watches.filter(user=request.user).exists()
        context["answers"] = admitting.answers_of(solicitation, request.user)
        context["agreement_signed"] = admitting.signed_by(request.user, solicitation) is not None
    return render(request, "rfp/publishing/solicitation_detail.html", context)


def _own_by_lot(
    user: User | AnonymousUser, solicitation: Solicitation, now: datetime
) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in own_rows(proposals_queries.own_proposals(user).filter(lot__solicitation=solicitation), now):
        found.setdefault(row["proposal"].lot_id, []).append(row)
    return found


def own_rows(proposals: QuerySet[Proposal], now: datetime) -> list[dict[str, Any]]:
    """A supplier's proposals with their state in words; five queries for any number of them."""
    rows: list[dict[str, Any]] = []
    whole = proposals.select_related("lot__solicitation", "supplier", "window", "current_revision")
    for proposal in whole.prefetch_related(
        "revisions", Prefetch("lot__solicitation__windows", queryset=Window.objects.order_by("closes_at"))
    ):
        draft = next((r for r in proposal.revisions.all() if r.received_at is None), None)
        windows = proposal.lot.solicitation.windows.all()
        window = proposal.window or next((w for w in windows if w.opens_at <= now < w.closes_at), None)
        stage = stages.proposal_stage(
            has_draft=draft is not None,
            is_submitted=proposal.is_submitted,
            is_withdrawn=proposal.withdrawn_at is not None,
            window_is_open=window is not None and window.opens_at <= now < window.closes_at,
        )
        state, words = PROPOSAL_WORDS[stage]
        named = draft or proposal.current_revision
        title = named.title if named else ""
        rows.append(
            {
                "proposal": proposal,
                "title": title or f"{proposal.lot.code} {proposal.lot.title}",
                "stage": stage,
                "state": state,
                "words": words,
                "window": window,
                "draft": draft,
            }
        )
    told = proposals_queries.told_of([row["proposal"].pk for row in rows])
    for row in rows:
        if news := told.get(row["proposal"].pk):
            row |= {"told": news, "state": news.state, "words": news.words}
    return rows


def solicitation_document(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """The file; to the agreement first where the document needs it, and to the release where it is controlled."""
    documents = visible(request, number).documents.select_related("document", "solicitation")
    row = get_object_or_404(documents, pk=pk)
    if admitting.must_sign_first(request.user, row):
        return redirect("rfp:nda", number)
    return _controlled(request, row) if row.export_control else hand_out(row.document, request)


def _controlled(request: HttpRequest, row: SolicitationDocument) -> HttpResponseBase:
    """The file to whom an officer released it, and to who handles it; others read how to get it. Each one is logged."""
    user = request.user
    release = controlled.release_for(user, row) if isinstance(user, User) else None
    if not isinstance(user, User) or (release is None and not controlled.handles_controlled(user)):
        return redirect("rfp:export_document", row.solicitation.number, row.pk)
    answer = hand_out(row.document, request)
    # A row of the log keeps its document; one of a draft can still be removed, and the access log has it.
    if row.solicitation.is_published:
        log_download(row, release, by=user, at=clock.wall_time())
    return answer


def lot_called(code: str, lots: QuerySet[Lot]) -> Lot:
    """The lot of that code. Raises Http404, also for a code that no database can hold."""
    if "\x00" in code:
        raise Http404
    return get_object_or_404(lots, code=code)


def lot_detail(request: HttpRequest, number: str, code: str) -> HttpResponse:
    solicitation = visible(request, number)
    lot = lot_called(code, solicitation.lots.prefetch_related("items"))
    return render(
        request, "rfp/publishing/lot_detail.html", lot_context(lot, request.user, clock.wall_time())
    )


def lot_context(lot: Lot, user: User | AnonymousUser, now: datetime) -> dict[str, Any]:
    """What the public page of a lot shows."""
    solicitation = lot.solicitation
    dates = version_dates(solicitation)
    requirements = list(publishing_queries.requirements_for(lot))
    asked = [described(requirement, dates, requirements) for requirement in requirements]
    companies = list(supplier_queries.suppliers_changeable_by(user).order_by("legal_name"))
    return {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "lot": lot,
        **stage_now(solicitation, now),
        "own": [each for each in asked if each["requirement"].lot_id],
        "common": [each for each in asked if not each["requirement"].lot_id],
        "mine": _own_by_lot(user, solicitation, now).get(lot.pk, []),
        "may_propose": isinstance(user, User) and user.is_supplier,
        "companies": companies,
    }


def rules(request: HttpRequest) -> HttpResponse:
    """Every rule that is applied, generated from the rulebooks."""
    books = [
        (
            "Proposals",
            RULEBOOK.version,
            [r for r in RULEBOOK.rules if r.code not in _codes(QUALIFICATION.rules)],
        ),
        ("Companies", QUALIFICATION.version, [r for r in QUALIFICATION.rules if not _is_screening(r)]),
    ]
    return render(request, "rfp/publishing/rules.html", {"books": books})


def _codes(found: Iterable[Rule[Any]]) -> set[str]:
    return {each.code for each in found}


def _is_screening(each: Rule[Any]) -> bool:
    """What officers alone read is told in one sentence, so that nobody learns how to slip through."""
    return each.audience is not Audience.SUPPLIER
