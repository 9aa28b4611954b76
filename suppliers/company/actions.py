"""Companies, their profiles and their teams: registered, changed, signed for; people invited, let in, taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from portal.frame.jobs import enqueue_on_commit
from portal.kit.refused import Refused
from portal.letters import notices
from portal.models import User
from portal.record import audit
from suppliers.company import queries, search_text, tasks
from suppliers.company.models import Attestation, Invitation, JoinRequest, Membership, Supplier
from suppliers.reference.attestation_texts import text_of
from suppliers.signals import profile_changed

# The parts of a profile whose names and numbers are compared with the lists.
SCREENED_PARTS = frozenset(("identity", "owners", "officers", "sites"))
INVITATION_DAYS = 14
# Letters to strangers in a company's name: enough for a large team, too few for a nuisance.
INVITATIONS_A_DAY = 40


def register_supplier(supplier: Supplier, *, by: User, at: datetime) -> Supplier:
    """Store a new organisation with its first owner. Raises Refused for staff.

    Whether another company looks like it is found out later, by a task: neither the answer nor its time tells.
    """
    if not by.is_supplier:
        raise Refused("Staff accounts can’t belong to a supplier.")
    with transaction.atomic():
        supplier.changed_at = at
        supplier.save()
        search_text.refresh(supplier)
        Membership.objects.create(supplier=supplier, user=by, level=Membership.Level.OWNER)
        audit.record("supplier.registered", supplier, by=by, at=at)
        enqueue_on_commit(tasks.look_for_namesakes, supplier.pk)
        profile_changed.send(sender=Supplier, supplier_id=supplier.pk, is_new=True)
        return supplier


def change_profile(
    supplier: Supplier, save: Callable[[], object], *, part: str, by: User, at: datetime
) -> None:
    """Run `save`, which writes one part of the profile, for someone who may change it. Raises Refused."""
    with transaction.atomic():
        _require_change(supplier, by)
        before = _known_by(supplier)
        save()
        search_text.refresh(supplier)
        _changed(supplier, part=part, by=by, at=at)
        # Not at every word somebody types: all names are read for it.
        if part == "identity" and _known_by(supplier) != before:
            enqueue_on_commit(tasks.look_for_namesakes, supplier.pk)


def sign_attestations(
    supplier: Supplier,
    answers: Mapping[str, tuple[bool, str]],
    *,
    signer: str,
    title: str,
    by: User,
    at: datetime,
) -> None:
    """Store an owner's signature under statements: code → (answer, explanation). Raises Refused for others."""
    with transaction.atomic():
        if not queries.may_attest(by, supplier):
            raise Refused("Only an owner of the account can sign for the company.")
        for code, (answer, explanation) in answers.items():
            text = text_of(code)
            if text is None:
                raise Refused("This statement does not exist.")
            Attestation.objects.create(
                supplier=supplier,
                code=code,
                version=text.version,
                text=text.text,
                answer=answer,
                explanation=explanation.strip(),
                signer=signer.strip(),
                title=title.strip(),
                by=by,
                signed_at=at,
            )
        _changed(supplier, part="attestations", by=by, at=at)


def _known_by(supplier: Supplier) -> tuple[str, str]:
    """By what another company may be taken for this one."""
    return Supplier.objects.values_list("legal_name", "uei").get(pk=supplier.pk)


def _require_change(supplier: Supplier, by: User) -> None:
    if not queries.suppliers_changeable_by(by).filter(pk=supplier.pk).exists():
        raise Refused("Your account can view this company’s profile but not change it.")


def _changed(supplier: Supplier, *, part: str, by: User, at: datetime) -> None:
    stamps = {"changed_at": at, **({"names_changed_at": at} if part in SCREENED_PARTS else {})}
    Supplier.objects.filter(pk=supplier.pk).update(**stamps)
    audit.record("supplier.changed", supplier, by=by, at=at, part=part)
    profile_changed.send(sender=Supplier, supplier_id=supplier.pk, is_new=False)


# ---- the team --------------------------------------------------------------------------------------------------


