"""The hand-off for joint planning: what winners promised, as a page and as files."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from portal.kit import tables
from rfp.models import DeliveryLine, Window
from scoring.outcomes import commitments, queries
from scoring.outcomes.commitments import Promised
from scoring.panel.access import proposals_visible_to
from scoring.panel.views.room import Room, in_room

LINES = "proposal__current_revision"


@in_room
def handoff(request: HttpRequest, room: Room) -> HttpResponse:
    """Each award of a window with its commitments by day, for those who decide."""
    window = _window(request, room)
    found = [
        (each, [(said, commitments.shown(said)) for said in each.commitments])
        for each in _promised(room, window)
    ]
    context: dict[str, Any] = {"window": window, "awards": found}
    return render(request, "scoring/outcomes/handoff.html", room.context("letter_list", **context))


@in_room
def export(request: HttpRequest, room: Room, kind: str) -> HttpResponseBase:
    """The same as CSV or JSON."""
    window = _window(request, room)
    found = _promised(room, window)
    name = f"{room.solicitation.number}-window-{window.number}-commitments"
    if kind == "json":
        content = json.dumps(commitments.as_data(window, found), ensure_ascii=False, indent=1)
        headers = {
            "Content-Disposition": f'attachment; filename="{name}.json"',
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(content, content_type="application/json", headers=headers)
    return tables.exported(commitments.table(found), kind, name=name, title="Commitments")


def _window(request: HttpRequest, room: Room) -> Window:
    if not room.decides:
        raise Http404
    priced = [each for each in room.windows if room.access[each.pk].price_lots]
    latest = str(priced[-1].number) if priced else None
    return room.window(request.GET.get("window") or latest)


def _promised(room: Room, window: Window) -> list[Promised]:
    """Awards that suppliers know of and that stand; a fixed number of queries."""
    items = DeliveryLine.objects.select_related("item")
    letters = (
        queries.standing_awards(window)
        .filter(proposal__in=proposals_visible_to(room.user), ends__confirmed_at__isnull=True)
        .select_related("proposal__current_revision__score")
        .prefetch_related(
            f"{LINES}__ramp_periods",
            f"{LINES}__jobs_lines",
            Prefetch(f"{LINES}__delivery_lines", queryset=items),
        )
        .order_by("release__lot__position", "id")
        .distinct()
    )
    return [
        Promised(letter=each, commitments=commitments.commitments_of(each.proposal.current_revision))
        for each in letters
        if each.proposal.current_revision is not None
    ]
