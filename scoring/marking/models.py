"""What the database itself keeps so that a list of thousands need not be counted: what waits, and how far a lot is.

Derived rows without constraints: `scoring/marking/waiting.py` writes them in the transaction that changes what they are
made from, and nothing else does. They tell of sealed proposals too; whoever reads them filters by what is open.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rfp.models import Criterion, Finding, Lot, Proposal, Revision, Window
from scoring.ranking.mark_models import AutomaticMark
from suppliers.models import Supplier


def _link(to: type[models.Model], *, index: bool = False, null: bool = False) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        to, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=index, null=null
    )


class WaitingItem(models.Model):
    """A finding or a missing input of a competing proposal that a person has to decide and nobody has.

    `kind`: as the decision queue calls it. Of a finding `code` is its rule; an input has a criterion instead.
    """

    window = _link(Window)
    lot = _link(Lot)
    supplier = _link(Supplier)
    proposal = _link(Proposal)
    revision = _link(Revision, index=True)
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=120, blank=True)
    envelope = models.CharField(max_length=10)
    finding = _link(Finding, null=True)
    mark = _link(AutomaticMark, null=True)
    criterion = _link(Criterion, null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["window", "kind", "code", "title", "criterion", "lot", "number"]),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} {self.code}"


class Readiness(models.Model):
    """How far one scored proposal is on its way to the price opening of its lot.

    `is_short`: a criterion's marks are below the quorum; `left`: the seats that have not finished such a criterion.
    """

    revision = models.OneToOneField(
        Revision, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, primary_key=True
    )
    window = _link(Window, index=True)
    lot = _link(Lot)
    is_knocked_out = models.BooleanField()
    questions = models.PositiveSmallIntegerField()
    inputs = models.PositiveSmallIntegerField()
    is_short = models.BooleanField()
    left = ArrayField(models.BigIntegerField(), default=list)

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.questions + self.inputs} to decide"
