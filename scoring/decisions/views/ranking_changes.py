"""What changed in a lot's ranking each time it was stored, and why."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from scoring.decisions.views.ranking_shown import lot_tabs, shown_in
from scoring.panel.access import Conflicts
from scoring.panel.views.room import Room, in_room
from scoring.ranking.certainty.shifts import KEPT
from scoring.ranking.models import Shift


@in_room
def changes(request: HttpRequest, room: Room) -> HttpResponse:
    """The last few changes of one lot, the newest first, without suppliers that are hidden from the reader."""
    shown = shown_in(request, room)
    if shown is None or shown.lot is None:
        raise Http404
    shifts = Shift.objects.filter(ranking=shown.stored, lot=shown.lot.lot)[:KEPT]
    query = request.GET.copy()
    query["window"], query["lot"] = str(shown.window.number), shown.lot.lot.code
    address = reverse("scoring:ranking", args=[room.solicitation.number])
    context: dict[str, Any] = {
        "window": shown.window,
        "lot": shown.lot.lot,
        "lot_tabs": lot_tabs(shown, query)[:-1],
        "ranking_url": f"{address}?window={shown.window.number}&lot={shown.lot.lot.code}",
        "shifts": [_in_words(each, room.viewer.conflicts) for each in shifts],
    }
    return render(request, "scoring/decisions/ranking/changes.html", room.context("ranking", **context))


def _in_words(shift: Shift, conflicts: Conflicts) -> dict[str, Any]:
    moves = [
        each
        for each in shift.moves
        if not conflicts.everybody and each["supplier"] not in conflicts.suppliers
    ]
    more = 0 if conflicts else max(0, shift.count - len(shift.moves))
    return {"at": shift.at, "since": shift.since, "moves": moves, "more": more}
