"""Two to six proposals of a window, chosen in the ranking, side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from scoring.comparing.side_by_side import side_by_side
from scoring.decisions.views.ranking_shown import ALL, Shown, shown_in
from scoring.panel.views.room import Room, in_room
from scoring.ranking.models import RankedProposal
from scoring.ranking.queries import ranked_visible_to

LEAST, MOST = 2, 6
LISTED = 50  # of too many, to choose from again


@in_room
def compare(request: HttpRequest, room: Room) -> HttpResponse:
    """What was chosen, or why that can't be compared. Raises Http404 where no ranking is the reader's."""
    shown = shown_in(request, room)
    if shown is None:
        raise Http404
    rows = chosen_rows(request, room, shown)
    address = reverse("scoring:ranking", args=[room.solicitation.number])
    query = QueryDict(mutable=True)
    query["window"], query["lot"] = str(shown.window.number), shown.lot.lot.code if shown.lot else ALL
    context: dict[str, Any] = {
        "window": shown.window,
        "lot": shown.lot.lot if shown.lot else None,
        "lot_code": query["lot"],
        "ranking_url": f"{address}?{query.urlencode()}",
        "rows": rows[:LISTED],
        "query": request.GET.urlencode(),
    }
    if LEAST <= len(rows) <= MOST:
        context["compared"] = side_by_side(rows, room, shown.access)
    else:
        context["refusal"] = refusal(len(rows))
    return render(request, "scoring/comparing/compare/compare.html", room.context("ranking", **context))


def chosen_rows(request: HttpRequest, room: Room, shown: Shown) -> list[RankedProposal]:
    """The rows that the address names and the reader may read, in the order of ranks; others are left out."""
    keys = {key for key in map(_uuid, request.GET.getlist("item")[: 4 * LISTED]) if key}
    rows = ranked_visible_to(room.viewer, shown.stored, shown.access).filter(proposal__in=keys)
    return list(rows.order_by("position")) if keys else []


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def refusal(count: int) -> str:
    """Why so many can't be compared, in a sentence."""
    if not count:
        return f"Select {LEAST} to {MOST} proposals in the ranking to compare them."
    return f"You selected {count}. Select {LEAST} to {MOST} proposals to compare."
