"""What is asked about one proposal after its technical opening: in words, and what is missing and may be answered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from portal.frame import triggers
from portal.people.models import User
from rfp.proposals.models import Proposal, Revision
from rfp.publishing.question_models import Requirement


class Clarification(models.Model):
    """A question to a supplier about its own proposal, and the answer, in words. It changes no answer of a revision."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="clarifications")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("question")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(due_at__gt=F("asked_at")), name="a_clarification_leaves_time_to_answer"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | Q(answered_at__lt=F("due_at"), answered_by__isnull=False) & ~Q(answer=""),
                name="a_clarification_is_answered_in_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Clarification of {self.proposal}"


class Cure(models.Model):
    """A request to answer what a proposal lacks: named fields only, until `due_at`, exclusive. `answer`: the revision
    that was received on it; it was asked about `revision`."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="cures")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("note to the supplier", blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.OneToOneField(Revision, on_delete=models.PROTECT, null=True, related_name="cured_by")
    signer_name = models.CharField("full name", max_length=120, blank=True)
    signer_title = models.CharField("title", max_length=120, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(due_at__gt=F("asked_at")), name="a_cure_leaves_time_to_answer"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer__isnull=True)
                | Q(answered_at__lt=F("due_at"), answered_by__isnull=False, answer__isnull=False),
                name="a_cure_is_answered_in_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Request about {self.proposal}"


class CureField(models.Model):
    """One thing that a request names: the answer to a question, or its file."""

    cure = models.ForeignKey(Cure, on_delete=models.PROTECT, related_name="fields")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+")
    is_file = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["cure", "requirement", "is_file"], name="one_field_per_cure"),
        ]

    def __str__(self) -> str:
        return f"{self.requirement_id}{' (file)' if self.is_file else ''}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

ASKED = ("proposal_id", "revision_id", "text", "asked_by_id", "asked_at", "due_at")
triggers.kept(Clarification, called="the clarification", until=("answered_at",), fixed=ASKED)
triggers.kept(Cure, called="the request", until=("answered_at",), fixed=ASKED)
triggers.append_only(CureField)
