"""Openings: two people, the chair and an admin, make envelopes readable, lot by lot, and it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts import pairs
from portal.accounts.fresh import fresh_sign_in
from portal.kit import clock, formats
from portal.kit.compliance import Envelope
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from rfp.models import Lot, Opening, Window
from scoring.decisions import lots as decisions_lots
from scoring.decisions import opening_actions
from scoring.decisions.forms import FewerMarksForm, OpeningForm
from scoring.decisions.lots import LotState
from scoring.panel import queries
from scoring.panel.models import Evaluator
from scoring.panel.views.room import Room, in_room


@dataclass(frozen=True, kw_only=True)
class Technical:
    """A window's technical envelope, which opens for all lots at once."""

    state: str
    word: str
    history: tuple[str, ...]
    missing: tuple[str, ...]
    form: OpeningForm | None


@dataclass(frozen=True, kw_only=True)
class LotLine:
    """One lot on its way to the price opening: what is open and with whom, and what this user may do."""

    lot: Lot
    state: LotState
    word: str
    shape: str
    left: Sequence[tuple[str, int]]
    history: tuple[str, ...]
    waits_for: str
    form: OpeningForm | None
    fewer: FewerMarksForm | None
    action: str


@dataclass(frozen=True, kw_only=True)
class WindowSteps:
    """One window's openings."""

    window: Window
    technical: Technical
    lots: Sequence[LotLine]
    open_ready: OpeningForm | None
    confirm_all: OpeningForm | None


@in_room
def opening_list(request: HttpRequest, room: Room) -> HttpResponse:
    """Each window's envelopes: sealed, begun or open; who did it; what is still missing, and with whom."""
    return render_list(request, room)


def render_list(
    request: HttpRequest, room: Room, *, failed: dict[tuple[int, str], FewerMarksForm] | None = None
) -> HttpResponse:
    now = clock.wall_time()
    queries.with_openers(room.windows)
    seats = queries.panel_of(room.solicitation) if room.is_opened else []
    steps = [steps_of(room, window, now, seats, failed or {}) for window in room.windows]
    openings = [each for window in room.windows for each in window.openings.all()]
    begun = [each for each in openings if each.confirmed_at is None and room.sees_pairs]
    cards = pairs.cards_about(begun, room.user, at=now)
    context = room.context("opening_list", steps=steps, now=now, cards=cards)
    return render(request, "scoring/decisions/openings/opening_list.html", context)


def steps_of(
    room: Room,
    window: Window,
    now: datetime,
    seats: Sequence[Evaluator],
    failed: dict[tuple[int, str], FewerMarksForm],
) -> WindowSteps:
    technical = technical_of(room, window, now)
    if not room.access[window.pk].technical_open:
        return WindowSteps(window=window, technical=technical, lots=[], open_ready=None, confirm_all=None)
    states = decisions_lots.lots_before_prices(window)
    left = decisions_lots.who_is_left(states, seats)
    lots = [lot_line(room, window, state, left[state.lot.pk], failed) for state in states]
    ready = [state for state in states if state.is_ready] if may_open(room, window) else []
    to_confirm = [line for line in lots if line.state.opening and line.form]
    act = act_on(room, window, Envelope.PRICE)
    return WindowSteps(
        window=window,
        technical=technical,
        lots=lots,
        open_ready=OpeningForm(submit=f"Open all ready lots ({len(ready)})", action=f"{act}?ready=1")
        if len(ready) > 1
        else None,
        confirm_all=OpeningForm(
            submit=f"Confirm all started openings ({len(to_confirm)})", action=f"{act}?started=1"
        )
        if len(to_confirm) > 1
        else None,
    )


def act_on(room: Room, window: Window, envelope: Envelope) -> str:
    return reverse("scoring:opening_act", args=[room.solicitation.number, window.number, envelope.value])


def may_open(room: Room, window: Window) -> bool:
    """Chair and admins open prices, after signing the window's declaration."""
    return room.decides and window.pk in room.viewer.windows


def technical_of(room: Room, window: Window, now: datetime) -> Technical:
    begun = openings_of(window, Envelope.TECHNICAL)
    first = begun[0] if begun else None
    is_open = first is not None and first.confirmed_at is not None
    missing: list[str] = []
    if now < window.closes_at:
        missing = [
            f"The window closes {formats.deadline(window.closes_at, room.zone)}. You can’t open anything before then."
        ]
    elif first is not None and not is_open:
        missing = waits_for(room, first)
    may_act = room.decides and not is_open and not missing
    verb = "Confirm" if first else "Start"
    return Technical(
        state="met" if is_open else "run" if first else "sealed",
        word="Open" if is_open else "Needs a second person" if first else "Sealed",
        history=tuple(history_of(first, room.zone)),
        missing=tuple(missing),
        form=OpeningForm(
            submit=f"{verb} the technical opening",
            action=act_on(room, window, Envelope.TECHNICAL),
        )
        if may_act
        else None,
    )


