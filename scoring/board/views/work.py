"""By when marks are due, and who takes over whose open work."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.kit import clock, formats
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from scoring.board import actions, planning
from scoring.board.forms import DueForm, HandoverForm
from scoring.board.views.shared import Seen, on_board
from scoring.duties import queries as duties
from scoring.duties.models import Handover


@on_board
def due(request: HttpRequest, seen: Seen) -> HttpResponse:
    """One date for everybody, or more time for one reviewer."""
    data = request.POST if request.method == "POST" else None
    form = DueForm(data, seats=seen.seats, zone=seen.room.zone, initial={"seat": request.GET.get("seat")})
    if request.method == "POST" and form.is_valid():
        try:
            stored = actions.set_due(
                seen.window,
                seat=form.who,
                due_at=form.due_at,
                reason=form.cleaned_data["reason"],
                by=seen.room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error("on", str(refusal))
        else:
            who = form.who.user.name if form.who else "Everyone"
            messages.success(request, f"{who}: due {formats.deadline(stored.due_at, seen.room.zone)}.")
            return redirect(seen.url())
    now = duties.due_of(seen.window)
    people = [
        (seat.user.name, formats.deadline(now.own[seat.pk], seen.room.zone))
        for seat in seen.seats
        if seat.pk in now.own
    ]
    context = seen.room.context(
        "panel_board",
        seen=seen,
        window=seen.window,
        form=form,
        due=formats.deadline(now.everybody, seen.room.zone) if now.everybody else "",
        people=people,
    )
    return render(request, "scoring/board/people/due.html", context)


@on_board
def hand_over(request: HttpRequest, seen: Seen, seat: int) -> HttpResponse:
    """A reviewer's open work goes to a deputy."""
    giver = get_object_or_404(seen.room.solicitation.evaluators.select_related("user"), pk=seat)
    now = clock.wall_time()
    form = HandoverForm(
        request.POST if request.method == "POST" else None,
        seats=[each for each in planning.seats_of(seen.room.solicitation) if each.pk != giver.pk],
        today=now.astimezone(seen.room.solicitation.zone).date(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            _, count, left = actions.hand_over(
                seen.window,
                giver,
                form.who,
                reason=form.cleaned_data["reason"],
                until=form.cleaned_data["until"],
                by=seen.room.user,
                at=now,
            )
        except Refused as refusal:
            form.add_error("deputy", str(refusal))
        else:
            stays = f" {count_of(len(left), 'proposal')} stayed with {giver.user.name}." if left else ""
            messages.success(
                request,
                f"{form.who.user.name} has {count_of(count, 'proposal')} from {giver.user.name}.{stays}",
            )
            return redirect(seen.url())
    context = seen.room.context(
        "panel_board",
        seen=seen,
        window=seen.window,
        giver=giver,
        form=form,
        count=len(actions.open_work(seen.window, giver)),
    )
    return render(request, "scoring/board/people/hand_over.html", context)


@require_POST
@on_board
def take_back(request: HttpRequest, seen: Seen, pk: int) -> HttpResponse:
    """End a handover early: what the deputy has not begun goes back."""
    found = get_object_or_404(Handover.objects.select_related("giver__user"), pk=pk, window=seen.window)
    count = actions.take_back(found, by=seen.room.user, at=clock.wall_time())
    messages.success(request, f"{count_of(count, 'proposal')} back with {found.giver.user.name}.")
    return redirect(seen.url())
