"""Accounts: invited, changed, turned off and on, named on the server."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction

from portal.accounts.queries import overseers
from portal.kit.refused import Refused
from portal.letters import notices
from portal.people.models import Role, User
from portal.record import audit
from portal.record.models import AuditEvent
from portal.signals import staff_changed

SERVER = "Someone on the server’s command line"


def complete_signup(user: User, *, name: str, at: datetime) -> User:
    """A person's own registration: always a supplier's account. Staff are invited."""
    with transaction.atomic():
        user.name, user.role = name.strip(), Role.SUPPLIER
        user.save(update_fields=["name", "role"])
        audit.record("account.created", user, by=user, at=at, role=str(Role.SUPPLIER))
        return user


def invite_staff(user: User, *, login_url: str, by: User | None, at: datetime) -> User:
    """Store a new staff account without a password and write to the person. They sign in with an emailed code, which
    also proves the address. `by` is None on the server's own command line. Raises Refused for a supplier's role."""
    if user.is_supplier:
        raise Refused("Suppliers register themselves. Choose a staff role.")
    with transaction.atomic():
        user.email = user.email.lower()
        user.invited_by, user.seated_at = by, at
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
        event = audit.record("account.invited", user, by=by, at=at, role=user.role)
        notices.post(
            overseers().exclude(pk__in=[user.pk, *([by.pk] if by else [])]),
            key=f"account:{event.seq}",
            subject=f"New staff account: {user}",
            body=f"{by or SERVER} added {user} ({user.email}) as {user.get_role_display().lower()}.\n",
            at=at,
        )
        return user


_SECOND_STEP = {
    "required": "Then we’ll help you set up two-step sign-in. Keep your phone nearby.",
    "offered": "Then set up two-step sign-in: open the menu under your name and choose Two-step sign-in.",
}


def _letter(user: User, login_url: str) -> str:
    """`login_url` is blank where nobody knows the portal's address: on its server."""
    where = f" here with this email address, and we’ll send you a code:\n{login_url}" if login_url else ""
    return (
        f"You have an account on Onshore, as {user.get_role_display().lower()}.\n\n"
        f"Sign in{where or ' with this email address; choose to get a code by email.'}\n\n"
        f"{_SECOND_STEP[settings.STAFF_MFA]}\n"
    )


def _tell(user: User, event: AuditEvent, *, own: str, others: str, at: datetime) -> None:
    """A letter to the person, one to the overseers, and one to the panels the person sits on; `own` and `others` are
    one sentence each."""
    tail = "\n\nIf this is not right, tell your administrator now.\n"
    notices.post(
        [user], key=f"account:{event.seq}", subject="Your Onshore account changed", body=own + tail, at=at
    )
    notices.post(
        overseers().exclude(pk=user.pk),
        key=f"account:{event.seq}",
        subject=f"A staff account changed: {user}",
        body=f"{others}\n\nIt is event {event.seq} in the audit log.\n",
        at=at,
    )
    staff_changed.send(sender=User, user=user, event=event.seq, words=others, at=at)


def change_account(user: User, *, name: str, role: Role, reason: str, by: User, at: datetime) -> User:
    """Give a staff account another name or role. Raises Refused for one's own role, for a supplier's account or role,
    and when nothing changes."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if user.is_supplier or role == Role.SUPPLIER:
            raise Refused(
                "Suppliers and staff need separate accounts. Invite the person with a different email address."
            )
        if role != user.role and user.pk == by.pk:
            raise Refused("You can’t change your own role.")
        before, was = user.role, user.get_role_display()
        renamed = user.name != name
        if before == role and not renamed:
            raise Refused("Nothing changed.")
        user.name, user.role = name, role
        if before != role:
            user.seated_at = at
        user.save(update_fields=["name", "role", "seated_at"])
        if renamed:
            event = audit.record("account.renamed", user, by=by, at=at)
            _tell(
                user,
                event,
                own=f"{by} changed your name to {name}.",
                others=f"{by} changed the name of {user.email} to {name}.",
                at=at,
            )
        if before != role:
            event = audit.record("account.role_changed", user, by=by, at=at, before=before, role=str(role))
            change = f"from {was} to {user.get_role_display()}. Reason: {reason}"
            _tell(
                user,
                event,
                own=f"{by} changed your role {change}",
                others=f"{by} changed the role of {user} ({user.email}) {change}",
                at=at,
            )
        return user


def set_active(user: User, *, active: bool, by: User, at: datetime) -> User:
    """Let a person sign in or not. What they did stays theirs. Raises Refused for one's own account."""
    if user.pk == by.pk:
        raise Refused("You can’t turn off your own account.")
    with transaction.atomic():
        user.is_active = active
        if active:
            user.seated_at = at
        user.save(update_fields=["is_active", "seated_at"])
        verb = "account.switched_on" if active else "account.switched_off"
        event = audit.record(verb, user, by=by, at=at)
        word = "on" if active else "off"
        _tell(
            user,
            event,
            own=f"{by} turned {word} your account.",
            others=f"{by} turned {word} {user}’s account ({user.email}).",
            at=at,
        )
        return user


