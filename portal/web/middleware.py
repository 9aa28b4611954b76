"""Answers that any page may have to give."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from portal.accounts import two_step
from portal.files.models import Document
from portal.files.storing import NoRoom, NotHandedOut, NotStored

log = logging.getLogger(__name__)


class InWords:
    """No dead ends: an address that only takes forms, and a full disk, are said in words.

    Nothing that was saved before is lost by a full disk; operators find it in the log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.status_code == 405 and request.method == "GET" and not answer.content:
            # Signing in again may lead to an address that only takes what a form sends.
            words = render(request, "405.html", status=405)
            words["Allow"] = answer["Allow"]
            return words
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotHandedOut):
            return _waits(request, error.document)
        if isinstance(error, NoRoom):
            context = {"title": "Your company’s file space is full", "words": str(error)}
            return render(request, "413.html", context, status=413)
        if not isinstance(error, NotStored) and not _is_disk_full(error):
            return None
        log.error("no room left: %s", type(error.__cause__ or error).__name__)
        return render(request, "507.html", status=507)


def _waits(request: HttpRequest, document: Document) -> HttpResponse:
    """Why a file is not handed out."""
    if document.scan == Document.Scan.INFECTED:
        title, words = (
            "This file isn’t available",
            "Our scanner found malware in it, so no one can open it here.",
        )
    else:
        title = "This file isn’t ready yet"
        words = "We’re checking it for malware. This usually takes less than a minute. Try again then."
    answer = render(request, "portal/file_waits.html", {"title": title, "words": words}, status=409)
    answer["Retry-After"] = "60"
    return answer


class PrivatePages:
    """What a signed-in person reads is kept in no cache, the browser's neither; nor what a form answered.

    A view that says something else about its answer is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if not answer.has_header("Cache-Control") and (
            request.method not in ("GET", "HEAD") or request.user.is_authenticated
        ):
            answer["Cache-Control"] = "private, no-store"
        return answer


def _is_disk_full(error: Exception) -> bool:
    # PostgreSQL's class 53: insufficient resources; 53100 is disk_full.
    code = getattr(error.__cause__, "pgcode", None)
    return isinstance(error, OperationalError) and code == "53100"


class StaffTwoStep:
    """Where two-step sign-in is required, staff get no page before their second step stands: only the way to it.

    Whatever they ask for, a page, a fragment, a file or the operators' admin, the answer is a redirect without content.
    """

    # What leads to a factor. One's addresses belong to it: none may be unconfirmed when it is set up.
    TO_SET_UP = frozenset(
        {
            "account_logout",
            "account_reauthenticate",
            "account_email",
            "account_email_verification_sent",
            "account_confirm_email",
            "mfa_index",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "portal:sign_in_again",
            "portal:two_step",
        }
    )
    TO_SHOW = frozenset(
        {"account_logout", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "portal:two_step"}
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        owed = two_step.owed(request)
        if owed is two_step.Owes.NOTHING:
            return None
        match = request.resolver_match
        open_ways = self.TO_SET_UP if owed is two_step.Owes.SET_UP else self.TO_SHOW
        if match is not None and match.view_name in open_ways:
            return None
        is_fragment = "HX-Request" in request.headers
        wanted = request.get_full_path() if request.method == "GET" and not is_fragment else "/"
        place = f"{reverse('portal:two_step')}?{urlencode({'next': wanted})}"
        return HttpResponseClientRedirect(place) if is_fragment else redirect(place)
