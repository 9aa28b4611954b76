"""Who wants to hear of an RFP without a proposal."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.models import User
from rfp.publishing.models import Solicitation


class Watch(models.Model):
    """A supplier's person gets letters on the RFP's addenda, answers and end. Nobody else reads who watches."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="watches")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "watches"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["solicitation", "user"], name="one_watch_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.solicitation_id}"
