"""What marks add up to, and the stored ranking."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rfp.models import Lot, Proposal, Revision, Window
from scoring.ranking.mark_models import mark_field
from suppliers.models import Supplier


def points_field(label: str = "") -> models.DecimalField:
    """A total, which some methods give in dollars; unrounded to 12 places."""
    return models.DecimalField(label, max_digits=30, decimal_places=12, null=True, blank=True)


class Score(models.Model):
    """A revision's own total. Price figures are null until the price envelope is open.

    Decimals are rounded to 12 places, for display. What a ranking compares is exact: `technical_exact`, `total_exact`,
    `threshold_exact` and `exact_values` hold numerator and denominator ("2/3"; blank for none), as text because
    neither has a largest size. `total_exact` is blank too where the total depends on rivals: the ranking computes it.
    `is_priced`: computed with open prices. `technical_before_exact` goes with `total_before`.

    `threshold_percent`: the technical percent with every missing input at full marks, which the threshold tests.
    `total_before`: the total with marks that were taken out after prices opened; null where none were.

    `lead_time_days`, `jobs`, `expires_on` and `expires_what` (the certificate that expires first, as received) are
    stored when the revision is assessed: marks don't change them.
    `preferences`: those that count, {"code", "title", "kind", "value", "cap"}, decimals as text.
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
    preferences = models.JSONField(default=list, blank=True)
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
    lead_time_days = models.PositiveIntegerField(null=True, blank=True)
    jobs = models.DecimalField("jobs, new and kept", max_digits=12, decimal_places=2, null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    expires_what = models.CharField(max_length=80, blank=True)
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
    `lots`: what `queries.lots_ranked` counts, stored with the rows: (lot id, rows, of them ranked, first position,
    ranked with prices) of each lot in order.
    """

    window = models.OneToOneField(Window, on_delete=models.PROTECT, related_name="ranking")
    requests = models.PositiveBigIntegerField(default=0)
    served = models.PositiveBigIntegerField(default=0)
    ranked_at = models.DateTimeField(null=True, blank=True)
    ranked_count = models.PositiveIntegerField(default=0)
    unranked_count = models.PositiveIntegerField(default=0)
    lots = models.JSONField(default=list)

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
    lead_time_days = models.PositiveIntegerField(null=True, blank=True)
    jobs = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    expires_what = models.CharField(max_length=80, blank=True)
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

    `served` says which ranking it is about: another one than the ranking's own means that it is behind.
    `contested`: who may be in or out, in the order of ranks, each with rank, number, name, supplier (id) and chance.
    What it says of each proposal has a row of its own, `RankChance`: a page reads a hundred of fifty thousand.
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
    contested = models.JSONField(default=list)
    declined = models.CharField(max_length=200, blank=True)
    computed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ranking", "lot"], name="one_stability_per_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id}: {self.draws}"


class RankChance(models.Model):
    """What a `Stability` says of one ranked proposal. Derived, and replaced with it.

    `figures`: the chance to be among the first places, then of each rank from 1 to 10, 0 to 1. `flip`: what would put
    it above the one before it, null for the first: that one's number, name, supplier (id) and rank, its own rank, the
    share of weight to move and between which criteria, and the least rise of its mark on one of them; see `flips.kept`.
    """

    stability = models.ForeignKey(Stability, on_delete=models.CASCADE, related_name="chances", db_index=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    figures = ArrayField(models.FloatField())
    flip = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stability", "proposal"], name="one_chance_per_proposal"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.figures[:1]}"


class Shift(models.Model):
    """What changed in one lot when a ranking was stored: who moved, came or left, and why. The last few are kept.

    `moves`: each with number, name, supplier (id), was and now (ranks, null for none) and why, in a sentence. `since`:
    when the ranking before was stored.
    """

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="shifts", db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    since = models.DateTimeField(null=True, blank=True)
    moves = models.JSONField(default=list)
    count = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["ranking", "lot", "-id"])]

    def __str__(self) -> str:
        return f"{self.lot_id}: {self.count}"
