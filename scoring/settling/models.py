"""What is settled beside the marks: an agreed mark, a criterion that is asked again, and what marks were before."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.frame import triggers
from portal.models import User
from rfp.models import Criterion, Revision
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


triggers.append_only(Consensus, Reopening, MarkVersion)
