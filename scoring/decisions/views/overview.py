"""Where evaluation begins: the RFPs a user may enter, and how far each window is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts import pairs
from portal.accounts.fresh import fresh_sign_in
from portal.kit import asked, clock, formats
from portal.kit.charts import bars, maps, shapes
from portal.kit.refused import Refused
from portal.models import User
from rfp.models import Window
from scoring.decisions import pending as decisions_pending
from scoring.marking import queries as marking_queries
from scoring.panel import actions
from scoring.panel import queries as panel_queries
from scoring.panel.access import proposals_in
from scoring.panel.views.room import Room, in_room
from scoring.reading import queries as reading_queries
from suppliers.reference.places import STATE_NAMES

PAGE = 50


@login_required
def rfp_list(request: HttpRequest) -> HttpResponse:
    """RFPs whose evaluation the user may enter."""
    if not isinstance(request.user, User) or request.user.is_supplier:
        raise Http404
    found = panel_queries.rooms_visible_to(request.user).order_by("-published_at", "pk")
    page = asked.page_of(request, found, PAGE)
    return render(request, "scoring/decisions/rfp_list.html", {"page": page, "now": clock.wall_time()})


@in_room
def overview(request: HttpRequest, room: Room) -> HttpResponse:
    """The windows: when they close, what was received, which envelopes are open, how far the marking is."""
    now = clock.wall_time()
    received = reading_queries.proposals_received(room.solicitation, now=now)
    each = [(window, room.access[window.pk]) for window in room.windows]
    opened = [(window, access) for window, access in each if access.technical_open]
    progress = marking_queries.marking_progress(room.viewer, opened)
    held = reading_queries.held_in(opened)
    windows = [
        window_card(
            room, window, received.get(window.pk), progress.get(window.pk), held.get(window.pk, ()), now
        )
        for window in room.windows
    ]
    change = (
        panel_queries.chair_change_of(room.solicitation)
        if room.user.is_admin or room.user.is_officer
        else None
    )
    context = room.context(
        "overview",
        windows=windows,
        panel=panel_of(room),
        change=change,
        cards=pairs.cards_about([change] if change else [], room.user, at=now),
    )
    return render(request, "scoring/decisions/overview.html", context)


@require_POST
@in_room
@fresh_sign_in
def confirm_chair(request: HttpRequest, room: Room, change: int) -> HttpResponse:
    """The second person confirms another chair."""
    if not (room.user.is_admin or room.user.is_officer):
        raise Http404
    asked = get_object_or_404(room.solicitation.chair_changes, pk=change)
    try:
        seat = actions.confirm_chair(asked, by=room.user, at=clock.wall_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{seat.user} now chairs the panel.")
    return redirect("scoring:overview", number=room.solicitation.number)


@dataclass(frozen=True, kw_only=True)
class WindowCard:
    """One window as the overview shows it."""

    window: Window
    stage: str
    stage_state: str
    received: str
    technical: str
    technical_state: str
    price: str
    price_state: str
    waiting: str
    waiting_url: str
    marking: shapes.Chart | None
    marking_says: str
    jobs: shapes.Chart | None
    jobs_say: str
    next_url: str
    next_words: str


def waiting_words(room: Room, window: Window, waiting: int) -> str:
    """How many decisions wait in the window, and how many suppliers are on hold."""
    held = len(decisions_pending.holds_on(proposals_in(room.viewer, window, room.access[window.pk])))
    parts = [formats.count_of(waiting, "decision") + " waiting"]
    if held:
        parts.append(formats.count_of(held, "supplier") + " on hold")
    return ", ".join(parts)


def jobs_map(jobs: Mapping[str, Decimal]) -> tuple[shapes.Chart, str]:
    """(map of the new places by state, what it says). `jobs` is not empty."""
    most = max(jobs, key=lambda state: (jobs[state], state))
    third = jobs[most] / 3
    said = (
        f"{formats.count_of(int(sum(jobs.values())), 'new job')} offered in {formats.count_of(len(jobs), 'state')}, "
        f"most in {STATE_NAMES.get(most, most)}: {formats.number(jobs[most], 0)}"
    )
    chart = maps.cartogram(
        jobs,
        cuts=(third, 2 * third),
        unit="New full-time jobs",
        title="New jobs offered by state",
        desc=said,
    )
    return chart, said


def window_card(
    room: Room,
    window: Window,
    received: int | None,
    progress: marking_queries.Progress | None,
    held: tuple[reading_queries.Held, ...],
    now: datetime,
) -> WindowCard:
    access = room.access[window.pk]
    jobs = reading_queries.new_jobs_by_state(room.viewer, window, held) if held else {}
    stage, stage_state = stage_words(window, now)
    base = room.solicitation.number
    prices = reading_queries.prices_of(window, access.price_lots, held)
    reads_queue = access.technical_open and (room.decides or room.viewer.oversees)
    waiting = decisions_pending.waiting_in(window) if reads_queue else 0
    next_url, next_words = _next_step(
        room, window, progress, closed=stage == "Closed", prices_done=prices.done, waiting=waiting
    )
    chart, said = jobs_map(jobs) if jobs else (None, "")
    shows = access.technical_open and progress is not None and progress.wanted
    return WindowCard(
        window=window,
        stage=stage,
        stage_state=stage_state,
        received=formats.count_of(received, "proposal")
        if received is not None and (access.technical_open or room.decides)
        else "Not disclosed yet",
        waiting=waiting_words(room, window, waiting) if reads_queue else "",
        waiting_url=f"{reverse('scoring:decision_list', args=[base])}?window={window.number}",
        technical="Open" if access.technical_open else "Sealed",
        technical_state="met" if access.technical_open else "sealed",
        price=prices.words,
        price_state=prices.state,
        marking=bars.progress(progress.given, progress.wanted) if shows and progress else None,
        marking_says=progress.says if shows and progress else "",
        jobs=chart,
        jobs_say=said,
        next_url=next_url,
        next_words=next_words,
    )


def stage_words(window: Window, now: datetime) -> tuple[str, str]:
    """(word, state) of a window at that moment."""
    if now < window.opens_at:
        return "Not open yet", "todo"
    if now < window.closes_at:
        return "Accepting proposals", "now"
    return "Closed", "closed"


def _next_step(
    room: Room,
    window: Window,
    progress: marking_queries.Progress | None,
    *,
    closed: bool,
    prices_done: bool,
    waiting: int,
) -> tuple[str, str]:
    access, number = room.access[window.pk], room.solicitation.number
    tail = f"?window={window.number}"
    if closed and not access.technical_open and room.decides:
        return reverse("scoring:opening_list", args=[number]) + tail, "Open the technical envelope"
    if not access.technical_open:
        return "", ""
    if room.must_declare(window):
        return reverse("scoring:declare", args=[number]) + tail, "Sign the declaration"
    if room.decides and waiting:
        return reverse("scoring:decision_list", args=[number]) + tail, "Make decisions"
    if not prices_done and room.seat is not None and progress and progress.given < progress.wanted:
        return reverse("scoring:queue", args=[number]) + tail, "Mark proposals"
    if not prices_done and room.decides:
        return reverse("scoring:opening_list", args=[number]) + tail, "Open the price envelope"
    if access.sees_panel:
        return reverse("scoring:ranking", args=[number]) + tail, "See the ranking"
    return reverse("scoring:proposal_list", args=[number]) + tail, "Read the proposals"


def panel_of(room: Room) -> list[tuple[str, str, str]]:
    """(name, chair or reviewer, windows signed for in words: "windows 1 and 2")."""
    signed: dict[int, list[int]] = {}
    for declaration in panel_queries.declarations_of(room.solicitation):
        signed.setdefault(declaration.user_id, []).append(declaration.window.number)
    return [
        (
            seat.user.name,
            "Chair" if seat.is_chair else "Reviewer",
            _windows(sorted(signed.get(seat.user_id, ()))),
        )
        for seat in panel_queries.panel_of(room.solicitation)
    ]


def _windows(numbers: list[int]) -> str:
    if not numbers:
        return ""
    return f"window{'s' if len(numbers) > 1 else ''} {formats.listed([str(number) for number in numbers])}"
