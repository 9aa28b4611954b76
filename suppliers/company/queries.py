"""Who belongs to which supplier, and who may read or change what about it."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet, Sum

from portal.models import Document, Role, User
from suppliers.company.models import Invitation, Membership, Supplier

CHANGERS = (Membership.Level.OWNER, Membership.Level.EDITOR)


def suppliers_of(user: User | AnonymousUser) -> QuerySet[Supplier]:
    """The organisations a supplier's user works for."""
    if not isinstance(user, User) or not user.is_supplier:
        return Supplier.objects.none()
    return Supplier.objects.filter(memberships__user=user.pk)


def suppliers_changeable_by(user: User | AnonymousUser) -> QuerySet[Supplier]:
    """Those whose profile and proposals the user may change; viewers change nothing."""
    if not isinstance(user, User) or not user.is_supplier:
        return Supplier.objects.none()
    return Supplier.objects.filter(memberships__user=user, memberships__level__in=CHANGERS)


def may_attest(user: User, supplier: Supplier) -> bool:
    """Only owners sign for a supplier."""
    return supplier.memberships.filter(user=user, level=Membership.Level.OWNER).exists()


def may_accept(user: User, invitation: Invitation) -> bool:
    """Whether this person's confirmed address is the one invited."""
    return user.is_supplier and any(
        address.email.lower() == invitation.email
        for address in EmailAddress.objects.filter(user=user, verified=True)
    )


def stored_bytes(user: User) -> int:
    """The bytes of all files that the person and the other members of the person's companies have sent."""
    colleagues = Membership.objects.filter(supplier__memberships__user=user).values("user")
    sent = Document.objects.filter(Q(uploaded_by=user) | Q(uploaded_by__in=colleagues))
    total: int = sent.aggregate(total=Sum("size"))["total"] or 0
    return total


def is_buyer(user: User | AnonymousUser) -> bool:
    """Staff of any kind: they look suppliers up and read standings."""
    return isinstance(user, User) and user.is_active and not user.is_supplier


def suppliers_visible_to(user: User | AnonymousUser) -> QuerySet[Supplier]:
    """Every supplier, for the buyer's people."""
    return Supplier.objects.all() if is_buyer(user) else Supplier.objects.none()


def is_officer(user: User | AnonymousUser) -> bool:
    """Compliance officers: they load lists, decide alerts and standings, and set the rules. Admins do not."""
    return isinstance(user, User) and user.is_active and user.is_officer


def officers() -> QuerySet[User]:
    """Every compliance officer who can sign in: the people who decide, and who get the letters."""
    return User.objects.filter(role=Role.OFFICER, is_active=True)


def may_read_screening(user: User | AnonymousUser) -> bool:
    """Officers, and admins and auditors, who read along and decide nothing here."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_officer or user.is_admin or user.is_auditor
