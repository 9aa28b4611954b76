"""The outbox."""

from __future__ import annotations

from django.db import models

from portal.people.models import User


class Notice(models.Model):
    """The outbox: a letter waits here until the mail server took it. `address` is for who has no account yet.

    `error`: what the mail server last said. `refused_at`: it refused the address for good, and a person may have the
    letter sent again.
    """

    to = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="notices")
    address = models.EmailField(blank=True)
    key = models.CharField(max_length=120, unique=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.subject
