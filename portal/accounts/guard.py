"""Wrong passwords: a pause that grows for the account, and a high limit for the address.

An account is locked for a while by whoever tries its password, from wherever; its owner signs in with an emailed code
meanwhile, which no lock stops. An address is locked only when it fails so often that no office of people could. What
cannot be known is never locked: without an address only the account counts.

This is the handler of django-axes (AXES_HANDLER), which asks before a password is tried and tells us how it went.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.signals import user_locked_out
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from portal.accounts.models import SignInFailures
from portal.kit import clients, clock
from portal.people.models import User

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
REMEMBERED = timedelta(hours=24)
ADDRESS_WINDOW = timedelta(hours=1)
Credentials = Mapping[str, Any] | None


def name_of(request: HttpRequest, credentials: Credentials) -> str:
    """The address that was typed, in one spelling; allauth calls it `email`, a form calls it `login`."""
    given = credentials or request.POST
    typed = given.get("email") or given.get("login") or given.get("username") or ""
    return unicodedata.normalize("NFKC", str(typed)).strip().lower()[:254]


def pause_after(failures: int) -> timedelta:
    """How long an account is locked after so many wrong passwords in a row: none, 30 seconds, then twice as long."""
    over = failures - settings.LOGIN_FAILURES
    if over < 0:
        return timedelta()
    return min(FIRST_PAUSE * 2 ** min(over, 20), LONGEST_PAUSE)


def account_of(name: str) -> User | None:
    """The account behind an address, its own or a further one."""
    further = EmailAddress.objects.filter(email=name, verified=True).select_related("user").first()
    return further.user if further else User.objects.filter(email=name).first()


def _name_key(name: str) -> str:
    """All addresses of one account share one count; a name without an account has its own."""
    account = account_of(name)
    return _digest("account", str(account.pk)) if account else _digest("name", name)


def _address_key(address: str) -> str:
    return _digest("address", clients.network_of(address)) if address else ""


def _digest(kind: str, value: str) -> str:
    """No name or address is stored, only what tells that it is the same one."""
    return salted_hmac("portal.accounts.guard", f"{kind}:{value}", algorithm="sha256").hexdigest()


def locked_for(name: str, address: str, *, at: datetime) -> timedelta:
    """How much longer this name, or anybody at this address, has to wait; nothing when neither is locked."""
    keys = [key for key in (_name_key(name) if name else "", _address_key(address)) if key]
    until = [row.locked_until for row in SignInFailures.objects.filter(key__in=keys) if row.locked_until]
    return max((moment - at for moment in until), default=timedelta()) if until else timedelta()


def count_failure(name: str, address: str, *, at: datetime) -> None:
    """One more wrong password, on the account's count and on the address's."""
    with transaction.atomic():
        if name:
            row = _row(_name_key(name), at=at)
            row.failures, row.forget_at = row.failures + 1, at + REMEMBERED
            pause = pause_after(row.failures)
            row.locked_until = at + pause if pause else None
            row.save()
        if key := _address_key(address):
            row = _row(key, at=at)
            if not row.failures:
                row.forget_at = at + ADDRESS_WINDOW
            row.failures += 1
            row.locked_until = row.forget_at if row.failures >= settings.ADDRESS_FAILURES else None
            row.save()


def _row(key: str, *, at: datetime) -> SignInFailures:
    """The count, locked for us; begun anew when it is old."""
    SignInFailures.objects.bulk_create([SignInFailures(key=key, forget_at=at)], ignore_conflicts=True)
    row = SignInFailures.objects.select_for_update().get(key=key)
    if row.forget_at <= at:
        row.failures, row.locked_until = 0, None
    return row


def forget(account: User) -> None:
    """The account's own count ends: its owner has signed in, or has a new password."""
    SignInFailures.objects.filter(key=_digest("account", str(account.pk))).delete()


def admit_code(account: User, *, at: datetime) -> timedelta:
    """Count one try at the second step; how long to wait when the account is locked, and then nothing is counted.

    Each try is counted before the code is checked, so many at once are no more than many in a row. This count is
    apart from the one of passwords: who tries passwords must not keep the owner from the second step.
    """
    with transaction.atomic():
        row = _row(_digest("second step", str(account.pk)), at=at)
        if row.locked_until and row.locked_until > at:
            return row.locked_until - at
        row.failures, row.forget_at = row.failures + 1, at + REMEMBERED
        pause = pause_after(row.failures)
        row.locked_until = at + pause if pause else None
        row.save()
    return timedelta()


def forget_codes(account: User) -> None:
    """The count of the second step ends: a right code was given, or the factor is gone."""
    SignInFailures.objects.filter(key=_digest("second step", str(account.pk))).delete()


def forget_old(*, at: datetime) -> int:
    """Remove the counts that no longer count; returns how many."""
    return SignInFailures.objects.filter(forget_at__lte=at).delete()[0]


class Handler(AbstractAxesHandler, AxesBaseHandler):
    """What django-axes asks and tells."""

    def is_locked(self, request: HttpRequest, credentials: Credentials = None) -> bool:
        left = locked_for(name_of(request, credentials), clients.address_of(request), at=clock.wall_time())
        vars(request)["sign_in_locked_for"] = left
        return left > timedelta()

    def get_failures(self, request: HttpRequest, credentials: Credentials = None) -> int:
        """Part of the interface of django-axes; `is_locked` decides."""
        row = SignInFailures.objects.filter(key=_name_key(name_of(request, credentials))).first()
        return row.failures if row else 0

    def user_login_failed(
        self, sender: Any, credentials: Credentials, request: Any = None, **kwargs: Any
    ) -> None:
        if request is None:
            return
        name, address, at = name_of(request, credentials), clients.address_of(request), clock.wall_time()
        if not request.axes_locked_out:
            count_failure(name, address, at=at)
            if not self.is_locked(request, credentials):
                return
            request.axes_locked_out = True
        # Attempts while locked do not count: the pause ends when it was said to end.
        request.axes_credentials = credentials
        user_locked_out.send("axes", request=request, username=name, ip_address=address)

    def user_logged_in(self, sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        forget(user)

    def user_logged_out(self, sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        """Nothing is counted."""


def locked(request: HttpRequest, response: HttpResponse | None, credentials: Credentials) -> HttpResponse:
    """The page that says how long to wait and what works meanwhile."""
    left: timedelta = getattr(request, "sign_in_locked_for", FIRST_PAUSE)
    answer = render(request, "account/locked.html", {"wait": in_words(left)}, status=429)
    answer["Retry-After"] = str(max(1, int(left.total_seconds())))
    return answer


def in_words(left: timedelta) -> str:
    """ "30 seconds", "4 minutes"."""
    minutes = round(left.total_seconds() / 60)
    if minutes < 1:
        return f"{max(1, int(left.total_seconds()))} seconds"
    return "one minute" if minutes == 1 else f"{minutes} minutes"
