"""The panel of an RFP: admins seat reviewers and name the chair."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.accounts.fresh import fresh_sign_in
from portal.kit import clock
from portal.kit import refused as portal_refused
from rfp.models import Solicitation
from rfp.publishing.views.setup_frame import admin_of, frame, readable
from scoring.panel import actions as panel_actions
from scoring.panel import queries
from scoring.panel.forms.seats import ChairForm, SeatForm
from scoring.panel.models import ConflictDeclaration


@login_required
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The seats, and a form for one more; also after publication, when another chair takes two people."""
    solicitation = readable(request, pk)
    form = SeatForm(solicitation, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            seat = panel_actions.seat_evaluator(
                solicitation,
                user=form.cleaned_data["user"],
                is_chair=form.cleaned_data.get("is_chair", False),
                by=admin_of(request),
                at=clock.wall_time(),
            )
        except portal_refused.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{seat.user.name} is on the panel.")
            return redirect("scoring:panel", pk)
    return _render(request, solicitation, form)


def _render(
    request: HttpRequest, solicitation: Solicitation, form: SeatForm, chair: ChairForm | None = None
) -> HttpResponse:
    signed = ConflictDeclaration.objects.filter(user=OuterRef("user"), window__solicitation=solicitation)
    seats = list(
        solicitation.evaluators.select_related("user").annotate(
            given=Count("marks"), has_signed=Exists(signed)
        )
    )
    context = frame(solicitation, "panel") | {
        "seats": seats,
        "form": form,
        "has_chair": any(seat.is_chair for seat in seats),
    }
    if solicitation.is_published or chair:
        change = queries.chair_change_of(solicitation)
        context |= {"change": change, "chair_form": chair or ChairForm(solicitation)}
    return render(request, "scoring/panel/panel.html", context)


@login_required
@fresh_sign_in
@require_POST
def chair_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for another chair of a published RFP."""
    solicitation = readable(request, pk)
    form = ChairForm(solicitation, request.POST)
    if form.is_valid():
        try:
            panel_actions.propose_chair(
                solicitation,
                user=form.cleaned_data["user"],
                reason=form.cleaned_data["reason"],
                by=admin_of(request),
                at=clock.wall_time(),
            )
        except portal_refused.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Proposed. Another admin or a compliance officer must confirm it.")
            return redirect("scoring:panel", pk)
    return _render(request, solicitation, SeatForm(solicitation), form)


@login_required
@require_POST
def panel_chair(request: HttpRequest, pk: int, seat: int) -> HttpResponse:
    """Name the chair, or take the chair back, before the RFP is published."""
    solicitation = readable(request, pk)
    evaluator = get_object_or_404(solicitation.evaluators.select_related("user"), pk=seat)
    try:
        panel_actions.seat_evaluator(
            solicitation,
            user=evaluator.user,
            is_chair=not evaluator.is_chair,
            by=admin_of(request),
            at=clock.wall_time(),
        )
    except portal_refused.Refused as refused:
        messages.error(request, str(refused))
    return redirect("scoring:panel", pk)


@login_required
@require_POST
def panel_remove(request: HttpRequest, pk: int, seat: int) -> HttpResponse:
    """Take back a seat that nobody has used."""
    solicitation = readable(request, pk)
    evaluator = get_object_or_404(solicitation.evaluators.select_related("user"), pk=seat)
    try:
        panel_actions.unseat_evaluator(evaluator, by=admin_of(request), at=clock.wall_time())
    except portal_refused.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{evaluator.user.name} is no longer on the panel.")
    return redirect("scoring:panel", pk)
