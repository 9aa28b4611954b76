"""What was asked of suppliers in a window; and of one proposal: the thread, a question, and what is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from portal.kit import asked, clock
from portal.kit.refused import Refused
from portal.kit.requests import Request
from rfp.models import Proposal
from scoring.curing import actions, queries
from scoring.curing.forms import ClarifyForm, CureForm
from scoring.panel.views.room import Room, in_room, with_proposal

PER_PAGE = 20


@in_room
@require_GET
def asked_list(request: HttpRequest, room: Room) -> HttpResponse:
    """Every proposal of the window of which something was asked, by number, with what was asked."""
    window = room.window(request.GET.get("window"))
    found = queries.asked_in(window, room.user).select_related("lot", "current_revision__score")
    page = asked.page_of(
        request, found.defer("current_revision__supplier_snapshot").order_by("number"), PER_PAGE
    )
    threads = queries.threads(page.object_list, room.zone, now=clock.wall_time())
    rows = [
        {
            "proposal": each,
            "supplier": getattr(getattr(each.current_revision, "score", None), "supplier_name", each.number),
            "items": threads.get(each.pk, []),
        }
        for each in page.object_list
    ]
    context = room.context("decision_list", window=window, page=page, rows=rows)
    return render(request, "scoring/curing/list.html", context)


@with_proposal
def proposal_asked(request: Request, room: Room, proposal: Proposal) -> HttpResponse:
    """The thread of a proposal; who decides asks a question here."""
    now = clock.wall_time()
    form = None
    if _may_ask(room, proposal):
        soon = (now + timedelta(days=3)).astimezone(room.solicitation.zone)
        initial = {"due": soon.replace(hour=17, minute=0, second=0, microsecond=0)}
        form = ClarifyForm(request.POST or None, zone=room.zone, initial=initial)
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and _clarified(room, proposal, form):
            messages.success(request, "Question sent. The supplier has a letter.")
            return redirect("scoring:proposal_asked", proposal.pk)
    thread = queries.thread_of(proposal, room.zone, now=now)
    return render(request, "scoring/curing/thread.html", _context(room, proposal, form=form, items=thread))


def _clarified(room: Room, proposal: Proposal, form: ClarifyForm) -> bool:
    """Whether it was asked; where it was refused, the form says so."""
    text = form.cleaned_data["text"]
    try:
        actions.ask_to_clarify(
            proposal, text=text, due_at=form.cleaned_data["due"], by=room.user, at=clock.wall_time()
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@with_proposal
def proposal_cure(request: Request, room: Room, proposal: Proposal) -> HttpResponse:
    """Name what is missing and may be answered, and for how long."""
    if not _may_ask(room, proposal):
        raise Http404
    revision = proposal.current_revision
    assert revision is not None, "it is visible"
    may = [] if queries.is_settled(proposal) else queries.may_be_asked(revision)
    named = request.GET.getlist("for")
    initial = {"fields_asked": [each.name for each in may if not named or each.name in named]}
    form = CureForm(request.POST or None, may=may, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_to_cure(
                proposal,
                form.chosen(),
                hours=form.cleaned_data["hours"],
                text=form.cleaned_data["text"],
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Asked. The supplier has a letter, and time to answer.")
            return redirect("scoring:proposal_asked", proposal.pk)
    return render(request, "scoring/curing/cure.html", _context(room, proposal, form=form, may=may))


def _may_ask(room: Room, proposal: Proposal) -> bool:
    return room.decides and proposal.window_id in room.viewer.windows


def _context(room: Room, proposal: Proposal, **extra: Any) -> dict[str, Any]:
    score = getattr(proposal.current_revision, "score", None)
    return room.context(
        "decision_list",
        proposal=proposal,
        window=proposal.window,
        supplier_name=score.supplier_name if score else proposal.number,
        may_ask=_may_ask(room, proposal),
        **extra,
    )
