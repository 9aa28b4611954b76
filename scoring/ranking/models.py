"""Marks, what they add up to, and the stored ranking."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from portal.frame import triggers
from portal.models import User
from rfp.models import Assessment, Criterion, Lot, Proposal, Revision, Window
from scoring.panel.models import Evaluator
from scoring.settling.fields import AnchorField
from suppliers.models import Supplier


def mark_field(label: str = "") -> models.DecimalField:
    """A mark from 0 to 100, or a contribution in points of 100; unrounded to 12 places."""
    return models.DecimalField(label, max_digits=18, decimal_places=12, null=True, blank=True)


def points_field(label: str = "") -> models.DecimalField:
    """A total, which some methods give in dollars; unrounded to 12 places."""
    return models.DecimalField(label, max_digits=30, decimal_places=12, null=True, blank=True)


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


class Mark(models.Model):
    """The figure one evaluator gives one criterion of one revision: an anchor, or an abstention."""

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="marks")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="marks")
    evaluator = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="marks")
    anchor = AnchorField(null=True, blank=True)
    abstained = models.BooleanField(default=False)
    comment = models.TextField(blank=True)
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


class Score(models.Model):
    """A revision's own total. Price figures are null until the price envelope is open.

    Decimals are rounded to 12 places, for display. What a ranking compares is exact: `technical_exact`, `total_exact`,
    `threshold_exact` and `exact_values` hold numerator and denominator ("2/3"; blank for none), as text because
    neither has a largest size. `total_exact` is blank too where the total depends on rivals: the ranking computes it.
    `is_priced`: computed with open prices. `technical_before_exact` goes with `total_before`.

    `threshold_percent`: the technical percent with every missing input at full marks, which the threshold tests.
    `total_before`: the total with marks that were taken out after prices opened; null where none were.

    `marks` (criterion, weight, mark, mode) and `flags` are what a ranking row shows beside the rank;
    name, place and state are the supplier's as received.
    `spread`: range of the reviewers' anchors in percent of the scale, the mean over criteria with two marks or more.
    """

    revision = models.OneToOneField(Revision, on_delete=models.PROTECT, related_name="score")
    technical = mark_field("technical points")
    technical_percent = mark_field("technical score, percent")
    threshold_percent = mark_field("technical score for the threshold, percent")
    total_before = points_field("total points before marks were removed")
    price_mark = mark_field("price mark")
    total = points_field("total points")
    is_priced = models.BooleanField(default=False)
    price_total = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    price_reference = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    technical_exact = models.TextField(blank=True)
    technical_before_exact = models.TextField(blank=True)
    threshold_exact = models.TextField(blank=True)
    total_exact = models.TextField(blank=True)
    exact_values = models.JSONField(default=dict)
    below_minimum = models.BooleanField(default=False)
    marks_missing = models.PositiveSmallIntegerField(default=0)
    automatic_missing = models.PositiveSmallIntegerField(default=0)
    knocked_out = models.BooleanField(default=False)
    awaiting_decision = models.PositiveSmallIntegerField(default=0)
    marks_wanted = models.PositiveSmallIntegerField("marks below the quorum", default=0)
    domestic_low = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    domestic_high = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    spread = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    supplier_name = models.CharField(max_length=200)
    place = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=2, blank=True)
    marks = models.JSONField(default=list)
    flags = models.JSONField(default=list)
    trace = models.JSONField(default=dict)
    scored_by_pid = models.PositiveIntegerField()
    scored_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.total}"


class Ranking(models.Model):
    """The stored order of one window; stale while more was requested than served.

    Counters, not times: a request that commits late would otherwise look older than the ranking that missed it.
    """

    window = models.OneToOneField(Window, on_delete=models.PROTECT, related_name="ranking")
    requests = models.PositiveBigIntegerField(default=0)
    served = models.PositiveBigIntegerField(default=0)
    ranked_at = models.DateTimeField(null=True, blank=True)
    ranked_count = models.PositiveIntegerField(default=0)
    unranked_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"Ranking of {self.window}"

    @property
    def is_stale(self) -> bool:
        return self.requests > self.served


class RankedProposal(models.Model):
    """One row of a ranking, with what its list shows beside it so that a page needs no join.

    `rank` is the rank within the lot of the window: there is no other. `position` orders the rows by lot, then by
    rank. `price_open`: whether the lot was ranked with prices. `rank_before` and `score_before` are what they were
    with marks that were taken out after prices opened; null where none of the lot were.

    Rows are derived and replaced as a whole: what they refer to is checked where it is stored, so five thousand of them
    are written without twenty thousand checks, and only the columns that lists are read by have an index.
    """

    class Standing(models.TextChoices):
        RANKED = "ranked", "Ranked"
        KNOCKED_OUT = "knocked_out", "Knocked out"
        BELOW_THRESHOLD = "below_threshold", "Below the technical threshold"
        NOT_SCORED = "not_scored", "Marks missing"

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="rows", db_index=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    revision = models.ForeignKey(
        Revision, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    lot = models.ForeignKey(
        Lot, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    supplier = models.ForeignKey(
        Supplier, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    proposal_number = models.CharField(max_length=20)
    lot_code = models.CharField(max_length=20)
    supplier_name = models.CharField(max_length=200)
    place = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=2, blank=True)
    standing = models.CharField(max_length=16, choices=Standing.choices)
    position = models.PositiveIntegerField()
    rank = models.PositiveIntegerField(null=True, blank=True)
    rank_before = models.PositiveIntegerField(null=True, blank=True)
    score_before = points_field("score before marks were removed")
    price_open = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    tie_step = models.CharField(max_length=40, blank=True)
    score = points_field("score")
    technical = mark_field("technical points")
    price_mark = mark_field("price mark")
    price_total = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    domestic_low = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    domestic_high = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    spread = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    marks = models.JSONField(default=list)
    flags = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ranking", "proposal"], name="one_row_per_proposal"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ranking", "position"]),
            models.Index(fields=["ranking", "lot", "position"]),
        ]

    def __str__(self) -> str:
        return f"{self.rank} {self.supplier_name}"


class Stability(models.Model):
    """How sure one lot's ranking is if the weights were a little different. Advice: it ranks nobody.

    `served` says which ranking it is about: another one than the ranking's own means that it is behind. `chances`: of
    each ranked proposal, by number, the chance to be among the first `places` and of each rank from 1 to 10, 0 to 1.
    `contested`: who may be in or out, in the order of ranks, each with rank, number, name, supplier (id) and chance.
    `declined`: why there are no chances, in a sentence. Draws are repeatable: `seed` is stored.
    """

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="stabilities", db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="+")
    served = models.PositiveBigIntegerField()
    seed = models.PositiveBigIntegerField()
    draws = models.PositiveIntegerField()
    kappa = models.PositiveIntegerField()
    places = models.PositiveSmallIntegerField()
    error = models.FloatField()
    ranked = models.PositiveIntegerField()
    chances = models.JSONField(default=dict)
    contested = models.JSONField(default=list)
    declined = models.CharField(max_length=200, blank=True)
    computed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ranking", "lot"], name="one_stability_per_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id}: {self.draws}"


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
triggers.append_only(PanelMark)