def invite(supplier: Supplier, *, email: str, level: str, link: str, by: User, at: datetime) -> Invitation:
    """Offer a place to one address; the letter goes out whether or not that address has an account.

    `link` has a place for the key: "https://…/invitations/{key}/". An open invitation to the same address is
    replaced. Raises Refused for others than owners, for somebody who is in the team, and after many on one day.
    """
    with transaction.atomic():
        # Two owners who invite the same address at once wait for one another.
        Supplier.objects.select_for_update().get(pk=supplier.pk)
        _require_owner(supplier, by)
        address = email.strip().lower()
        if supplier.memberships.filter(user__email__iexact=address).exists():
            raise Refused("This person is already on your team.")
        if supplier.invitations.filter(at__gt=at - timedelta(days=1)).count() >= INVITATIONS_A_DAY:
            raise Refused("You have reached today’s limit for invitations. Try again tomorrow.")
        open_rows = supplier.invitations.filter(email=address, accepted_at=None, withdrawn_at=None)
        open_rows.update(withdrawn_at=at)
        row = Invitation.objects.create(
            supplier=supplier,
            email=address,
            level=level,
            by=by,
            at=at,
            expires_at=at + timedelta(days=INVITATION_DAYS),
        )
        notices.post_to(
            address,
            key=f"invitation:{row.pk}",
            subject=f"{by.name or by.email} invited you to join {supplier.legal_name}",
            body=(
                f"You are invited to work on {supplier.legal_name}’s profile and proposals.\n\n"
                f"{link.format(key=row.key)}\n\n"
                f"Sign in or register with this email address, {address}. No other address will work. "
                f"The invitation is valid for "
                f"{INVITATION_DAYS} days. If you do not know the company, ignore this email.\n"
            ),
            at=at,
        )
        audit.record("team.invited", supplier, by=by, at=at, invitation=row.pk, level=level)
        return row


