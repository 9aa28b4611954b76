"""Signing in: failures, accesses, second factors, countersignatures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from portal.frame import triggers
from portal.kit import clients
from portal.people.models import User


class SignInFailures(models.Model):
    """Wrong passwords in a row for one account or from one address; `key` is a keyed digest of which (guard.py)."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    forget_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.failures} failures"


class AccessEvent(models.Model):
    """One row of the access log; see access.py for what is never in it."""

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", "Signed in"
        SIGN_OUT = "sign_out", "Signed out"
        FAILURE = "failure", "Failed to sign in"
        LOCKOUT = "lockout", "Locked out"
        RESET = "reset", "Password reset"
        PASSWORD = "password", "Password changed"
        ADDRESS = "address", "Email address changed"
        FACTOR = "factor", "Two-step sign-in changed"
        SESSION = "session", "Session ended"
        DOWNLOAD = "download", "File downloaded"
        API = "api", "API"

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)
    client = models.CharField(max_length=120, blank=True)
    about = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.about}".strip()

    @property
    def browser(self) -> str:
        """ "Firefox on Windows"; empty where nothing was said."""
        return clients.browser_of(self.client) if self.client else ""


class FactorReset(models.Model):
    """A wish to take all second factors from a colleague who lost them: one person asks, another one confirms."""

    class State(models.TextChoices):
        ASKED = "asked", "Waiting for a second person"
        DONE = "done", "Reset"
        WITHDRAWN = "withdrawn", "Withdrawn"

    LASTS = timedelta(days=7)

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_resets")
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="asked"), name="one_factor_reset_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"

    def has_expired(self, at: datetime) -> bool:
        """Whether it still waits but was asked for too long ago to be confirmed."""
        return self.state == self.State.ASKED and at - self.asked_at > self.LASTS


class Countersignature(models.Model):
    """A compliance officer's word that two accounts are two people, for one act of theirs; see pairs.py.

    Asked for when the second person's act is refused, signed at most once, never deleted. `subjects` are what the
    first person did, as the audit names it; `digest` is theirs. `args` are those of the page of the act. `settled_at`:
    somebody else completed the act, so that nobody has to sign.
    """

    act = models.CharField(max_length=40)
    about = models.CharField(max_length=200)
    subjects = ArrayField(models.CharField(max_length=100))
    digest = models.CharField(max_length=64)
    args = models.JSONField(default=list)
    first = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    why = models.TextField("why an officer must confirm that they are two people")
    asked_at = models.DateTimeField()
    officer = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["act", "first", "second", "digest"], name="one_countersignature_per_act_and_pair"
            ),
            models.CheckConstraint(
                condition=Q(officer__isnull=True) | ~(Q(officer=F("first")) | Q(officer=F("second"))),
                name="a_third_person_countersigns",
            ),
            models.CheckConstraint(
                condition=Q(officer__isnull=True, at__isnull=True)
                | Q(officer__isnull=False, at__isnull=False),
                name="countersigned_by_someone_at_a_time",
            ),
        ]
        ordering: ClassVar[list[str]] = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return self.about


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.kept(
    Countersignature,
    called="the countersignature",
    until=["officer_id"],
    fixed=["act", "about", "subjects", "digest", "first_id", "second_id", "why", "asked_at"],
)
