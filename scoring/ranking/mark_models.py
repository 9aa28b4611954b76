"""Marks that people and rules give, and which of them are taken out again."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from portal.frame import triggers
from portal.models import User
from rfp.models import Assessment, Criterion, Proposal, Revision
from scoring.panel.models import Evaluator
from scoring.settling.fields import AnchorField


def mark_field(label: str = "") -> models.DecimalField:
    """A mark from 0 to 100, or a contribution in points of 100; unrounded to 12 places."""
    return models.DecimalField(label, max_digits=18, decimal_places=12, null=True, blank=True)


CONFIDENCE = (("low", "Not sure"), ("medium", "Fairly sure"), ("high", "Sure"))


class MarkRemoval(models.Model):
    """After prices are open, chair and compliance officer together take a conflicted reviewer's marks out of a total.

    The marks stay stored, and both rankings stay readable.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="mark_removals")
    evaluator = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="mark_removals")
    reason = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["proposal", "evaluator"], name="one_removal_per_reviewer"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("proposed_by")),
                name="two_people_remove_marks",
                violation_error_message="A second person must confirm this.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.evaluator_id}"


class ClaimRefusal(models.Model):
    """The chair or an admin decides, before prices open, that a preference doesn't count although it is claimed."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="claim_refusals")
    code = models.CharField(max_length=20)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["proposal", "code"], name="one_refusal_per_claim")
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.code}"


class Mark(models.Model):
    """The figure one evaluator gives one criterion of one revision: an anchor, or an abstention."""

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="marks")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="marks")
    evaluator = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="marks")
    anchor = AnchorField(null=True, blank=True)
    abstained = models.BooleanField(default=False)
    comment = models.TextField(blank=True)
    confidence = models.CharField("how sure", max_length=6, choices=CONFIDENCE, blank=True)
    marked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["revision", "criterion", "evaluator"], name="one_mark_per_evaluator_and_criterion"
            ),
            models.CheckConstraint(
                condition=Q(anchor__isnull=False, abstained=False) | Q(anchor__isnull=True, abstained=True),
                name="a_mark_or_an_abstention",
                violation_error_message="Choose a mark or abstain.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.anchor}"


class Review(models.Model):
    """How far one evaluator is with one revision: marks given, and whether that is all that is asked for.

    The database keeps it, in the transaction that stores a mark, an automatic mark or an assignment; see
    `scoring/marking/counted.py`. Nothing else writes it.
    """

    evaluator = models.ForeignKey(Evaluator, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="reviews")
    given = models.PositiveSmallIntegerField()
    is_done = models.BooleanField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["evaluator", "revision"], include=["is_done"], name="one_review_per_revision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluator_id}: {self.given}"


class AutomaticMark(models.Model):
    """A mark computed from answers and findings; null when its input does not exist."""

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="automatic_marks")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="automatic_marks")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="automatic_marks")
    value = mark_field("mark, 0 to 100")
    trace = models.JSONField(default=dict)
    left_to_evaluators = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["revision", "criterion"], name="one_automatic_mark_per_criterion"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.value}"


class PanelMark(models.Model):
    """What stands in for a computed mark whose input is missing: the panel's mark, or a recorded zero. Append-only.

    The latest one counts, and only while the input is missing.
    """

    class Kind(models.TextChoices):
        PANEL = "panel", "Panel mark"
        ZERO = "zero", "Recorded zero"

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="panel_marks")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="panel_marks")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    value = models.DecimalField(
        "mark, 0 to 100",
        max_digits=18,
        decimal_places=12,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind="panel", value__gte=0, value__lte=100) | Q(kind="zero", value=0),
                name="a_panel_mark_or_a_zero",
                violation_error_message="A panel mark must be between 0 and 100. A recorded zero is 0.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.value}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

BEGINS = triggers.function(
    "onshore_removal_begins",
    """
BEGIN
    RAISE EXCEPTION 'a removal of marks begins unconfirmed: INSERT refused' USING ERRCODE = 'restrict_violation';
END """,
)
triggers.trigger(
    MarkRemoval,
    "begins",
    "BEFORE INSERT",
    BEGINS,
    condition="NEW.confirmed_at IS NOT NULL OR NEW.confirmed_by_id IS NOT NULL",
)
triggers.kept(
    MarkRemoval,
    called="the removal of marks",
    until=["confirmed_at"],
    fixed=["proposal_id", "evaluator_id", "reason", "proposed_by_id", "proposed_at"],
)
triggers.append_only(PanelMark, ClaimRefusal)
