"""What everybody may read: open RFPs, what they ask, the rules that are applied."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from portal import charts, clock
from portal.compliance import Audience, Rule
from portal.files import hand_out
from portal.formats import day, deadline
from portal.models import Role, User
from rfp import queries, stages
from rfp.forms.search import SolicitationSearch
from rfp.forms.words import ideal, wanted
from rfp.models import Criterion, Lot, Proposal, Requirement, Solicitation, Window
from rfp.rules import RULEBOOK
from rfp.stages import ProposalStage, Stage
from suppliers import queries as supplier_queries
from suppliers.rules import QUALIFICATION

PER_PAGE = 20

# Stage → (state of the kit, words).
STAGE_WORDS: dict[Stage, tuple[str, str]] = {
    Stage.DRAFT: ("draft", "Not published yet"),
    Stage.SCHEDULED: ("todo", "Opens later"),
    Stage.OPEN: ("now", "Open for proposals"),
    Stage.BETWEEN_WINDOWS: ("todo", "Between two windows"),
    Stage.CLOSED: ("closed", "Closed"),
    Stage.COMPLETE: ("closed", "Complete"),
    Stage.CANCELLED: ("withdrawn", "Cancelled"),
    Stage.UNSUCCESSFUL: ("closed", "Ended without an award"),
}
PROPOSAL_WORDS: dict[ProposalStage, tuple[str, str]] = {
    ProposalStage.DRAFT: ("draft", "Not submitted yet"),
    ProposalStage.SUBMITTED: ("submitted", "Submitted"),
    ProposalStage.REVISING: ("submitted", "Submitted, being revised"),
    ProposalStage.CLOSED: ("submitted", "Submitted, window closed"),
    ProposalStage.NOT_SUBMITTED: ("closed", "Not submitted"),
    ProposalStage.WITHDRAWN: ("withdrawn", "Withdrawn"),
}


def home(request: HttpRequest) -> HttpResponse:
    """Each person's first page: proposals, the RFP setup, the alerts to decide, the evaluation, or the welcome page."""
    user = request.user
    if isinstance(user, User):
        own = {
            Role.SUPPLIER: "rfp:proposal_list",
            Role.ADMIN: "rfp:setup_list",
            Role.OFFICER: "suppliers:alert_list",
        }
        return redirect(own.get(Role(user.role), "scoring:rfp_list"))
    now = clock.wall_time()
    found = queries.open_solicitations(now).prefetch_related("windows", "lots").order_by("number")[:10]
    return render(request, "rfp/home.html", {"solicitations": _rows(found, now)})


def solicitation_list(request: HttpRequest) -> HttpResponse:
    now = clock.wall_time()
    form = SolicitationSearch(request.GET)
    form.is_valid()
    found = queries.solicitations_visible_to(request.user).annotate(lot_count=Count("lots"))
    if text := form.cleaned_data.get("q"):
        found = found.filter(
            Q(title__icontains=text)
            | Q(number__icontains=text)
            | Q(summary__icontains=text)
            | Q(lots__title__icontains=text)
        ).distinct()
    is_open = queries.open_solicitations(now).values("pk")
    if form.cleaned_data.get("stage") == "open":
        found = found.filter(pk__in=is_open)
    elif form.cleaned_data.get("stage") == "other":
        found = found.exclude(pk__in=is_open)
    ordered = found.prefetch_related("windows").order_by("-published_at", "number")
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(page.object_list, now),
        "form": form,
        "is_searched": bool(request.GET),
    }
    return render(request, "rfp/solicitation_list.html", context)


def _rows(found: Iterable[Solicitation], now: datetime) -> list[dict[str, Any]]:
    return [{"solicitation": s, **_standing(s, now)} for s in found]


def _standing(solicitation: Solicitation, now: datetime) -> dict[str, Any]:
    """State, words and the window that matters now; `windows` must be prefetched."""
    state, words = STAGE_WORDS[queries.stage_of(solicitation, now=now)]
    windows = sorted(solicitation.windows.all(), key=lambda window: window.closes_at)
    current = next((w for w in windows if w.opens_at <= now < w.closes_at), None)
    upcoming = next((w for w in windows if w.opens_at > now), None)
    return {"state": state, "words": words, "window": current, "next_window": upcoming, "now": now}


def visible(request: HttpRequest, number: str) -> Solicitation:
    return get_object_or_404(queries.solicitations_visible_to(request.user), number=number)


def solicitation_detail(request: HttpRequest, number: str) -> HttpResponse:
    context = solicitation_context(visible(request, number), request.user, clock.wall_time())
    return render(request, "rfp/solicitation_detail.html", context)


