"""Who is asked to mark which proposal, and by when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.frame import triggers
from portal.models import User
from rfp.models import Proposal, Window
from scoring.panel.models import Evaluator


class AssignmentRun(models.Model):
    """An automatic assignment: what was asked for, what a worker found, and whether somebody applied it.

    `lots`: codes; `group`: the criterion group, blank for all criteria. `pairs`: [proposal id, seat id, reason, kept];
    `notes`: what the plan achieves, [state, sentence]; `gaps`: why there is none, in sentences.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="assignment_runs")
    lots = models.JSONField(default=list)
    group = models.CharField(max_length=80, blank=True)
    each = models.PositiveSmallIntegerField()
    cap = models.PositiveSmallIntegerField(null=True, blank=True)
    pairs = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    gaps = models.JSONField(default=list)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    planned_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.window_id}: {self.each} reviewers each"


class Handover(models.Model):
    """A reviewer's open work goes to another member of the panel, with a reason, for a time or for good.

    `until`: the last day; what the deputy has not begun by then goes back, and `returned_at` says when.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="handovers")
    giver = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="given_over")
    deputy = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="taken_over")
    reason = models.TextField()
    until = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(giver=models.F("deputy")),
                name="a_deputy_is_someone_else",
                violation_error_message="Choose someone else as the deputy.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} to {self.deputy_id}"


class Assignment(models.Model):
    """One reviewer is asked to mark one proposal: every criterion, or those of one group.

    A proposal without any is marked by everybody on the panel. Marks that were given stay and count, whoever is
    assigned later. `because`: why this reviewer, in a sentence.
    """

    class How(models.TextChoices):
        HAND = "hand", "By hand"
        FILE = "file", "From a file"
        AUTOMATIC = "automatic", "Automatic"
        HANDED = "handed", "Handed over"

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="assignments")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="assignments")
    evaluator = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="assignments")
    group = models.CharField(max_length=80, blank=True)
    how = models.CharField(max_length=10, choices=How.choices)
    because = models.TextField(blank=True)
    handover = models.ForeignKey(
        Handover, on_delete=models.PROTECT, null=True, blank=True, related_name="assignments"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["proposal", "evaluator", "group"], name="one_assignment_per_reviewer_and_group"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.evaluator_id}"


class DueDate(models.Model):
    """By when marks of a window are due: of everybody, or of one reviewer. The last one counts. Append-only."""

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="due_dates")
    evaluator = models.ForeignKey(
        Evaluator, on_delete=models.PROTECT, null=True, blank=True, related_name="due_dates"
    )
    due_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.window_id}: {self.due_at}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(DueDate)
triggers.kept(
    Handover,
    called="the handover",
    until=["returned_at"],
    fixed=["window_id", "giver_id", "deputy_id", "reason", "until", "by_id", "at"],
)
triggers.kept(
    AssignmentRun,
    called="the assignment run",
    until=["applied_at"],
    fixed=["window_id", "lots", '"group"', '"each"', "cap", "asked_by_id", "asked_at"],
)
