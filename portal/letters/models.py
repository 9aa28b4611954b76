"""The outbox, which is also what each person reads on the notices page, and how often they want which letters."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.people.models import User


class How(models.TextChoices):
    """How a letter of a kind reaches a person. It is on the notices page in any case."""

    AT_ONCE = "at_once", "Email at once"
    DAILY = "daily", "One email a day"
    PORTAL = "portal", "Only here"


class Notice(models.Model):
    """The outbox: a letter waits here until the mail server took it. `address` is for who has no account yet.

    `error`: what the mail server last said. `refused_at`: it refused the address for good, and a person may have the
    letter sent again. `how`: what its reader wanted when it was written. `link`: the page that it is about.
    """

    to = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="notices")
    address = models.EmailField(blank=True)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    link = models.CharField(max_length=200, blank=True)
    how = models.CharField(max_length=8, choices=How.choices, default=How.AT_ONCE)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["to", "-created_at", "-id"], name="notices_of_a_person"),
            models.Index(fields=["to"], condition=Q(read_at__isnull=True), name="unread_notices"),
        ]

    def __str__(self) -> str:
        return self.subject


class NoticePreference(models.Model):
    """How a person wants letters of one kind. Without a row: at once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_preferences")
    kind = models.CharField(max_length=12)
    how = models.CharField(max_length=8, choices=How.choices)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "kind"], name="one_preference_per_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.how}"