def set_operator(user: User, *, operator: bool, by: User | None, at: datetime) -> User:
    """Let a person read the operators' admin, or not; `by` is None on the server's own command line.

    Raises Refused for a supplier's account.
    """
    if operator and user.is_supplier:
        raise Refused("A supplier’s account can’t have operator access.")
    with transaction.atomic():
        user.is_staff = user.is_superuser = operator
        user.save(update_fields=["is_staff", "is_superuser"])
        verb = "account.operator_on" if operator else "account.operator_off"
        event = audit.record(verb, user, by=by, at=at)
        who = str(by) if by else SERVER
        what = "gave {} operator access" if operator else "took operator access from {}"
        _tell(
            user,
            event,
            own=f"{who} {what.format('you')}.",
            others=f"{who} {what.format(f'{user} ({user.email})')}.",
            at=at,
        )
        return user


# ---- who is named on the server -------------------------------------------------------------------------------------

FIRST_ADMIN_LOCK = 0x6F66_6131  # two commands at once make one first admin


def make_first_admin(email: str, *, name: str, at: datetime) -> User:
    """The first admin of an installation: invites everybody else. Raises Refused where there is an admin already."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_ADMIN_LOCK])
        if User.objects.filter(role=Role.ADMIN, is_active=True).exists():
            raise Refused("There is already an admin, who can invite others under Setup, Staff accounts.")
        if User.objects.filter(email=email.lower()).exists():
            raise Refused("This address already has an account. Use a different one.")
        return invite_staff(User(email=email, name=name, role=Role.ADMIN), login_url="", by=None, at=at)


def name_officer(email: str, *, name: str, at: datetime) -> User:
    """Name a compliance officer on the server's own command line: a new account, or a staff account that is there.

    Whoever runs the server vouches for this person, so that the officer can countersign for anybody, whoever invited
    the account. Raises Refused for a supplier's address.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=email.lower()).first()
        if user is None and not name:
            raise Refused("Enter the person’s name.")
        if user is None:
            fresh = User(email=email, name=name, role=Role.OFFICER)
            return invite_staff(fresh, login_url="", by=None, at=at)
        if user.is_supplier:
            raise Refused(
                "Suppliers and staff need separate accounts. Use a different email address for the officer."
            )
        before = user.role
        user.role, user.name, user.invited_by, user.seated_at = Role.OFFICER, name or user.name, None, at
        user.is_active = True
        user.save(update_fields=["role", "name", "invited_by", "seated_at", "is_active"])
        event = audit.record(
            "account.named", user, by=None, at=at, before=str(before), role=str(Role.OFFICER)
        )
        _tell(
            user,
            event,
            own=f"{SERVER} named you a compliance officer.",
            others=f"{SERVER} named {user} ({user.email}) a compliance officer.",
            at=at,
        )
        return user


def address_changed(user: User, *, was: str, at: datetime) -> None:
    """Record that a person now has another main address; of a staff account the overseers and the panels are told.

    The person's own letters go out with the access log.
    """
    if user.is_supplier:
        return
    with transaction.atomic():
        event = audit.record("account.address_changed", user, by=user, at=at)
        others = f"{user} changed their email address from {was or 'none'} to {user.email}."
        notices.post(
            overseers().exclude(pk=user.pk),
            key=f"account:{event.seq}",
            subject=f"A staff account changed: {user}",
            body=f"{others}\n\nIt is event {event.seq} in the audit log.\n",
            at=at,
        )
        staff_changed.send(sender=User, user=user, event=event.seq, words=others, at=at)
