"""PDF reports that people asked for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.models import Document, User
from rfp.models import Proposal, Window
from scoring.minutes.models import Minutes


class Report(models.Model):
    """A PDF being made by a worker, then a link to it. It holds only what its requester may see."""

    class Kind(models.TextChoices):
        SUMMARY = "summary", "Proposal summary"
        SHORTLIST = "shortlist", "Shortlist report"
        DEBRIEF = "debrief", "Debrief"
        MINUTES = "minutes", "Minutes"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "In progress"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="reports")
    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    minutes = models.ForeignKey(
        Minutes, on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    error = models.CharField(max_length=300, blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    worker_pid = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind="shortlist", proposal__isnull=True)
                | Q(kind="minutes", proposal__isnull=True, minutes__isnull=False)
                | Q(kind__in=["summary", "debrief"], proposal__isnull=False),
                name="a_summary_has_a_proposal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