def accept_invitation(row: Invitation, *, by: User, at: datetime) -> Membership:
    """Take the place offered. Raises Refused unless `by` signed in with the confirmed address it was sent to."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update(of=("self",)).select_related("supplier").get(pk=row.pk)
        if not queries.may_accept(by, row):
            raise Refused("This invitation is for a different email address.")
        if row.accepted_at is not None or row.withdrawn_at is not None or row.expires_at <= at:
            raise Refused("This invitation is no longer valid. Ask for a new one.")
        row.accepted_by, row.accepted_at = by, at
        row.save(update_fields=["accepted_by", "accepted_at"])
        member, _ = Membership.objects.get_or_create(
            supplier=row.supplier, user=by, defaults={"level": row.level}
        )
        audit.record("team.joined", row.supplier, by=by, at=at, invitation=row.pk, level=row.level)
        return member


def withdraw_invitation(row: Invitation, *, by: User, at: datetime) -> None:
    """Take an open invitation back. Raises Refused for others than owners."""
    with transaction.atomic():
        _require_owner(row.supplier, by)
        Invitation.objects.filter(pk=row.pk, accepted_at=None, withdrawn_at=None).update(withdrawn_at=at)
        audit.record("team.uninvited", row.supplier, by=by, at=at, invitation=row.pk)


def decide_join_request(row: JoinRequest, *, approve: bool, level: str, by: User, at: datetime) -> None:
    """Let the person in who registered a company like this one, or not. Who is declined is not told.

    Raises Refused for others than owners, and when it is decided.
    """
    with transaction.atomic():
        row = (
            JoinRequest.objects.select_for_update(of=("self",))
            .select_related("supplier", "user")
            .get(pk=row.pk)
        )
        _require_owner(row.supplier, by)
        if row.state != JoinRequest.State.OPEN:
            raise Refused("This request has already been decided.")
        row.state = JoinRequest.State.APPROVED if approve else JoinRequest.State.DECLINED
        row.decided_by, row.decided_at = by, at
        row.save(update_fields=["state", "decided_by", "decided_at"])
        audit.record("team.request_decided", row.supplier, by=by, at=at, request=row.pk, approved=approve)
        if approve:
            Membership.objects.get_or_create(supplier=row.supplier, user=row.user, defaults={"level": level})
            notices.post(
                [row.user],
                key=f"joined:{row.pk}",
                subject=f"You are now on the {row.supplier.legal_name} team",
                body=f"You can now open {row.supplier.legal_name}’s profile and proposals. "
                f"{by.name or by.email} approved your request.\n",
                at=at,
            )


def change_level(member: Membership, *, level: str, by: User, at: datetime) -> None:
    """Make a member owner, editor or viewer. Raises Refused when no owner would be left."""
    with transaction.atomic():
        member = _locked(member, by)
        if member.level == Membership.Level.OWNER and level != Membership.Level.OWNER:
            _require_another_owner(member)
        member.level = level
        member.save(update_fields=["level"])
        event = audit.record(
            "team.level", member.supplier, by=by, at=at, member=member.user_id, level=str(level)
        )
        _tell_team(
            member, event.seq, f"{by} made {member.user} {member.get_level_display().lower()}", by=by, at=at
        )


def remove_member(member: Membership, *, by: User, at: datetime) -> None:
    """Take somebody out of the team, or leave it. Raises Refused when no owner would be left."""
    with transaction.atomic():
        member = _locked(member, by, may_be_oneself=True)
        if member.level == Membership.Level.OWNER:
            _require_another_owner(member)
        event = audit.record("team.left", member.supplier, by=by, at=at, member=member.user_id)
        change = f"{by} left" if member.user_id == by.pk else f"{by} removed {member.user}"
        _tell_team(member, event.seq, change, by=by, at=at)
        member.delete()


def appoint_owner(supplier: Supplier, user: User, *, reason: str, at: datetime) -> Membership:
    """Make a person owner of a company that has lost its own; done on the server's command line, after a check by
    people. The person, the team and the compliance officers get a letter. Raises Refused for a staff account."""
    if not user.is_supplier:
        raise Refused("Staff accounts can’t belong to a supplier.")
    with transaction.atomic():
        Supplier.objects.select_for_update().get(pk=supplier.pk)
        member, _ = Membership.objects.update_or_create(
            supplier=supplier, user=user, defaults={"level": Membership.Level.OWNER}
        )
        event = audit.record("team.appointed", supplier, by=None, at=at, member=user.pk)
        _tell_team(member, event.seq, f"The portal’s operators made {user} an owner", by=None, at=at)
        notices.post(
            queries.officers(),
            key=f"team:{event.seq}",
            subject=f"New owner for {supplier.legal_name}",
            body=f"The portal’s operators appointed a new owner for {supplier.legal_name}: {user} ({user.email})."
            f"\n\n{reason}\n",
            at=at,
        )
        return member


def _tell_team(member: Membership, seq: int, change: str, *, by: User | None, at: datetime) -> None:
    """A letter about a change in the team to whom it is about and to the owners, but for who made it."""
    owners = member.supplier.memberships.filter(level=Membership.Level.OWNER).values("user")
    people = User.objects.filter(Q(pk=member.user_id) | Q(pk__in=owners), is_active=True)
    notices.post(
        people.exclude(pk=by.pk) if by else people,
        key=f"team:{seq}",
        subject=f"Your team at {member.supplier.legal_name} changed",
        body=f"{change} (company: {member.supplier.legal_name}).\n\n"
        "If this is not right, tell the portal’s operators now.\n",
        at=at,
    )


def _locked(member: Membership, by: User, *, may_be_oneself: bool = False) -> Membership:
    """The member, with the supplier's row locked so that two owners cannot take each other out."""
    Supplier.objects.select_for_update().get(pk=member.supplier_id)
    if not (may_be_oneself and member.user_id == by.pk):
        _require_owner(member.supplier, by)
    found = Membership.objects.select_related("supplier").filter(pk=member.pk).first()
    if found is None:
        raise Refused("This person is no longer on the team.")
    return found


def _require_owner(supplier: Supplier, by: User) -> None:
    if not queries.may_attest(by, supplier):
        raise Refused("Only an owner of the account can change the team.")


def _require_another_owner(member: Membership) -> None:
    owners = member.supplier.memberships.filter(level=Membership.Level.OWNER, user__is_active=True)
    if not owners.exclude(pk=member.pk).exists():
        raise Refused("The company needs an owner. Make someone else an owner first.")
