"""Minutes of a moderation: who was there, what was settled, and why. Signed once, never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.frame import triggers
from portal.models import User
from rfp.models import Lot, Window


class Minutes(models.Model):
    """What a chair signed about one lot. Each covers what was done since the one before it.

    `content` is what was signed: see `scoring.minutes.queries.Content`. It stays, whatever becomes of marks and seats.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="minutes")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    signed_name = models.CharField(max_length=120)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["window", "lot", "number"], name="one_minutes_per_number"),
        ]

    def __str__(self) -> str:
        return f"Minutes {self.number}, window {self.window_id}, lot {self.lot_id}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(Minutes)
