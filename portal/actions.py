"""What is done with accounts: each verb once, with who (`by`) and when (`at`)."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import connection, transaction

from portal import access, audit, guard, notices, pairs, two_step
from portal.models import AccessEvent, AuditEvent, Countersignature, FactorReset, Role, User
from portal.queries import overseers
from portal.refused import Refused
from portal.signals import staff_changed

SERVER = "Someone on the server’s command line"
RESET_FACTOR = pairs.act("factor.reset", "reset a two-step sign-in", "portal:factor_reset_list")


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


# ---- second factors of colleagues who lost theirs --------------------------------------------------------------------


def refuse_second_person(reset: FactorReset, by: User) -> None:
    """Raises Refused unless `by` may confirm what `reset.asked_by` asked for. See also `pairs`."""
    if not (by.is_admin or by.is_officer):
        raise Refused("Only an admin or a compliance officer can confirm this.")
    if by.pk == reset.asked_by_id:
        raise Refused("You asked for this reset. Someone else must confirm it.")
    if by.pk == reset.person_id:
        raise Refused("This reset is for your own account. Someone else must confirm it.")


def ask_factor_reset(person: User, *, reason: str, by: User, at: datetime) -> FactorReset:
    """Ask to take a colleague's second factors; nothing changes before somebody else confirms.

    Raises Refused for one's own account, for a supplier's, without a factor, and while another request waits.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        if person.is_supplier:
            raise Refused("You can only reset staff accounts here.")
        if person.pk == by.pk:
            raise Refused("You can’t reset your own two-step sign-in. Ask another admin.")
        if not two_step.has_factor(person):
            raise Refused(f"{person} has no two-step sign-in to reset.")
        if FactorReset.objects.filter(person=person, state=FactorReset.State.ASKED).exists():
            raise Refused(f"A reset for {person} is already waiting for a second person.")
        reset = FactorReset.objects.create(person=person, reason=reason, asked_by=by, asked_at=at)
        event = audit.record("account.factor_reset_asked", person, by=by, at=at, reset=reset.pk)
        _tell(
            person,
            event,
            own=f"{by} asked to reset your two-step sign-in. Nothing changes until a second person confirms. "
            f"Reason: {reason}",
            others=f"{by} asked to reset two-step sign-in for {person} ({person.email}). Another admin or a "
            "compliance officer must confirm it: open Two-step resets, under Staff accounts or in the menu under "
            f"your name. Reason: {reason}",
            at=at,
        )
        return reset


@pairs.two_people(Refused)
def confirm_factor_reset(reset: FactorReset, *, by: User, at: datetime) -> FactorReset:
    """Take all factors of the person and end all their sessions. Raises Refused when it no longer waits, and for the
    wrong second person."""
    with transaction.atomic():
        reset = _waiting(reset)
        refuse_second_person(reset, by)
        person = reset.person
        pairs.demand(
            RESET_FACTOR,
            [(reset.asked_by, reset)],
            by,
            about=f"two-step sign-in for {person}",
            args=[],
            at=at,
        )
        Authenticator.objects.filter(user=person).delete()
        guard.forget_codes(person)
        for session in UserSession.objects.filter(user=person):
            session.end()
        _decide(reset, FactorReset.State.DONE, by=by, at=at)
        access.record(AccessEvent.Kind.FACTOR, None, user=person, about="reset by two colleagues")
        event = audit.record(
            "account.factor_reset", person, by=by, at=at, reset=reset.pk, asked_by=f"user:{reset.asked_by_id}"
        )
        asked_by = reset.asked_by
        _tell(
            person,
            event,
            own=f"{asked_by} and {by} reset your two-step sign-in, and you are signed out everywhere. Sign in and "
            f"set it up again. Reason: {reset.reason}",
            others=f"{asked_by} and {by} reset two-step sign-in for {person} ({person.email}). "
            f"Reason: {reset.reason}",
            at=at,
        )
        return reset


def withdraw_factor_reset(reset: FactorReset, *, by: User, at: datetime) -> FactorReset:
    """Nothing is reset. Any admin or compliance officer may stop it, the person concerned too. Raises Refused when it
    no longer waits."""
    with transaction.atomic():
        reset = _waiting(reset)
        _decide(reset, FactorReset.State.WITHDRAWN, by=by, at=at)
        pairs.settle([reset], at=at)
        event = audit.record("account.factor_reset_withdrawn", reset.person, by=by, at=at, reset=reset.pk)
        _tell(
            reset.person,
            event,
            own=f"{by} withdrew the request to reset your two-step sign-in. Nothing changed.",
            others=f"{by} withdrew the request to reset two-step sign-in for {reset.person}. Nothing changed.",
            at=at,
        )
        return reset


def _waiting(reset: FactorReset) -> FactorReset:
    """The request, locked, with its people. Raises Refused when it was decided meanwhile."""
    found = FactorReset.objects.select_for_update(of=("self",)).select_related("person", "asked_by")
    reset = found.get(pk=reset.pk)
    if reset.state != FactorReset.State.ASKED:
        raise Refused("This request is no longer open.")
    return reset


def _decide(reset: FactorReset, state: FactorReset.State, *, by: User, at: datetime) -> None:
    reset.state, reset.decided_by, reset.decided_at = state, by, at
    reset.save(update_fields=["state", "decided_by", "decided_at"])


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


# ---- countersigning ---------------------------------------------------------------------------------------------


def countersign(row: Countersignature, *, reason: str, by: User, at: datetime) -> Countersignature:
    """An officer states that the two are two people. The second of them then acts again. Raises Refused."""
    if not reason.strip():
        raise Refused("Explain how you know they’re two different people.")
    with transaction.atomic():
        row = (
            Countersignature.objects.select_for_update(of=("self",))
            .select_related("first", "second")
            .get(pk=row.pk)
        )
        if row.officer_id is not None:
            raise Refused("This has already been countersigned.")
        if row.settled_at is not None:
            raise Refused("This is done. There is nothing left to countersign.")
        if why := pairs.officer_objection(by, row.first, row.second, at=at):
            raise Refused(why)
        row.officer, row.reason, row.at = by, reason.strip(), at
        row.save(update_fields=["officer", "reason", "at"])
        event = audit.record(
            "pair.countersigned", row, by=by, at=at, act=row.act, first=row.first_id, second=row.second_id
        )
        what = f"{pairs.card(row, by, at=at).words}: {row.about}"
        notices.post(
            [row.second],
            key=f"countersigned:{event.seq}",
            subject=f"Countersigned by {by}",
            body=f"{by} countersigned for you and {row.first}. You can now {what}.\n",
            at=at,
        )
        notices.post(
            overseers().exclude(pk__in=[by.pk, row.second_id]).union(User.objects.filter(pk=row.first_id)),
            key=f"countersigned:{event.seq}",
            subject=f"{by} countersigned for {row.first} and {row.second}",
            body=(
                f"{row.second} can now {what}.\n\nWhy it needed an officer: {row.why}\nReason: {row.reason}\n\n"
                f"If this is not right, tell your administrator now. It is event {event.seq} in the audit log.\n"
            ),
            at=at,
        )
        return row
