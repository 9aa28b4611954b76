"""Who may see the accounts and the audit chain."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Exists, Model, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from portal.models import AccessEvent, AuditEvent, Countersignature, FactorReset, Role, User

Person = User | AnonymousUser


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


def events_visible_to(user: Person) -> QuerySet[AuditEvent]:
    """The audit chain, for auditors and admins, newest first."""
    if not isinstance(user, User) or not (user.is_admin or user.is_auditor):
        return AuditEvent.objects.none()
    return AuditEvent.objects.order_by("-seq")


def access_visible_to(user: Person) -> QuerySet[AccessEvent]:
    """The access log, for auditors and admins, newest first, each with its account."""
    if not isinstance(user, User) or not (user.is_admin or user.is_auditor):
        return AccessEvent.objects.none()
    return AccessEvent.objects.select_related("user")


def _numbered() -> Iterator[type[Model]]:
    """The models whose rows people know by a number of their own: P-1001."""
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        if (number := fields.get("number")) and isinstance(number, CharField) and number.unique:
            yield model


def numbers_of(events: list[AuditEvent]) -> dict[str, str]:
    """`rfp.proposal:1f0c…` → "P-1001", for those events; one query for each such kind of row."""
    found = {}
    for model in _numbered():
        label = f"{model._meta.label_lower}:"
        keys = {event.subject.removeprefix(label) for event in events if event.subject.startswith(label)}
        if keys:
            rows = model._default_manager.filter(pk__in=keys).values_list("pk", "number")
            found.update({f"{label}{pk}": number for pk, number in rows})
    return found


def subjects_numbered(words: str) -> list[str]:
    """The subjects whose number holds the words, at most 50 of each kind."""
    return [
        f"{model._meta.label_lower}:{pk}"
        for model in _numbered()
        for pk in model._default_manager.filter(number__icontains=words).values_list("pk", flat=True)[:50]
    ]


def actors_of(events: list[AuditEvent]) -> dict[str, User]:
    """`user:12` → the account, for those events; one query."""
    ids = {event.actor.removeprefix("user:") for event in events if event.actor.startswith("user:")}
    return {f"user:{user.pk}": user for user in User.objects.filter(pk__in=ids)}
