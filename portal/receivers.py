"""What accounts tell: each becomes a row of the access log, and a change a letter to the person it is about."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from portal.accounts import access, actions, guard, two_step
from portal.kit import clock, formats
from portal.letters import notices
from portal.models import AccessEvent, User

Kind = AccessEvent.Kind
TAIL = (
    "\n\nIf this was you, you don’t need to do anything. If not, reset your password now, check your email addresses "
    "and two-step sign-in, and end any sessions you don’t recognize. You’ll find them in the menu under your name.\n"
)


def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    access.record(Kind.SIGN_IN, request, user=user)
    two_step.remind(request, user)


def signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        access.record(Kind.SIGN_OUT, request, user=user)


def failed(sender: Any, credentials: Any, request: Any = None, **kwargs: Any) -> None:
    """A wrong password. While it is locked, only that is recorded."""
    if request is not None and not getattr(request, "axes_locked_out", False):
        access.record(
            Kind.FAILURE,
            request,
            user=guard.account_of(guard.name_of(request, credentials)),
            about="password",
        )


def locked_out(sender: Any, request: HttpRequest, username: str, **kwargs: Any) -> None:
    access.record(Kind.LOCKOUT, request, user=guard.account_of(username))


def wrong_code(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    access.record(Kind.FAILURE, request, user=user, about="code")


def _changed(
    request: HttpRequest, user: User, *, kind: AccessEvent.Kind, what: str, also_to: str = ""
) -> None:
    """A row, and a letter to the person; another to `also_to`, an address that is no longer the person's main one."""
    event = access.record(kind, request, user=user, about=what)
    where = f" from {event.address}" if event.address else ""
    body = f"{what}, {formats.when(event.at)}{where}.{TAIL}"
    subject, key = "Your Onshore account changed", f"own-account:{event.pk}"
    notices.post([user], key=key, subject=subject, body=body, at=event.at)
    if also_to and also_to.lower() != user.email.lower():
        notices.post_to(also_to, key=f"{key}:old", subject=subject, body=body, at=event.at)


def password_changed(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    _changed(request, user, kind=Kind.PASSWORD, what="Your account password changed")


def password_reset(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    guard.forget(user)
    _changed(request, user, kind=Kind.RESET, what="Your account password was reset with an emailed code")


def email_added(sender: Any, request: HttpRequest, user: User, email_address: Any, **kwargs: Any) -> None:
    _changed(request, user, kind=Kind.ADDRESS, what="An email address was added to your account")


def email_removed(sender: Any, request: HttpRequest, user: User, email_address: Any, **kwargs: Any) -> None:
    what = "An email address was removed from your account"
    _changed(request, user, kind=Kind.ADDRESS, what=what, also_to=email_address.email)


def email_changed(
    sender: Any,
    request: HttpRequest,
    user: User,
    from_email_address: Any = None,
    to_email_address: Any = None,
    **kwargs: Any,
) -> None:
    old = from_email_address.email if from_email_address else ""
    what = "Your account’s main email address changed"
    _changed(request, user, kind=Kind.ADDRESS, what=what, also_to=old)
    actions.address_changed(user, was=old, at=clock.wall_time())


# What each kind of factor is called, and what is said when it is set up and when it goes.
FACTORS = {
    "totp": ("Two-step sign-in", "was set up", "was turned off"),
    "webauthn": ("A passkey", "was added", "was removed"),
    "recovery_codes": ("Recovery codes", "were created", "were removed"),
}


def _factor(request: HttpRequest, user: User, authenticator: Any, word: int) -> None:
    words = FACTORS[authenticator.type]
    _changed(request, user, kind=Kind.FACTOR, what=f"{words[0]} {words[word]}")
    two_step.remind(request, user)


def factor_removed(sender: Any, request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    _factor(request, user, authenticator, 2)


def factor_renewed(sender: Any, request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    what = f"{FACTORS[authenticator.type][0]} {'were' if authenticator.type == 'recovery_codes' else 'was'} renewed"
    _changed(request, user, kind=Kind.FACTOR, what=what)


def factor_added(sender: Any, request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    """Who sets a factor up has shown it: the code was in the form."""
    _factor(request, user, authenticator, 1)
    if authenticator.type != "recovery_codes":
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


RECEIVERS: tuple[tuple[Signal, Any], ...] = (
    (user_logged_in, signed_in),
    (user_logged_out, signed_out),
    (user_login_failed, failed),
    (user_locked_out, locked_out),
    (account.login_code_rejected, wrong_code),
    (account.password_reset_code_rejected, wrong_code),
    (mfa.authentication_failed, wrong_code),
    (account.password_changed, password_changed),
    (account.password_set, password_changed),
    (account.password_reset, password_reset),
    (account.email_added, email_added),
    (account.email_removed, email_removed),
    (account.email_changed, email_changed),
    (mfa.authenticator_added, factor_added),
    (mfa.authenticator_removed, factor_removed),
    (mfa.authenticator_reset, factor_renewed),
)


def connect() -> None:
    """Called once, when the apps are ready."""
    for signal, receiver in RECEIVERS:
        signal.connect(receiver, weak=False, dispatch_uid=f"portal {receiver.__name__} {id(signal)}")
