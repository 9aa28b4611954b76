"""Reports that people asked for: PDFs, and dossiers of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.models import Document, User
from rfp.models import Lot, Proposal, Window
from scoring.minutes.models import Minutes


class Report(models.Model):
    """A PDF being made by a worker, then a link to it; a dossier is a ZIP file of many.

    It holds only what its requester may see.

    `items`: ids of the proposals that a comparison is about, as text. `done` of `total` files of a dossier are made.
    """

    class Kind(models.TextChoices):
        SUMMARY = "summary", "Proposal summary"
        SHORTLIST = "shortlist", "Shortlist report"
        DEBRIEF = "debrief", "Debrief"
        MINUTES = "minutes", "Minutes"
        COMPARISON = "comparison", "Comparison"
        EVALUATION = "evaluation", "Evaluation report"
        DOSSIER = "dossier", "Dossier"

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
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    items = models.JSONField(default=list, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    error = models.CharField(max_length=300, blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    worker_pid = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=["shortlist", "comparison"], proposal__isnull=True, lot__isnull=True)
                | Q(kind="minutes", proposal__isnull=True, lot__isnull=True, minutes__isnull=False)
                | Q(kind__in=["summary", "debrief"], proposal__isnull=False, lot__isnull=True)
                | Q(kind__in=["evaluation", "dossier"], proposal__isnull=True, lot__isnull=False),
                name="a_summary_has_a_proposal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def about(self) -> str:
        """ "P-0012", "2 lot L3 window 1" of minutes, "lot L3, window 1" or "window 1"."""
        if self.minutes is not None:
            return f"{self.minutes.number} lot {self.minutes.lot.code} window {self.window.number}"
        if self.proposal is not None:
            return str(self.proposal.number)
        where = f"window {self.window.number}"
        return f"lot {self.lot.code}, {where}" if self.lot is not None else where
