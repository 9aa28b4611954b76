"""What is settled beside the marks: an agreed mark, a criterion that is asked again, earlier marks, and draws."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.frame import triggers
from portal.models import User
from rfp.models import Criterion, Lot, Revision, Window
from scoring.panel.models import Evaluator
from scoring.settling.fields import AnchorField


class Consensus(models.Model):
    """The mark a panel agreed on for one criterion of one revision, beside the marks, which never change.

    The latest one counts, in place of the aggregate; without an anchor it takes the agreement back. Append-only.
    """

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="consensus")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="consensus")
    anchor = AnchorField(null=True, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.anchor}"


class Reopening(models.Model):
    """The chair asks one reviewer to mark one criterion again, with a reason. Open until a mark is given after it.

    Append-only.
    """

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reopenings")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="reopenings")
    evaluator = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="reopenings")
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.evaluator_id}"


class MarkVersion(models.Model):
    """What a mark was before it was changed. The database writes it; see `scoring/marking/counted.py`. Append-only."""

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="mark_versions")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    evaluator = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="+")
    anchor = AnchorField(null=True, blank=True)
    comment = models.TextField(blank=True)
    marked_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.anchor}"


class DrawStart(models.Model):
    """The first of two people says that a tie is to be drawn: which proposals of which lot. Append-only.

    `tied`: their numbers, in order; `digest`: see `draws.digest_of`. A tie is drawn once: the same one is never started
    again.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveIntegerField()
    tied = ArrayField(models.CharField(max_length=20))
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["window", "lot", "digest"], name="one_draw_per_tie"),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id}: rank {self.rank}"


class Draw(models.Model):
    """The second person draws, and the order stands. Append-only.

    `statement`: what was drawn and from what, as it was signed with the portal's key; `signature`: base64; `seed`: its
    SHA-256, in hex; `drawn`: the proposals' numbers, the first place first. See `scoring/calculation/draws.py`.
    """

    start = models.OneToOneField(DrawStart, on_delete=models.PROTECT, related_name="draw")
    statement = models.TextField()
    signature = models.CharField(max_length=100)
    seed = models.CharField(max_length=64)
    drawn = ArrayField(models.CharField(max_length=20))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.start_id}: {self.seed}"


triggers.append_only(Consensus, Reopening, MarkVersion, DrawStart, Draw)
TWO_DRAW = triggers.function(
    "onshore_two_people_draw",
    """
BEGIN
    IF EXISTS (SELECT 1 FROM scoring_drawstart WHERE id = NEW.start_id AND by_id = NEW.by_id) THEN
        RAISE EXCEPTION 'two people draw: INSERT refused' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END """,
)
triggers.trigger(Draw, "two_people", "BEFORE INSERT", TWO_DRAW)
