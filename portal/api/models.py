"""Tokens with which programs read what their owner may read."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.frame import triggers
from portal.people.models import User


class ApiToken(models.Model):
    """`digest`: SHA-256 of the token, which nobody but its owner ever has. `hint`: its first letters, to tell it from
    others. It ends by itself, or is revoked."""

    class Scope(models.TextChoices):
        PROPOSALS = "proposals", "Read my company’s proposals"
        EVALUATIONS = "evaluations", "Read the marks I gave"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"API token {self.hint}…"

    def is_live(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at

    @property
    def scope_words(self) -> list[str]:
        return [str(self.Scope(scope).label) for scope in self.scopes]


triggers.kept(
    ApiToken,
    called="the API token",
    until=["revoked_at"],
    fixed=["user_id", "name", "digest", "hint", "scopes", "created_at", "expires_at"],
)
