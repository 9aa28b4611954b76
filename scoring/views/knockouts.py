"""Knock-outs: each waits for a person, who confirms it or sets it aside with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal import clock
from portal.compliance import Outcome
from rfp import queries as rfp_queries
from rfp.actions import Refused
from rfp.models import Finding, Proposal, Window
from scoring import actions, queries
from scoring.content import ShownFinding, shown_finding
from scoring.forms import KnockoutForm
from scoring.views.room import Room, in_room

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Card:
    """One knock-out with its proposal, what was decided, and the form when it is this user's to decide."""

    shown: ShownFinding
    proposal: Proposal
    waits: bool
    is_automatic: bool
    form: KnockoutForm | None
    action: str


@in_room
def knockout_list(request: HttpRequest, room: Room) -> HttpResponse:
    window = room.window(request.GET.get("window"))
    return render_list(request, room, window)


@require_POST
@in_room
def decide(request: HttpRequest, room: Room, finding: int) -> HttpResponse:
    """Record the decision on one knock-out; with bad input the same page again, nothing lost."""
    if not room.decides:
        raise Http404
    window, chosen = find(room, finding)
    form = KnockoutForm(request.POST, prefix=f"knockout-{finding}")
    if form.is_valid():
        try:
            actions.decide_knockout(
                chosen,
                outcome=Outcome(form.cleaned_data["outcome"]),
                reason=form.cleaned_data["reason"],
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            number = chosen.assessment.revision.proposal.number
            messages.success(request, f"{chosen.rule} of {number}: decision recorded.")
            back = reverse("scoring:knockout_list", args=[room.solicitation.number])
            return redirect(f"{back}?window={window.number}")
    return render_list(request, room, window, failed={finding: form})


def find(room: Room, finding: int) -> tuple[Window, Finding]:
    """The knock-out and its window. Raises Http404 for one that is not on this user's page."""
    for window in room.windows:
        access = room.access[window.pk]
        if not access.technical_open:
            continue
        for each in queries.knockouts_visible_to(room.user, window, access=access):
            if each.pk == finding:
                return window, each
    raise Http404


def render_list(
    request: HttpRequest, room: Room, window: Window, failed: dict[int, KnockoutForm] | None = None
) -> HttpResponse:
    access = room.access[window.pk]
    found = queries.knockouts_visible_to(room.user, window, access=access) if access.technical_open else []
    # What waits for a decision comes first; the order is otherwise the proposals'.
    found.sort(key=lambda finding: not rfp_queries.awaits_confirmation(finding))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    may_decide = room.decides and not access.price_open
    cards = [card_of(room, finding, may_decide, (failed or {}).get(finding.pk)) for finding in page]
    waiting = sum(rfp_queries.awaits_confirmation(finding) for finding in found)
    return render(
        request,
        "scoring/knockout_list.html",
        room.context(
            "knockout_list",
            window=window,
            window_access=access,
            page=page,
            cards=cards,
            waiting=waiting,
            failed=next(iter((failed or {}).values()), None),
        ),
    )


def card_of(room: Room, finding: Finding, may_decide: bool, failed: KnockoutForm | None) -> Card:
    is_automatic = rfp_queries.is_automatic_knockout(finding)
    waits = rfp_queries.awaits_confirmation(finding)
    form = failed or (KnockoutForm(prefix=f"knockout-{finding.pk}") if waits and may_decide else None)
    action = reverse("scoring:knockout_decide", args=[room.solicitation.number, finding.pk])
    if form is not None:
        form.action = action
    return Card(
        shown=shown_finding(finding, zone=room.solicitation.zone),
        proposal=finding.assessment.revision.proposal,
        waits=waits,
        is_automatic=is_automatic,
        form=form,
        action=action,
    )
