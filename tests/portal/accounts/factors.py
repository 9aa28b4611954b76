"""People with two-step sign-in, and how they sign in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.models import (
    Role,
    User,
)
from tests import factories as make

PASSWORD = "a long enough passphrase"


GRACE = "/account/two-step/"


def person(role: Role = Role.ADMIN, **fields: Any) -> User:
    return make.with_password(make.make_user(role, **fields), PASSWORD)


def with_app(user: User) -> str:
    """The user sets up an app and recovery codes; the app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or this many half minutes from now. A code that was used before counts again."""
    cache.clear()
    _before, now, _after = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now + steps))


def sign_in(user: User, client: Client | None = None, next_page: str = "") -> Client:
    client = client or Client()
    query = f"?next={next_page}" if next_page else ""
    client.post(reverse("account_login") + query, {"login": user.email, "password": PASSWORD})
    return client


def sign_in_fully(user: User, secret: str) -> Client:
    client = sign_in(user)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    return client


def forced(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
