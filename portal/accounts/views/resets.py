"""Second steps of colleagues who lost theirs: an admin asks for a reset, another admin or an officer confirms it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import pairs, queries, reset_actions
from portal.accounts.forms.people import FactorResetForm
from portal.accounts.fresh import fresh_sign_in
from portal.accounts.models import FactorReset
from portal.accounts.views.accounts import admin_of
from portal.kit import asked, clock
from portal.kit import refused as kit_refused
from portal.people.models import User

PAGE = 50


def confirmer_of(request: HttpRequest) -> User:
    """The admin or officer who asks; nobody else knows that the page exists."""
    user = request.user
    if not isinstance(user, User) or not (user.is_admin or user.is_officer):
        raise Http404
    return user


@login_required
@fresh_sign_in
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reset, with the reason."""
    admin = admin_of(request)
    account = get_object_or_404(queries.accounts_visible_to(admin), pk=pk)
    form = FactorResetForm(request.POST or None)
    form.cancel = reverse("portal:account_edit", args=[account.pk])
    if request.method == "POST" and form.is_valid():
        try:
            reset_actions.ask_factor_reset(
                account, reason=form.cleaned_data["reason"].strip(), by=admin, at=clock.wall_time()
            )
        except kit_refused.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Request saved. Another admin or a compliance officer must confirm it.")
            return redirect("portal:factor_reset_list")
    return render(request, "portal/accounts/factor_reset_ask.html", {"form": form, "account": account})


@login_required
@require_GET
def reset_list(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, and what was decided."""
    user = confirmer_of(request)
    page = asked.page_of(request, queries.factor_resets_visible_to(user), PAGE)
    now = clock.wall_time()
    rows = [(each, _may_confirm(each, user), each.has_expired(now)) for each in page]
    cards = pairs.cards_on([reset_actions.RESET_FACTOR], [], user, at=clock.wall_time())
    return render(
        request, "portal/accounts/factor_reset_list.html", {"page": page, "rows": rows, "cards": cards}
    )


def _may_confirm(reset: FactorReset, user: User) -> bool:
    try:
        reset_actions.refuse_second_person(reset, user)
    except kit_refused.Refused:
        return False
    return True


@login_required
@fresh_sign_in
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person: the factors go, and the sessions end."""
    return _decided(
        request,
        pk,
        reset_actions.confirm_factor_reset,
        "{}’s two-step sign-in has been reset. They’re signed out everywhere.",
    )


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing is reset."""
    return _decided(request, pk, reset_actions.withdraw_factor_reset, "The reset for {} has been withdrawn.")


def _decided(request: HttpRequest, pk: int, verb: Callable[..., FactorReset], words: str) -> HttpResponse:
    user = confirmer_of(request)
    reset = get_object_or_404(queries.factor_resets_visible_to(user), pk=pk)
    try:
        verb(reset, by=user, at=clock.wall_time())
    except kit_refused.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words.format(reset.person))
    return redirect("portal:factor_reset_list")
