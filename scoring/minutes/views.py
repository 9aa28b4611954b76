"""The minutes of a lot: what is to be signed, and what was signed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.kit import asked, clock
from portal.kit.refused import Refused
from scoring.board.views.shared import Seen, seen_in
from scoring.minutes import actions, queries
from scoring.minutes.forms import MinutesForm
from scoring.panel.views.room import Room, in_room

PAGE = 10


@in_room
def minutes(request: HttpRequest, room: Room) -> HttpResponse:
    """What was settled since the last minutes, for the chair to sign; and the signed ones, the newest first."""
    seen = seen_in(request, room)
    if seen.lot is None:
        return _page(request, seen, None, None)
    content = queries.since_last(seen.window, seen.lot, room.user)
    form = None
    if room.viewer.is_chair and not queries.is_empty(content):
        declared = queries.declared_in(seen.window, seen.seats)
        data = request.POST if request.method == "POST" else None
        form = MinutesForm(data, name=room.user.name, seats=declared, through=content["through"])
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and (signed := _signed(seen, form)):
            messages.success(request, f"Minutes {signed} signed.")
            return redirect(seen.url("minutes"))
    return _page(request, seen, content, form)


def _signed(seen: Seen, form: MinutesForm) -> int:
    """The number of the minutes; 0 where they were refused, which the form then says."""
    assert seen.lot is not None
    try:
        return actions.sign(
            seen.window,
            seen.lot,
            present=form.who,
            remarks=form.cleaned_data["remarks"],
            signed_name=form.cleaned_data["signed_name"],
            shown=form.through,
            by=seen.room.user,
            at=clock.wall_time(),
        ).number
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return 0


def _page(
    request: HttpRequest, seen: Seen, content: queries.Content | None, form: MinutesForm | None
) -> HttpResponse:
    page: Any = []
    if seen.lot is not None:
        page = asked.page_of(request, queries.minutes_of(seen.window, seen.lot), PAGE)
    context = seen.room.context(
        "moderation_list",
        seen=seen,
        window=seen.window,
        lot=seen.lot,
        content=None if content is None or queries.is_empty(content) else content,
        form=form,
        page=page,
        signed=[(each, queries.as_read_by(seen.room.user, each)) for each in page],
        back=seen.url("moderation_list"),
    )
    return render(request, "scoring/minutes/minutes.html", context)
