"""A supplier's question about an RFP, and the answer to it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.frame import triggers
from portal.people.models import User
from rfp.publishing.addendum_models import Addendum
from rfp.publishing.models import Lot, Solicitation
from rfp.publishing.question_models import Requirement
from suppliers.company.models import Supplier


class Question(models.Model):
    """Who asked is read by admins alone (`queries.questions_read_by`).

    A public answer has a number, counted per RFP in the order of publication, so that numbers have no gaps. A
    duplicate is answered together with the question it stands behind. `addendum`: what the answer changes in the RFP.
    """

    solicitation = models.ForeignKey(Solicitation, on_delete=models.PROTECT, related_name="questions")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    text = models.TextField("question as asked")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    requirement = models.ForeignKey(
        Requirement, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    addendum = models.ForeignKey(
        Addendum, on_delete=models.PROTECT, null=True, blank=True, related_name="questions"
    )
    published_text = models.TextField("question as published", blank=True)
    answer = models.TextField(blank=True)
    is_private = models.BooleanField(default=False)
    reason = models.CharField("reason for a private answer", max_length=300, blank=True)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    number = models.PositiveIntegerField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["solicitation", "number"], name="one_answer_per_number"),
            models.CheckConstraint(
                condition=Q(number__isnull=True)
                | Q(answered_at__isnull=False, is_private=False, duplicate_of__isnull=True),
                name="a_number_is_a_published_answer",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True)
                | Q(answered_by__isnull=False) & (~Q(answer="") | Q(duplicate_of__isnull=False)),
                name="an_answer_has_words_and_a_person",
            ),
            models.CheckConstraint(
                condition=Q(addendum__isnull=True) | Q(answered_at__isnull=True) | Q(is_private=False),
                name="an_answer_that_changes_the_rfp_is_public",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["solicitation", "-number"], condition=Q(number__isnull=False), name="answers"
            ),
        ]

    def __str__(self) -> str:
        return f"Question {self.number}" if self.number else "Question"

    @property
    def answered(self) -> Question:
        """The question whose answer this one got: itself, or the one that it repeats."""
        return self.duplicate_of or self


class Advice(models.Model):
    """What an admin asks a colleague about a question, and the answer that the colleague suggests.

    `words`: the question as everyone will read it. The colleague learns neither who asked nor how.
    """

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="advice")
    colleague = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    words = models.TextField()
    note = models.TextField(blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    suggestion = models.TextField(blank=True)
    suggested_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["question", "colleague"],
                condition=Q(suggested_at__isnull=True),
                name="a_colleague_is_asked_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(suggested_at__isnull=True, suggestion="")
                | Q(suggested_at__isnull=False) & ~Q(suggestion=""),
                name="a_suggestion_has_words",
            ),
        ]

    def __str__(self) -> str:
        return f"Advice of {self.colleague}"


class AnswerBatch(models.Model):
    """A round of letters about new answers: every answer published until then has been told."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Answers until {self.at:%Y-%m-%d %H:%M}"


triggers.kept(
    Question,
    called="the question",
    until=("answered_at",),
    fixed=("solicitation_id", "supplier_id", "asked_by_id", "asked_at", "text"),
)
triggers.kept(
    Advice,
    called="the advice",
    until=("suggested_at",),
    fixed=("question_id", "colleague_id", "words", "note", "asked_by_id", "asked_at"),
)
triggers.append_only(AnswerBatch)
