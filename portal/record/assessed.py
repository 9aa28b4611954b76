"""The shape every stored assessment shares."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.kit.compliance import Audience, Effect, Envelope, Finding, Outcome
from portal.people.models import User


class AssessmentBase(models.Model):
    """A stored run of a rulebook: unique on (subject, rulebook version, input hash), never changed."""

    rulebook = models.CharField(max_length=20)
    input_hash = models.CharField(max_length=64)
    params = models.JSONField()
    lists = models.JSONField(default=list)
    on = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    worker_pid = models.PositiveIntegerField()

    class Meta:
        abstract = True


class FindingBase(models.Model):
    """A stored outcome of one rule and part; see `portal.kit.compliance.Finding`."""

    rule = models.CharField(max_length=10)
    part = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=120)
    outcome = models.CharField(max_length=15, choices=[(o.value, o.value) for o in Outcome])
    effect = models.CharField(max_length=10, choices=[(e.value, e.value) for e in Effect])
    audience = models.CharField(max_length=10, choices=[(a.value, a.value) for a in Audience])
    envelope = models.CharField(max_length=10, choices=[(e.value, e.value) for e in Envelope])
    message = models.TextField()
    fix = models.TextField(blank=True)
    basis = models.CharField(max_length=200)
    legal_effect = models.CharField(max_length=200, blank=True)
    numbers = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.rule} {self.part}".strip()

    def as_finding(self) -> Finding:
        """As the rules gave it."""
        return Finding(
            rule=self.rule,
            part=self.part,
            outcome=Outcome(self.outcome),
            effect=Effect(self.effect),
            audience=Audience(self.audience),
            envelope=Envelope(self.envelope),
            title=self.title,
            message=self.message,
            fix=self.fix,
            basis=self.basis,
            legal_effect=self.legal_effect,
            numbers=self.numbers,
        )


class OverrideBase(models.Model):
    """A person's word on a stored finding: name, reason, time. Never changed; the latest one counts."""

    outcome = models.CharField(
        max_length=15,
        choices=[(Outcome.MET.value, "Override: met"), (Outcome.NOT_MET.value, "Confirmed: not met")],
    )
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["id"]
