"""The conflict declaration: signed before a reviewer sees anything of a proposal."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal import clock
from rfp.actions import Refused
from scoring import actions, queries
from scoring.forms import DeclarationForm
from scoring.views.room import Room, in_room_undeclared


@in_room_undeclared
def declare(request: HttpRequest, room: Room) -> HttpResponse:
    """Names of suppliers with opened proposals are the one thing shown before the signature."""
    if room.seat is None:
        raise Http404
    if not room.must_declare or not room.is_opened:
        return render(request, "scoring/declaration.html", room.context("", form=None))
    form = DeclarationForm(
        request.POST if request.method == "POST" else None,
        name=room.user.name,
        suppliers=queries.suppliers_to_declare(room.solicitation),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.declare_conflicts(
                room.seat,
                signed_name=form.cleaned_data["signed_name"],
                conflicts=form.cleaned_data["conflicts"],
                statement=form.cleaned_data["statement"],
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Declaration signed. You may read and mark proposals now.")
            return redirect("scoring:overview", number=room.solicitation.number)
    return render(request, "scoring/declaration.html", room.context("", form=form))
