"""Ties of one lot: who shares a place, what a draw would decide, and the draws with what they can be checked by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts import pairs
from portal.accounts.fresh import fresh_sign_in
from portal.kit import asked, clock
from portal.kit.refused import Refused
from portal.record import heads
from rfp.models import Lot, Window
from scoring.calculation import draws
from scoring.drawing import actions, queries
from scoring.panel.views.room import Room, in_room, in_room_with
from scoring.ranking import queries as ranking_queries
from scoring.ranking.models import Ranking
from scoring.settling import queries as settled
from scoring.settling.models import Draw, DrawStart

PAGE = 20


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A draw as the page shows it. `order`: (place, number, supplier, the number that it drew); `hidden`: how many the
    reader may not know. With any, what the draw can be checked by is left out."""

    draw: Draw
    order: Sequence[tuple[int, str, str, str]]
    hidden: int


@in_room_with("windows__ranking")
def tie_list(request: HttpRequest, room: Room) -> HttpResponse:
    """The ties of one lot whose prices are open, and its draws, the newest first."""
    window = room.window(request.GET.get("window"))
    ranking = getattr(window, "ranking", None)
    lots = _open_lots(room, window, ranking)
    context: dict[str, Any] = {"window": window, "by_draw": queries.settles_by_draw(room.solicitation)}
    if ranking is not None and lots:
        code = asked.text(request, "lot")
        lot = next((each for each in lots if each.code == code), lots[0])
        context |= _ties(request, room, ranking, lot) | {"lot_tabs": _tabs(window, lots, lot)}
    return render(request, "scoring/drawing/ties.html", room.context("ranking", **context))


def _ties(request: HttpRequest, room: Room, ranking: Ranking, lot: Lot) -> dict[str, Any]:
    number, window = room.solicitation.number, ranking.window
    slots = room.solicitation.slots_per_lot
    ties = queries.ties_in(ranking, lot, room.viewer.conflicts, slots=slots)
    page = asked.page_of(request, settled.draws_of(window.pk, lot.pk), PAGE)
    begun = [each.start for each in ties if each.start and room.sees_pairs]
    return {
        "lot": lot,
        "ranking": ranking,
        "ties": [(tie, _act(room, tie)) for tie in ties],
        "slots": slots,
        "page": page,
        "draws": _drawn(room, window, list(page)),
        "public_key": heads.public_key(),
        "act_url": reverse("scoring:tie_draw", args=[number, window.number, lot.code]),
        "ranking_url": f"{reverse('scoring:ranking', args=[number])}?window={window.number}&lot={lot.code}",
        "cards": pairs.cards_about(begun, room.user, at=clock.wall_time()),
    }


def _open_lots(room: Room, window: Window, ranking: Ranking | None) -> list[Lot]:
    """The lots of the window that were ranked with prices and that the reader sees."""
    access = room.access[window.pk]
    if ranking is None or not access.sees_panel:
        return []
    told = ranking_queries.lots_visible_to(room.viewer, ranking, access)
    priced = {pk for pk, _count, _ranked, _first, priced in told if priced and pk in access.price_lots}
    return [each for each in room.solicitation.lots.all() if each.pk in priced]


def _tabs(window: Window, lots: Sequence[Lot], chosen: Lot) -> list[dict[str, Any]]:
    tabs = [
        {
            "label": f"{each.code} {each.title}",
            "url": f"?window={window.number}&lot={each.code}",
            "current": each.pk == chosen.pk,
        }
        for each in lots
    ]
    return tabs if len(tabs) > 1 else []


def _act(room: Room, tie: queries.Tie) -> str:
    """What this user may do about a tie: "start", "complete", or nothing (blank)."""
    if not room.decides or not queries.settles_by_draw(room.solicitation):
        return ""
    if tie.start is None:
        return "start"
    first = tie.start.by
    return "complete" if first.pk != room.user.pk and first.is_admin != room.user.is_admin else ""


def _drawn(room: Room, window: Window, found: Sequence[Draw]) -> list[Drawn]:
    """The draws with the suppliers' names; one query."""
    rows = queries.names_of(window, {number for each in found for number in each.drawn})
    conflicts = room.viewer.conflicts
    shown = []
    for draw in found:
        order = [
            (place, number, rows[number].supplier_name if number in rows else "", _number(draw, number))
            for place, number in enumerate(draw.drawn, start=1)
            if not conflicts or (number in rows and rows[number].supplier_id not in conflicts.suppliers)
        ]
        shown.append(Drawn(draw=draw, order=order, hidden=len(draw.drawn) - len(order)))
    return shown


def _number(draw: Draw, proposal: str) -> str:
    return draws.number_of(draw.seed, proposal)


@require_POST
@in_room
@fresh_sign_in
def draw(request: HttpRequest, room: Room, window: int, lot: str) -> HttpResponse:
    """Start a draw, or complete what somebody else started. The form says which tie the person read."""
    if not room.decides:
        raise Http404
    chosen = room.window(str(window))
    found = get_object_or_404(room.solicitation.lots, code=lot, pk__in=room.access[chosen.pk].price_lots)
    rank = request.POST.get("rank", "")
    start = request.POST.get("start", "")
    try:
        if start.isdecimal() and len(start) < 18:
            begun = get_object_or_404(DrawStart, pk=int(start), window=chosen, lot=found)
            drawn = actions.complete_draw(begun, by=room.user)
            said = f"Draw {drawn.pk} is recorded. The ranking is being updated."
        else:
            actions.start_draw(chosen, found, tied=_tied(chosen, found, rank, request), by=room.user)
            said = "Draw started. A second person must complete it."
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    address = reverse("scoring:tie_list", args=[room.solicitation.number])
    return redirect(f"{address}?window={chosen.number}&lot={found.code}")


def _tied(window: Window, lot: Lot, rank: str, request: HttpRequest) -> list[str]:
    """Who shares the rank, if as many as the person read. Raises Refused."""
    ranking = ranking_queries.ranking_of(window)
    if ranking is None or not (rank.isdecimal() and len(rank) < 9):
        raise Refused(actions.CHANGED)
    numbers = queries.numbers_tied(ranking, lot.pk, int(rank))
    if draws.digest_of(numbers) != request.POST.get("tie"):
        raise Refused(actions.CHANGED)
    return numbers
