"""How far a panel agrees, measured by a worker."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from rfp.models import Lot, Window


class Agreement(models.Model):
    """What one lot's marks say about the panel, in sentences: [state, sentence, evidence]. Advice: it changes no mark.

    `served` is the ranking it was measured with; another one than the ranking's own means that it is behind.
    """

    window = models.ForeignKey(Window, on_delete=models.CASCADE, related_name="agreements")
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="+")
    served = models.PositiveBigIntegerField()
    sentences = models.JSONField(default=list)
    proposals = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["window", "lot"], name="one_agreement_per_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.window_id}, {self.lot_id}: {self.proposals}"