def lot_line(
    room: Room,
    window: Window,
    state: LotState,
    left: Sequence[tuple[str, int]],
    failed: dict[tuple[int, str], FewerMarksForm],
) -> LotLine:
    opening = state.opening
    waiting = waits_for(room, opening) if opening is not None and not state.price_open else []
    may_act = may_open(room, window) and not state.price_open and not waiting and not state.undecided
    lacks = bool(state.lacks_marks) and opening is None
    action = f"{act_on(room, window, Envelope.PRICE)}?lot={state.lot.code}"
    fewer = None
    if may_act and lacks and room.viewer.is_chair:
        fewer = failed.get((window.pk, state.lot.code)) or FewerMarksForm(prefix=f"lot-{state.lot.pk}")
    word, shape = word_of(state)
    return LotLine(
        lot=state.lot,
        state=state,
        word=word,
        shape=shape,
        left=left,
        history=tuple(history_of(opening, room.zone)),
        waits_for=" ".join(waiting),
        form=OpeningForm(submit="Confirm" if opening else "Start the price opening", action=action)
        if may_act and not lacks
        else None,
        fewer=fewer,
        action=action,
    )


def word_of(state: LotState) -> tuple[str, str]:
    """(word, shape) of a lot's prices."""
    if state.price_open:
        return "Open", "met"
    if state.opening is not None:
        return "Needs a second person", "run"
    if state.is_ready:
        return "Ready to open", "met"
    return "Sealed", "sealed"


def waits_for(room: Room, opening: Opening) -> list[str]:
    """Who confirms an opening that somebody else started; nothing for the person who may."""
    first = opening.proposed_by
    if room.decides and first.pk != room.user.pk and first.is_admin != room.user.is_admin:
        return []
    other = "the chair" if first.is_admin else "an admin"
    return [f"{first.name} started it. Waiting for {other} to confirm."]


def openings_of(window: Window, envelope: Envelope) -> list[Opening]:
    return [each for each in window.openings.all() if each.envelope == envelope.value]


def history_of(opening: Opening | None, zone: str) -> list[str]:
    """Who did what, and when."""
    if opening is None:
        return []
    done = [f"Started by {opening.proposed_by.name}, {formats.when(opening.proposed_at, zone)}"]
    if opening.fewer_marks_reason:
        done.append(f"Before all marks were in: {opening.fewer_marks_reason}")
    if opening.confirmed_by is not None and opening.confirmed_at is not None:
        done.append(f"Confirmed by {opening.confirmed_by.name}, {formats.when(opening.confirmed_at, zone)}")
    return done


# ---- acting -----------------------------------------------------------------------------------------------------


@require_POST
@in_room
@fresh_sign_in
def open_envelope(request: HttpRequest, room: Room, window: int, envelope: str) -> HttpResponse:
    """Start an opening, or confirm what somebody else started: of one lot, or of all that are ready."""
    if not room.decides or envelope not in (Envelope.TECHNICAL.value, Envelope.PRICE.value):
        raise Http404
    chosen, wanted = room.any_window(str(window)), Envelope(envelope)
    if wanted is Envelope.PRICE and not may_open(room, chosen):
        messages.error(request, f"Sign your conflict declaration for window {chosen.number} first.")
        return redirect("scoring:opening_list", number=room.solicitation.number)
    lots = lots_asked_for(request, room, chosen, wanted)
    begun = any(
        each.confirmed_at is None and (wanted is Envelope.TECHNICAL or each.lot in lots)
        for each in openings_of(chosen, wanted)
    )
    reason = ""
    if lots and f"lot-{lots[0].pk}-fewer_marks_reason" in request.POST:
        form = FewerMarksForm(request.POST, prefix=f"lot-{lots[0].pk}")
        if not form.is_valid():
            return render_list(request, room, failed={(chosen.pk, lots[0].code): form})
        reason = form.cleaned_data["fewer_marks_reason"]
    try:
        if begun or (wanted is Envelope.TECHNICAL and openings_of(chosen, wanted)):
            opened = opening_actions.confirm_openings(chosen, envelope=wanted, lots=lots, by=room.user)
            said = f"{subject(wanted, opened, chosen)} open."
        else:
            opened = opening_actions.propose_openings(
                chosen, envelope=wanted, lots=lots, by=room.user, fewer_marks_reason=reason
            )
            said = f"{subject(wanted, opened, chosen)} started. A second person must confirm."
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("scoring:opening_list", number=room.solicitation.number)


def subject(envelope: Envelope, openings: Sequence[Opening], window: Window) -> str:
    """ "Technical envelope of window 1:", "Prices of window 1, 3 lots:"."""
    if envelope is Envelope.TECHNICAL:
        return f"Technical envelope of window {window.number}:"
    return f"Prices of window {window.number}, {count_of(len(openings), 'lot')}:"


def lots_asked_for(request: HttpRequest, room: Room, window: Window, envelope: Envelope) -> list[Lot]:
    """The lot in the address; all that are ready, or all that were started by somebody else. Raises Http404."""
    lots = list(room.solicitation.lots.all())
    if envelope is Envelope.TECHNICAL:
        return lots
    if request.GET.get("ready"):
        return [state.lot for state in decisions_lots.lots_before_prices(window) if state.is_ready]
    if request.GET.get("started"):
        queries.with_openers([window])
        begun = {
            each.lot_id
            for each in openings_of(window, envelope)
            if each.confirmed_at is None and not waits_for(room, each)
        }
        return [lot for lot in lots if lot.pk in begun]
    chosen = [lot for lot in lots if lot.code == request.GET.get("lot")]
    if not chosen:
        raise Http404
    return chosen
