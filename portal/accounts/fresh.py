"""Acts that ask for a fresh sign-in: who does them has shown within the last minutes who they are.

`@fresh_sign_in` on a view says so. When the last sign-in is older, the form that was sent is kept in the session, the
person confirms with a password, a code from the app or an emailed code, and one page then sends the form again, to its
own address, with the token and the checks of every form. Nothing is sent without that click.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

View = TypeVar("View", bound=Callable[..., Any])
# Which requests of a view are asked; called with what the view is called with.
When = Callable[..., bool]


def is_fresh(request: HttpRequest) -> bool:
    """Whether the session's last sign-in, or confirmation since, is at most ACCOUNT_REAUTHENTICATION_TIMEOUT old."""
    records = get_authentication_records(request, request.user)
    if not records:
        return False
    age = time.time() - max(record["at"] for record in records)
    return bool(age <= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def fresh_sign_in(view: View | None = None, *, when: When | None = None, reading: bool = False) -> Any:
    """Ask who sends this view's form to confirm who they are, when they signed in a while ago.

    when     asks only for requests of which it is true; for all without it
    reading  also asks before the page is shown, where the page itself is the secret
    """

    def decorate(inner: View) -> View:
        @wraps(inner)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            acts = reading or request.method not in ("GET", "HEAD", "OPTIONS")
            if not acts or not request.user.is_authenticated or is_fresh(request):
                return inner(request, *args, **kwargs)
            if when is not None and not when(request, *args, **kwargs):
                return inner(request, *args, **kwargs)
            return ask(request)

        vars(asked)["asks_fresh_sign_in"] = True
        return cast(View, asked)

    return decorate if view is None else decorate(view)


def ask(request: HttpRequest) -> HttpResponse:
    """Keep the form and send the person to confirm who they are; a redirect, for htmx too."""
    address = request.get_full_path()
    request.session.pop(STATE_SESSION_KEY, None)
    if request.method == "POST":
        fields = [
            [name, value]
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken"
        ]
        # allauth calls back with what it finds here, once the person has confirmed.
        request.session[STATE_SESSION_KEY] = {
            "callback": "portal.accounts.fresh.resume",
            "state": {"address": address, "fields": fields},
        }
    method = get_adapter(request).get_reauthentication_methods(request.user)[0]
    place = f"{method['url']}?{urlencode({'next': address})}"
    return HttpResponseClientRedirect(place) if "HX-Request" in request.headers else redirect(place)


def resume(request: HttpRequest, state: dict[str, Any]) -> HttpResponse:
    """The page that sends the kept form again; a form given up for something else is dropped."""
    wanted = get_next_redirect_url(request)
    if wanted and wanted != state["address"]:
        return redirect(wanted)
    answer = render(request, "portal/accounts/confirmed.html", state)
    answer["Cache-Control"] = "private, no-store"
    return answer
