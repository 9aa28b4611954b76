"""One's own tokens: made, shown once, revoked."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.accounts import access
from portal.accounts.fresh import fresh_sign_in
from portal.accounts.models import AccessEvent
from portal.api import tokens
from portal.api.forms import TokenForm
from portal.kit import asked, clock
from portal.kit.refused import Refused
from portal.people.models import User

PAGE = 50


@login_required
@fresh_sign_in
def token_list(request: HttpRequest) -> HttpResponse:
    """The person's tokens. POST makes one and shows it, this once."""
    user, secret = cast(User, request.user), ""
    form = TokenForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            row, secret = tokens.create_token(user, **form.cleaned_data, at=clock.wall_time())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            access.record(AccessEvent.Kind.API, request, user=user, about=f"Token {row.hint}… created")
            form = TokenForm(user=user)
    now = clock.wall_time()
    page = asked.page_of(request, user.api_tokens.all(), PAGE)
    rows = [(each, each.is_live(now)) for each in page.object_list]
    context = {"form": form, "secret": secret, "page": page, "rows": rows}
    return render(request, "portal/accounts/token_list.html", context)


@login_required
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens."""
    user = cast(User, request.user)
    row = get_object_or_404(user.api_tokens, pk=pk)
    try:
        tokens.revoke_token(row, by=user, at=clock.wall_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        access.record(AccessEvent.Kind.API, request, user=user, about=f"Token {row.hint}… revoked")
        messages.success(request, "Token revoked. It opens nothing anymore.")
    return redirect("portal:token_list")
