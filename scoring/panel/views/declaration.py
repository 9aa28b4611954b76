"""Conflicts of interest: signed for each window before anything of it is read, added at any time, kept for good."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.kit import clock
from portal.kit.refused import Refused
from rfp.models import Window
from scoring.panel import actions, queries
from scoring.panel.forms.conflicts import ConflictForm, DeclarationForm, RecusalForm
from scoring.panel.models import Conflict, Evaluator
from scoring.panel.views.room import Room, in_room


@in_room
def declare(request: HttpRequest, room: Room) -> HttpResponse:
    """The names of suppliers not asked about before are the one thing shown before the signature: no lots, no links."""
    if room.seat is None and not room.user.is_admin:
        raise Http404
    room.is_declaration = True
    window = _window_to_sign(request, room)
    if window is None:
        return redirect("scoring:conflict_list", number=room.solicitation.number)
    form = DeclarationForm(
        request.POST if request.method == "POST" else None,
        name=room.user.name,
        suppliers=queries.suppliers_to_declare(window, room.user),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.declare_conflicts(
                window,
                signed_name=form.cleaned_data["signed_name"],
                conflicts=form.cleaned_data["conflicts"],
                statement=form.cleaned_data["statement"],
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Declaration for window {window.number} signed.")
            return redirect("scoring:overview", number=room.solicitation.number)
    return render(
        request, "scoring/panel/declaration.html", room.context("conflict_list", form=form, window=window)
    )


def _window_to_sign(request: HttpRequest, room: Room) -> Window | None:
    """The window asked for if it still has to be signed, else the first that has. Raises Http404."""
    unsigned = room.to_sign()
    number = request.GET.get("window")
    if number:
        asked = room.any_window(number)
        return asked if asked in unsigned else None
    return unsigned[0] if unsigned else None


@in_room
def conflict_list(request: HttpRequest, room: Room) -> HttpResponse:
    """A person's own declarations and conflicts; the chair, officers, admins and auditors read everybody's."""
    if room.seat is None and not room.viewer.oversees:
        raise Http404
    return render(request, "scoring/panel/conflict_list.html", conflict_context(room))


def conflict_context(
    room: Room, *, own: ConflictForm | None = None, recusal: RecusalForm | None = None
) -> dict[str, object]:
    room.is_declaration = True
    sees_all = room.viewer.oversees or room.viewer.is_chair
    conflicts = queries.conflicts_of(room.solicitation)
    declarations = queries.declarations_of(room.solicitation)
    if not sees_all:
        conflicts = conflicts.filter(user=room.user)
        declarations = declarations.filter(user=room.user)
    if room.viewer.conflicts.everybody:
        own = None
    elif own is None and room.viewer.windows:
        own = ConflictForm(suppliers=queries.suppliers_to_add(room.solicitation, room.user))
    if own is not None:
        own.action = reverse("scoring:conflict_add", args=[room.solicitation.number])
    if room.viewer.is_chair:
        recusal = recusal or recusal_form(room)
    return room.context(
        "conflict_list",
        conflicts=_rows(room, conflicts),
        declarations=declarations,
        sees_all=sees_all,
        form=own,
        recusal=recusal,
        to_sign=room.to_sign(),
    )


def _rows(room: Room, conflicts: Iterable[Conflict]) -> list[tuple[Conflict, str, str]]:
    """(conflict, supplier, reason). Who may not know the suppliers reads own conflicts alone: whoever knew that a
    reviewer has a conflict with a company would find its offer on the board."""
    rows = []
    for each in conflicts:
        supplier = each.supplier.legal_name if each.supplier else "The whole RFP"
        if each.supplier and room.nameless and each.user_id != room.user.pk:
            rows.append((each, "Hidden until prices open", "Hidden until prices open"))
        else:
            rows.append((each, supplier, each.reason))
    return rows


def recusal_form(room: Room, data: object = None) -> RecusalForm:
    seats = queries.seats_of(room.solicitation)
    suppliers = queries.suppliers_asked_about(room.solicitation, room.user)
    form = RecusalForm(data, seats=seats, suppliers=suppliers.none() if room.nameless else suppliers)
    if room.nameless:
        form.fields[
            "supplier"
        ].help_text = (
            "Supplier names are hidden. To recuse a reviewer from one supplier, ask them to add the conflict."
        )
    form.action = reverse("scoring:recuse", args=[room.solicitation.number])
    return form


@require_POST
@in_room
def add(request: HttpRequest, room: Room) -> HttpResponse:
    """A conflict found later. It takes effect at once."""
    if not room.viewer.windows:
        raise Http404
    form = ConflictForm(request.POST, suppliers=queries.suppliers_to_add(room.solicitation, room.user))
    if form.is_valid():
        supplier = form.cleaned_data["supplier"]
        try:
            actions.add_conflict(
                room.solicitation,
                supplier,
                statement=form.cleaned_data["statement"],
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Conflict with {supplier.legal_name} recorded. You can no longer see its proposals."
            )
            return redirect("scoring:conflict_list", number=room.solicitation.number)
    return render(request, "scoring/panel/conflict_list.html", conflict_context(room, own=form))


@require_POST
@in_room
def recuse(request: HttpRequest, room: Room) -> HttpResponse:
    """The chair takes a reviewer off one supplier, or off the whole RFP."""
    if not room.viewer.is_chair:
        raise Http404
    form = recusal_form(room, request.POST)
    if form.is_valid():
        seat = get_object_or_404(Evaluator, pk=form.cleaned_data["seat"].pk, solicitation=room.solicitation)
        try:
            actions.recuse(
                seat,
                supplier=form.cleaned_data["supplier"],
                reason=form.cleaned_data["reason"],
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{seat.user.name} has been recused.")
            return redirect("scoring:conflict_list", number=room.solicitation.number)
    return render(request, "scoring/panel/conflict_list.html", conflict_context(room, recusal=form))
