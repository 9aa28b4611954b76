"""Countersignatures: officers state that two accounts which act together are two people."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from portal.accounts import pairs, queries, reset_actions
from portal.accounts.forms.people import CountersignForm
from portal.accounts.fresh import fresh_sign_in
from portal.accounts.models import Countersignature
from portal.kit import asked, clock
from portal.kit import refused as kit_refused
from portal.people.models import User

PAGE = 50


@login_required
@require_GET
def countersign_list(request: HttpRequest) -> HttpResponse:
    """What waits for an officer, then what was signed; officers, admins and auditors read it."""
    user = request.user
    if not isinstance(user, User) or not (user.is_officer or user.is_admin or user.is_auditor):
        raise Http404
    page = asked.page_of(request, queries.countersignatures_visible_to(user), PAGE)
    now = clock.wall_time()
    cards = [pairs.card(row, user, at=now) for row in page]
    return render(request, "portal/accounts/countersign_list.html", {"page": page, "cards": cards})


@login_required
@fresh_sign_in
def countersign(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, with the form for an officer who can sign; why not for the others."""
    user = request.user
    if not isinstance(user, User) or not user.is_officer:
        raise Http404
    row = get_object_or_404(queries.countersignatures_visible_to(user), pk=pk)
    now = clock.wall_time()
    card = pairs.card(row, user, at=now)
    form = None
    if request.method == "POST" or card.may_sign:
        form = CountersignForm(request.POST if request.method == "POST" else None)
        form.cancel = reverse("portal:countersign_list")
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            reset_actions.countersign(row, reason=form.cleaned_data["reason"], by=user, at=now)
        except kit_refused.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Countersigned. {row.second} can now {card.words}.")
            return redirect("portal:countersign_list")
    context = {"card": card, "row": row, "form": form, "url": _page_of(row)}
    return render(request, "portal/accounts/countersign.html", context)


def _page_of(row: Countersignature) -> str:
    """The page of the act; blank where there is none any more."""
    act = pairs.ACTS.get(row.act)
    try:
        return reverse(act.route, args=row.args) if act else ""
    except NoReverseMatch:
        return ""
