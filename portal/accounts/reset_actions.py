"""Two people reset a colleague's second factor; an officer countersigns for two who don't count as two."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from portal.accounts import access, guard, pairs, two_step
from portal.accounts.actions import _tell
from portal.accounts.models import AccessEvent, Countersignature, FactorReset
from portal.accounts.queries import overseers
from portal.kit.refused import Refused
from portal.letters import notices
from portal.people.models import User
from portal.record import audit

RESET_FACTOR = pairs.act("factor.reset", "reset a two-step sign-in", "portal:factor_reset_list")


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
        waiting = FactorReset.objects.filter(person=person, state=FactorReset.State.ASKED).first()
        if waiting is not None and not waiting.has_expired(at):
            raise Refused(f"A reset for {person} is already waiting for a second person.")
        if waiting is not None:
            _decide(waiting, FactorReset.State.WITHDRAWN, by=by, at=at)
            pairs.settle([waiting], at=at)
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
        if reset.has_expired(at):
            raise Refused("This request is more than 7 days old. Request the reset again.")
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
