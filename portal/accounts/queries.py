"""Who may see which accounts, resets, countersignatures and accesses."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from portal.accounts.models import AccessEvent, Countersignature, FactorReset
from portal.people.models import Role, User
from portal.record.queries import Person


def accounts_visible_to(user: Person) -> QuerySet[User]:
    """Staff accounts, for admins; annotated with `two_step`."""
    if not isinstance(user, User) or not user.is_admin:
        return User.objects.none()
    second_step = Authenticator.objects.filter(user=OuterRef("pk"))
    return User.objects.exclude(role=Role.SUPPLIER).annotate(two_step=Exists(second_step))


def factor_resets_visible_to(user: Person) -> QuerySet[FactorReset]:
    """Requests to reset a colleague's second step, for admins and officers, who can confirm; newest first."""
    if not isinstance(user, User) or not (user.is_admin or user.is_officer):
        return FactorReset.objects.none()
    return FactorReset.objects.select_related("person", "asked_by", "decided_by").order_by("-pk")


def overseers() -> QuerySet[User]:
    """Who hears of a change to a staff account: admins, compliance officers and auditors."""
    return User.objects.filter(role__in=(Role.ADMIN, Role.OFFICER, Role.AUDITOR), is_active=True)


def countersignatures_visible_to(user: Person) -> QuerySet[Countersignature]:
    """What officers were asked to countersign, for officers, admins and auditors: what waits first, then the newest."""
    if not isinstance(user, User) or not (user.is_officer or user.is_admin or user.is_auditor):
        return Countersignature.objects.none()
    rows = Countersignature.objects.select_related("first", "second", "officer")
    done = Coalesce("at", "settled_at")
    return rows.order_by(done.desc(nulls_first=True), "-asked_at", "-pk")


def access_visible_to(user: Person) -> QuerySet[AccessEvent]:
    """The access log, for auditors and admins, newest first, each with its account."""
    if not isinstance(user, User) or not (user.is_admin or user.is_auditor):
        return AccessEvent.objects.none()
    return AccessEvent.objects.select_related("user")
