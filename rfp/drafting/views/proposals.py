"""A supplier's proposals: the list, starting one, where one stands and what was received."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.kit import asked, clock
from portal.kit.compliance import Audience, Outcome
from portal.kit.formats import day, deadline, when
from portal.kit.refused import Refused
from rfp.compliance import queries as compliance_queries
from rfp.compliance.models import Finding
from rfp.drafting.forms.search import ProposalSearch
from rfp.drafting.forms.sections.answers import in_words
from rfp.drafting.views.frame import draft_of, own_proposal, person
from rfp.drafting.views.public import PROPOSAL_WORDS, lot_called, own_rows, visible
from rfp.proposals import actions as proposals_actions
from rfp.proposals import queries as proposals_queries
from rfp.proposals import reconfirming
from rfp.proposals.models import Proposal, Response, Revision
from rfp.publishing import queries as publishing_queries
from rfp.publishing.asked_words import rules_of
from rfp.publishing.models import COST_LABELS
from rfp.publishing.question_models import Requirement
from rfp.stages import ProposalStage
from suppliers.company import queries as supplier_queries

PER_PAGE = 20


@login_required
def proposal_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    now = clock.wall_time()
    form = ProposalSearch(request.GET)
    form.is_valid()
    found = proposals_queries.own_proposals(user).order_by("-created_at", "number")
    if text := form.cleaned_data.get("q"):
        found = found.filter(
            Q(number__icontains=text)
            | Q(lot__title__icontains=text)
            | Q(lot__code__iexact=text)
            | Q(revisions__title__icontains=text)
        ).distinct()
    page = asked.page_of(request, found, PER_PAGE)
    here = proposals_queries.own_proposals(user).filter(pk__in=[p.pk for p in page.object_list])
    context = {
        "page": page,
        "rows": own_rows(here.order_by("-created_at", "number"), now),
        "form": form,
        "is_searched": bool(request.GET.get("q")),
        "companies": supplier_queries.suppliers_of(user),
    }
    return render(request, "rfp/drafting/proposal_list.html", context)


@login_required
@require_POST
def start(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """A new draft on a lot, for the user's company or the one that was chosen."""
    user = person(request)
    lot = lot_called(code, visible(request, number).lots.select_related("solicitation"))
    companies = supplier_queries.suppliers_changeable_by(user)
    if not companies.exists():
        messages.info(request, "Register your company first. You need a company to submit a proposal.")
        return redirect("suppliers:company")
    chosen = request.POST.get("company", "")
    supplier = companies.filter(pk=chosen).first() if chosen.isdecimal() else companies.first()
    if supplier is None:
        raise Http404
    try:
        proposal = proposals_actions.start_proposal(lot, supplier=supplier, by=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("rfp:lot_detail", number=number, code=code)
    return redirect("rfp:draft_section", pk=proposal.pk, key="product")


@login_required
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the proposal stands: what was received, what happens next, what was found."""
    proposal = own_proposal(request, pk)
    if proposal.current_revision is None and draft_of(proposal) is not None:
        now = clock.wall_time()
        if proposals_queries.stage_of_proposal(proposal, now=now) is ProposalStage.DRAFT:
            return redirect("rfp:draft", pk=pk)
    return render(request, "rfp/drafting/proposal_detail.html", _standing(request, proposal))


@login_required
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part that asks again until the findings are there."""
    context = {**_standing(request, own_proposal(request, pk)), "is_part": True}
    return render(request, "rfp/drafting/proposal_progress.html", context)


def _standing(request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
    now = clock.wall_time()
    user = person(request)
    stage = proposals_queries.stage_of_proposal(proposal, now=now)
    state, words = PROPOSAL_WORDS[stage]
    told = proposals_queries.told_of([proposal.pk]).get(proposal.pk)
    if told is not None:
        state, words = told.state, told.words
    draft = draft_of(proposal)
    revision = proposal.current_revision
    solicitation = proposal.lot.solicitation
    context: dict[str, Any] = {
        "proposal": proposal,
        "lot": proposal.lot,
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "stage": stage.value,
        "state": state,
        "words": words,
        "told": told,
        "draft": draft,
        "revision": revision,
        "window": proposal.window or publishing_queries.open_window(solicitation, now=now),
        "title": _title(proposal, draft, revision),
        "may_change": supplier_queries.suppliers_changeable_by(user).filter(pk=proposal.supplier_id).exists(),
        "may_sign": supplier_queries.may_attest(user, proposal.supplier),
        "can_still_change": stage in (ProposalStage.SUBMITTED, ProposalStage.REVISING),
        "can_come_back": stage is ProposalStage.WITHDRAWN and _takes(proposal, now),
        "reconfirm": len(_to_reconfirm(proposal, revision if proposal.is_submitted else draft)),
        "requests": proposals_queries.wanted_of(proposal, now=now),
        "earlier": proposal.revisions.filter(received_at__isnull=False).order_by("-number"),
    }
    if revision is not None:
        context |= _assessed(proposal, revision, told)
    return context


def _to_reconfirm(proposal: Proposal, revision: Revision | None) -> list[reconfirming.Again]:
    """What an addendum asks again of what is submitted, or else of the draft."""
    if revision is None:
        return []
    revision.proposal = proposal
    return reconfirming.waiting(revision)


def _title(proposal: Proposal, draft: Revision | None, revision: Revision | None) -> str:
    named = revision or draft
    return (named.title if named else "") or f"{proposal.lot.code} {proposal.lot.title}"


def _takes(proposal: Proposal, now: Any) -> bool:
    window = proposal.window
    return window is not None and window.opens_at <= now < window.closes_at


def _assessed(proposal: Proposal, revision: Revision, told: proposals_queries.Told | None) -> dict[str, Any]:
    assessment = compliance_queries.latest_assessment(revision)
    found = [f for f in compliance_queries.findings_of(assessment) if f.audience == Audience.SUPPLIER.value]
    attachments = list(revision.attachments.select_related("document"))
    is_waiting = assessment is None and proposal.withdrawn_at is None
    return {
        "assessment": assessment,
        "findings": found,
        "open_count": sum(f.outcome in (Outcome.NOT_MET.value, Outcome.REFER.value) for f in found),
        "not_met": _count(found, Outcome.NOT_MET),
        "referred": _count(found, Outcome.REFER),
        "is_waiting": is_waiting,
        "progress_url": reverse("rfp:proposal_progress", args=[proposal.pk]) if is_waiting else "",
        "says": f"{len(rules_of(proposal.lot.solicitation))} rules to check. This takes less than a minute.",
        "steps": _steps(proposal, revision, told, is_assessed=assessment is not None),
        "attachments": attachments,
        "file_bytes": sum(each.document.size for each in attachments),
    }


def _count(found: list[Finding], outcome: Outcome) -> int:
    return sum(finding.outcome == outcome.value for finding in found)


def _steps(
    proposal: Proposal, revision: Revision, told: proposals_queries.Told | None, *, is_assessed: bool
) -> list[dict[str, str]]:
    """What has happened and what comes, with its date where there is one."""
    zone = proposal.lot.solicitation.time_zone
    window = proposal.window
    assert revision.received_at is not None and window is not None
    is_over = window.closes_at <= clock.wall_time()
    after = f"Feedback by {day(window.feedback_by)}" if window.feedback_by else "Every supplier hears back"
    return [
        {"state": "met", "title": "Received", "note": when(revision.in_time_at, zone, seconds=True)},
        {
            "state": "met" if is_assessed else "run",
            "title": "Rules checked",
            "note": "You can see all findings" if is_assessed else "In progress",
        },
        {
            "state": "met" if is_over else "now" if is_assessed else "todo",
            "title": f"{window} {'closed' if is_over else 'closes'}",
            "note": deadline(window.closes_at, zone) + ("" if is_over else ". Sealed until then."),
        },
        {
            "state": "met" if told else "now" if is_over and is_assessed else "todo",
            "title": "Reviewers mark it",
            "note": "Technical part first. Prices open after that",
        },
        {"state": "met", "title": f"Decision: {told.words}", "note": when(told.at, zone)}
        if told
        else {"state": "todo", "title": "Decision", "note": after},
    ]


@login_required
def revision(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """What one received revision says, as it was received."""
    proposal = own_proposal(request, pk)
    found = get_object_or_404(proposal.revisions.filter(received_at__isnull=False), number=number)
    found.proposal = proposal
    context = {
        "proposal": proposal,
        "lot": proposal.lot,
        "solicitation": proposal.lot.solicitation,
        "zone": proposal.lot.solicitation.time_zone,
        "revision": found,
        **content_of(found),
    }
    return render(request, "rfp/drafting/revision_detail.html", context)


def _rows(answer: Response) -> list[list[str]]:
    """A table's cells in the order of its columns; the database keeps the keys in an order of its own."""
    if answer.requirement.data_type != Requirement.DataType.TABLE or not isinstance(answer.value, list):
        return []
    return [[row.get(column, "") for column in answer.requirement.columns] for row in answer.value]


def content_of(revision: Revision) -> dict[str, Any]:
    """Everything a revision says, for its own supplier."""
    asked = [each.pk for each in proposals_queries.asked_in(revision)]
    answers = (
        revision.responses.filter(Q(requirement__only_if="") | Q(requirement__in=asked))
        .select_related("requirement")
        .order_by("requirement__lot", "requirement__position")
    )
    return {
        "items": revision.items.all(),
        "answers": [
            {
                "requirement": answer.requirement,
                "value": answer.value,
                "rows": _rows(answer),
                "words": in_words(answer.requirement, answer.value),
            }
            for answer in answers
        ],
        "statements": revision.statements.select_related("criterion").order_by("criterion__position"),
        "steps": revision.process_steps.all(),
        "capacity": getattr(revision, "capacity", None),
        "deliveries": revision.delivery_lines.select_related("item"),
        "ramp": revision.ramp_periods.all(),
        "jobs": revision.jobs_lines.all(),
        "prices": revision.price_lines.select_related("item"),
        "other_costs": [
            (label, amount)
            for cost, label in COST_LABELS.items()
            if (amount := getattr(revision, cost)) is not None
        ],
        "bom_count": revision.bom_lines.count(),
        "bom_lines": revision.bom_lines.all()[:200],
        "attachments": revision.attachments.select_related("document", "requirement"),
    }
