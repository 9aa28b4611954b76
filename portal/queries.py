"""Who may see the accounts and the audit chain."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from portal.models import AuditEvent, Role, User

Person = User | AnonymousUser


def accounts_visible_to(user: Person) -> QuerySet[User]:
    """Staff accounts, for admins; annotated with `two_step`."""
    if not isinstance(user, User) or not user.is_admin:
        return User.objects.none()
    second_step = Authenticator.objects.filter(user=OuterRef("pk"))
    return User.objects.exclude(role=Role.SUPPLIER).annotate(two_step=Exists(second_step))


def events_visible_to(user: Person) -> QuerySet[AuditEvent]:
    """The audit chain, for auditors and admins, newest first."""
    if not isinstance(user, User) or not (user.is_admin or user.is_auditor):
        return AuditEvent.objects.none()
    return AuditEvent.objects.order_by("-seq")


def actors_of(events: list[AuditEvent]) -> dict[str, User]:
    """`user:12` → the account, for those events; one query."""
    ids = {event.actor.removeprefix("user:") for event in events if event.actor.startswith("user:")}
    return {f"user:{user.pk}": user for user in User.objects.filter(pk__in=ids)}
