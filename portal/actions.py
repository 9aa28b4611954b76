"""What is done with accounts: each verb once, with who (`by`) and when (`at`)."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from portal import audit, notices
from portal.models import Role, User


class Refused(Exception):
    """The action cannot be done; the message says why, in words for the person who asked."""


def complete_signup(user: User, *, name: str, at: datetime) -> User:
    """A person's own registration: always a supplier's account. Staff are invited."""
    with transaction.atomic():
        user.name, user.role = name.strip(), Role.SUPPLIER
        user.save(update_fields=["name", "role"])
        audit.record("account.created", user, by=user, at=at, role=str(Role.SUPPLIER))
        return user


def invite_staff(user: User, *, login_url: str, by: User, at: datetime) -> User:
    """Store a new staff account without a password and write to the person. They sign in with an e-mailed code, which
    also proves the address. Raises Refused for a supplier's role."""
    if user.is_supplier:
        raise Refused("Suppliers register themselves. Choose a staff role.")
    with transaction.atomic():
        user.email = user.email.lower()
        user.set_unusable_password()
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, primary=True)
        notices.post(
            [user],
            key=f"invited:{user.pk}",
            subject="Your Onshore account",
            body=_letter(user, login_url),
            at=at,
        )
        audit.record("account.invited", user, by=by, at=at, role=user.role)
        return user


def _letter(user: User, login_url: str) -> str:
    return (
        f"You have an account on Onshore, as {user.get_role_display().lower()}.\n\n"
        f"Sign in here with this e-mail address; we send you a code:\n{login_url}\n\n"
        "Then set up two-step sign-in: open the menu under your name and choose Two-step sign-in.\n"
    )


def set_active(user: User, *, active: bool, by: User, at: datetime) -> User:
    """Let a person sign in or not. What they did stays theirs. Raises Refused for one's own account."""
    if user.pk == by.pk:
        raise Refused("You cannot switch off your own account.")
    with transaction.atomic():
        user.is_active = active
        user.save(update_fields=["is_active"])
        audit.record("account.switched_on" if active else "account.switched_off", user, by=by, at=at)
        return user
