"""Notices: one's own, and no one else's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from portal.letters.kinds import DIGEST
from portal.letters.models import Notice
from portal.people.models import User

Person = User | AnonymousUser


def notices_of(user: Person) -> QuerySet[Notice]:
    """What was written to the person, the newest first, the day's letters apart: they repeat it."""
    if not isinstance(user, User) or user.pk is None:
        return Notice.objects.none()
    return Notice.objects.filter(to=user).exclude(key__startswith=f"{DIGEST}:").order_by("-created_at", "-id")


def with_unread(people: QuerySet[User]) -> QuerySet[User]:
    """People with `unread`, how many of their notices they have not read; in the same query."""
    unread = Notice.objects.filter(to=OuterRef("pk"), read_at__isnull=True).order_by().values("to")
    count = Subquery(unread.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    return people.annotate(unread=Coalesce(count, 0))


def unread_of(user: Any) -> int:
    """How many notices the person has not read: as it came along with them, else one query."""
    if not isinstance(user, User):
        return 0
    known = getattr(user, "unread", None)
    return notices_of(user).filter(read_at__isnull=True).count() if known is None else known
