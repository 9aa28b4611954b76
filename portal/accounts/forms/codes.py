"""Codes that people type: of the second step, with a pause after too many wrong ones, and emailed ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.core import context, ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.base import forms as allauth_forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from portal.accounts import access, guard
from portal.accounts.models import AccessEvent
from portal.kit import clock
from portal.people.models import User


class Guarded:
    """Mixed in before allauth's form, which would let a code be guessed as often as one likes."""

    user: Any

    def clean_code(self) -> str:
        """Raises ValidationError for a wrong code, and without looking at it while the account pauses."""
        left = guard.admit_code(self.user, at=clock.wall_time())
        if left > timedelta():
            access.record(AccessEvent.Kind.LOCKOUT, context.request, user=self.user, about="code")
            raise ValidationError(
                f"Too many wrong codes. Wait {guard.in_words(left)}, then enter a new one.", code="locked"
            )
        code: str = super().clean_code()  # type: ignore[misc]  # allauth's form beside it has it
        guard.forget_codes(self.user)
        return code


class AuthenticateForm(Guarded, allauth_forms.AuthenticateForm):
    """At sign-in."""


class ReauthenticateForm(Guarded, allauth_forms.ReauthenticateForm):
    """Again, before something that matters."""


class EmailedCode(AbstractCodeVerificationProcess):
    """A code sent to a signed-in person's main address; it lives in the session, for minutes and a few tries."""

    KEY = "confirm_with_code"
    # Whether the last request for a code came too soon after others.
    held_back = False

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            state=state,
            user=request.user,
            timeout=account_settings.LOGIN_BY_CODE_TIMEOUT,
            max_attempts=account_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
        )

    @classmethod
    def sent_before(cls, request: HttpRequest) -> EmailedCode | None:
        """The code that waits to be typed, if it still counts."""
        state = request.session.get(cls.KEY)
        found: EmailedCode | None = cls(request, state).abort_if_invalid() if state else None
        return found

    @classmethod
    def send_to(cls, user: User, request: HttpRequest) -> EmailedCode:
        """A new code in place of the one before; none is sent when several were asked for within a minute."""
        if not ratelimit.consume(request, action="request_login_code", key=user.email):
            held = cls.sent_before(request) or cls(request, {})
            held.held_back = True
            return held
        made = cls(request, cls.initial_state(user=user, email=user.email))
        made.send()
        made.persist()
        return made

    def accepts(self, typed: str) -> bool:
        """Whether it is the code; a right one is used up, so is the last wrong try."""
        if self.code and compare_user_code(actual=typed, expected=self.code):
            self.abort()
            return True
        self.record_invalid_attempt()
        return False

    def send(self) -> None:
        adapter = get_adapter(self.request)
        self.state["code"] = adapter.generate_login_code()
        adapter.send_mail(
            "portal/email/confirm_code", self.state["email"], {"request": self.request, "code": self.code}
        )

    def persist(self) -> None:
        self.request.session[self.KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(self.KEY, None)
