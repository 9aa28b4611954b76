"""Openings: two people, the chair and an admin, make an envelope readable, and it is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal import clock, formats
from portal.compliance import Envelope
from rfp.actions import Refused
from rfp.models import Opening, Window
from scoring import actions, queries
from scoring.forms import OpeningForm
from scoring.views.room import Room, in_room

WHAT = {Envelope.TECHNICAL: "Technical envelope", Envelope.PRICE: "Price envelope"}


@in_room
def opening_list(request: HttpRequest, room: Room) -> HttpResponse:
    """Each window's envelopes: sealed, begun or open; who did it; what is still missing."""
    now = clock.wall_time()
    windows = [
        (window, [step_of(room, window, envelope, now) for envelope in (Envelope.TECHNICAL, Envelope.PRICE)])
        for window in room.windows
    ]
    return render(request, "scoring/opening_list.html", room.context("opening_list", steps=windows, now=now))


@require_POST
@in_room
def open_envelope(request: HttpRequest, room: Room, window: int, envelope: str) -> HttpResponse:
    """Begin an opening, or confirm the one that somebody else began."""
    if not room.decides or envelope not in (Envelope.TECHNICAL.value, Envelope.PRICE.value):
        raise Http404
    chosen, wanted = room.window(str(window)), Envelope(envelope)
    begun = opening_of(chosen, wanted)
    try:
        if begun is None:
            actions.propose_opening(chosen, envelope=wanted, by=room.user)
            said = f"{WHAT[wanted]} of window {chosen.number}: opening begun. A second person confirms it."
        else:
            actions.confirm_opening(begun, by=room.user)
            said = f"{WHAT[wanted]} of window {chosen.number} is open."
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("scoring:opening_list", number=room.solicitation.number)


def opening_of(window: Window, envelope: Envelope) -> Opening | None:
    return next((each for each in window.openings.all() if each.envelope == envelope.value), None)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One envelope of one window: where it stands in words, and what this user may do about it."""

    what: str
    state: str
    word: str
    history: tuple[str, ...]
    missing: tuple[str, ...]
    form: OpeningForm | None


def step_of(room: Room, window: Window, envelope: Envelope, now: datetime) -> Step:
    opening = opening_of(window, envelope)
    is_open = opening is not None and opening.confirmed_at is not None
    missing = () if is_open else tuple(missing_before(room, window, envelope, opening, now))
    may_act = room.decides and not is_open and not missing
    verb = "Confirm" if opening else "Begin"
    return Step(
        what=WHAT[envelope],
        state="met" if is_open else "run" if opening else "sealed",
        word="Open" if is_open else "A second person confirms" if opening else "Sealed",
        history=tuple(history_of(opening, room.zone)),
        missing=missing,
        form=OpeningForm(
            submit=f"{verb} the {envelope.value} opening",
            action=reverse(
                "scoring:opening_act", args=[room.solicitation.number, window.number, envelope.value]
            ),
        )
        if may_act
        else None,
    )


def missing_before(
    room: Room, window: Window, envelope: Envelope, opening: Opening | None, now: datetime
) -> list[str]:
    """What has to come first, a sentence each; empty when this user may act now."""
    if now < window.closes_at:
        return [f"The window closes {formats.deadline(window.closes_at, room.zone)}. Nothing opens before."]
    gaps = queries.gaps_before_prices(window) if envelope is Envelope.PRICE else []
    if opening is not None and room.decides and not gaps:
        first = opening.proposed_by
        if first.pk == room.user.pk or first.is_admin == room.user.is_admin:
            other = "the chair" if first.is_admin else "an admin"
            gaps = [f"{first.name} has begun; {other} confirms."]
    return gaps


def history_of(opening: Opening | None, zone: str) -> list[str]:
    """Who did what, and when."""
    if opening is None:
        return []
    done = [f"Begun by {opening.proposed_by.name}, {formats.when(opening.proposed_at, zone)}"]
    if opening.confirmed_by is not None:
        done.append(f"Confirmed by {opening.confirmed_by.name}, {formats.when(opening.confirmed_at, zone)}")
    return done
