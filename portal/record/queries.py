"""Who may read which events."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Model, QuerySet

from portal.people.models import User
from portal.record.models import AuditEvent

Person = User | AnonymousUser


def events_visible_to(user: Person) -> QuerySet[AuditEvent]:
    """The audit chain, for auditors and admins, newest first."""
    if not isinstance(user, User) or not (user.is_admin or user.is_auditor):
        return AuditEvent.objects.none()
    return AuditEvent.objects.order_by("-seq")


def actors_of(events: list[AuditEvent]) -> dict[str, User]:
    """`user:12` → the account, for those events; one query."""
    ids = {event.actor.removeprefix("user:") for event in events if event.actor.startswith("user:")}
    return {f"user:{user.pk}": user for user in User.objects.filter(pk__in=ids)}


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
