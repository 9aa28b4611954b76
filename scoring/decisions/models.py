"""Decisions on proposals, and officers' overrides of what stops one."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.frame import triggers
from portal.models import User
from rfp.models import Proposal, Solicitation


class RankingView(models.Model):
    """How one person looks at rankings of an RFP: columns, and for a saved view filters and order too.

    The row without a name is what the person chose last; the page opens with it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="ranking_views")
    name = models.CharField(max_length=60, blank=True)
    columns = ArrayField(models.CharField(max_length=20))
    query = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "solicitation", "name"], name="one_view_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class StandingOverride(models.Model):
    """A compliance officer lets one proposal be shortlisted although its supplier is on hold or not qualified.

    It covers what it was given for: `keys` name the alerts or standings, so a new one stops the proposal again. A
    confirmed match is never overridden. Append-only.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="standing_overrides")
    kind = models.CharField(max_length=12)
    keys = ArrayField(models.CharField(max_length=120))
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.kind}"


class Decision(models.Model):
    """The panel's word on one proposal, with its reason. Append-only; the latest counts.

    WITHDREW: the supplier gave up a place that the panel had given it.
    """

    class Verdict(models.TextChoices):
        SHORTLISTED = "shortlisted", "Shortlisted"
        RESERVE = "reserve", "Reserve"
        ELIMINATED = "eliminated", "Eliminated"
        AWARDED = "awarded", "Awarded"
        WITHDREW = "withdrew", "Withdrew"
        UNDECIDED = "undecided", "Undecided"

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.verdict}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(Decision, StandingOverride)
