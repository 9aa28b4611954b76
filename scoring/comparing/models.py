"""Suggested portfolios, computed by a worker."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.models import User
from rfp.models import Lot, Window


class Portfolio(models.Model):
    """The best set of proposals under somebody's constraints. Advice: it decides nothing.

    `terms` are those of the evaluation file (docs/evaluation-file.md). `inputs_sha256` is the digest of the evaluation
    with these terms in it: the same inputs give the same result, which is then not computed again. `served` says which
    ranking it is about. `result` is the engine's, with `swaps` (what each constraint changes in the choice) beside it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "In progress"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="portfolios")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+", db_index=False)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    terms = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64, blank=True)
    served = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    worker_pid = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["lot", "window", "-id"])]

    def __str__(self) -> str:
        return f"Portfolio {self.pk}"

    @property
    def is_settled(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
