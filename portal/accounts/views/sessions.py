"""One's own sessions: where one is signed in, and ending what one does not know."""

from __future__ import annotations

from typing import cast

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import access
from portal.accounts.models import AccessEvent
from portal.kit import asked, clients
from portal.people.models import User

PAGE = 50


@login_required
@require_GET
def session_list(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in, this session first."""
    live = UserSession.objects.filter(user=cast(User, request.user)).order_by("-last_seen_at", "-pk")
    page = asked.page_of(request, live, PAGE)
    rows = [
        {
            "session": each,
            "is_this": each.session_key == request.session.session_key,
            "address": "" if each.ip == clients.UNKNOWN else each.ip,
            "browser": clients.browser_of(each.user_agent),
        }
        for each in page
    ]
    return render(request, "portal/accounts/session_list.html", {"page": page, "rows": rows})


@login_required
@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions, here or elsewhere; `pk` 0 ends all others."""
    user = cast(User, request.user)
    own = UserSession.objects.filter(user=user)
    if pk:
        ended = [get_object_or_404(own, pk=pk)]
    else:
        ended = list(own.exclude(session_key=request.session.session_key))
    for each in ended:
        access.record(AccessEvent.Kind.SESSION, request, user=user)
        each.end()
    if any(each.session_key == request.session.session_key for each in ended):
        logout(request)
        return redirect("account_login")
    count = len(ended)
    words = (
        "No other session was open." if not count else "Session ended." if count == 1 else "Sessions ended."
    )
    messages.success(request, words)
    return redirect("portal:session_list")