def solicitation_context(
    solicitation: Solicitation, user: User | AnonymousUser, now: datetime
) -> dict[str, Any]:
    """What the public page of an RFP shows; a preview gives it an unpublished one."""
    lots = list(solicitation.lots.prefetch_related("items"))
    mine = _own_by_lot(user, solicitation, now)
    criteria = list(solicitation.criteria.all())
    common = solicitation.requirements.filter(lot__isnull=True).select_related("feeds")
    return {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        **_standing(solicitation, now),
        "windows": list(solicitation.windows.all()),
        "areas": [
            (area, [{"lot": lot, "proposals": mine.get(lot.pk, [])} for lot in grouped])
            for area, grouped in groupby(lots, key=lambda lot: lot.area)
        ],
        "lot_count": len(lots),
        "item_count": sum(len(lot.items.all()) for lot in lots),
        "criteria": criteria,
        "weights": _weights(criteria),
        "requirements": [described(r) for r in common],
        "documents": list(solicitation.documents.select_related("document")),
        "dates": timeline(solicitation, now),
        "may_propose": isinstance(user, User) and user.is_supplier,
    }


def _weights(criteria: list[Criterion]) -> charts.Chart:
    weights = [charts.Weight(c.title, c.weight, c.mode == Criterion.Mode.PRICE) for c in criteria]
    return charts.weight_bar(weights)


def _own_by_lot(
    user: User | AnonymousUser, solicitation: Solicitation, now: datetime
) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in own_rows(queries.own_proposals(user).filter(lot__solicitation=solicitation), now):
        found.setdefault(row["proposal"].lot_id, []).append(row)
    return found


def own_rows(proposals: QuerySet[Proposal], now: datetime) -> list[dict[str, Any]]:
    """A supplier's proposals with their state in words; four queries for any number of them."""
    rows = []
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
    return rows


def described(requirement: Requirement) -> dict[str, Any]:
    """A requirement with its limits in words."""
    return {
        "requirement": requirement,
        "wanted": wanted(requirement),
        "ideal": ideal(requirement),
        "is_knockout": requirement.effect == Requirement.Effect.KNOCKOUT,
        "items": [item.code for item in requirement.applies_to.all()] if requirement.lot_id else [],
    }


def timeline(solicitation: Solicitation, now: datetime) -> list[dict[str, Any]]:
    """Published, each window's close and the milestones, in order, with the next one marked."""
    zone = solicitation.zone
    events: list[tuple[datetime, str, str]] = []
    if solicitation.published_at:
        published = solicitation.published_at.astimezone(zone).date()
        events.append((solicitation.published_at, "Published", day(published, short=True)))
    for window in solicitation.windows.all():
        events.append((window.closes_at, f"{window} closes", deadline(window.closes_at, zone)))
    for milestone in solicitation.milestones.all():
        at = datetime.combine(milestone.on, datetime.min.time(), zone) + timedelta(days=1)
        words = milestone.on.strftime("%B %Y") if milestone.by_month else day(milestone.on, short=True)
        events.append((at, milestone.title, words))
    events.sort(key=lambda event: event[0])
    ahead = next((at for at, event in enumerate(events) if event[0] > now), len(events))
    return [
        {
            "title": title,
            "words": words,
            "state": "met" if at < ahead else "now" if at == ahead else "todo",
            "past": at < ahead,
        }
        for at, (_, title, words) in enumerate(events)
    ]


def solicitation_document(request: HttpRequest, number: str, pk: int) -> FileResponse:
    documents = visible(request, number).documents.select_related("document")
    return hand_out(get_object_or_404(documents, pk=pk).document, request)


def lot_called(code: str, lots: QuerySet[Lot]) -> Lot:
    """The lot of that code. Raises Http404, also for a code that no database can hold."""
    if "\x00" in code:
        raise Http404
    return get_object_or_404(lots, code=code)


def lot_detail(request: HttpRequest, number: str, code: str) -> HttpResponse:
    solicitation = visible(request, number)
    lot = lot_called(code, solicitation.lots.prefetch_related("items"))
    return render(request, "rfp/lot_detail.html", lot_context(lot, request.user, clock.wall_time()))


def lot_context(lot: Lot, user: User | AnonymousUser, now: datetime) -> dict[str, Any]:
    """What the public page of a lot shows."""
    solicitation = lot.solicitation
    asked = [described(requirement) for requirement in queries.requirements_for(lot)]
    companies = list(supplier_queries.suppliers_changeable_by(user).order_by("legal_name"))
    return {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "lot": lot,
        **_standing(solicitation, now),
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
            "Of a proposal",
            RULEBOOK.version,
            [r for r in RULEBOOK.rules if r.code not in _codes(QUALIFICATION.rules)],
        ),
        ("Of a company", QUALIFICATION.version, [r for r in QUALIFICATION.rules if not _is_screening(r)]),
    ]
    return render(request, "rfp/rules.html", {"books": books})


def _codes(found: Iterable[Rule[Any]]) -> set[str]:
    return {each.code for each in found}


def _is_screening(each: Rule[Any]) -> bool:
    """What officers alone read is told in one sentence, so that nobody learns how to slip through."""
    return each.audience is not Audience.SUPPLIER
