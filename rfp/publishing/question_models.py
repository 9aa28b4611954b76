"""What an RFP asks and how it weighs the answers: requirements, and the criteria they feed."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from portal.kit.compliance import Envelope
from rfp.publishing.models import ENVELOPES, Item, Lot, Solicitation


class Criterion(models.Model):
    """Weighted; a published solicitation's weights total 100.

    `scale` is that of the evaluation file: {"anchors": {mark: value}} or {"max", "min"}, decimals as strings; empty for
    the RFP's anchor map. `anchors`: mark → what earns it, in words. `minimum`: the value, 0–100, below which a proposal
    is out.
    """

    class Mode(models.TextChoices):
        EVALUATOR = "evaluator", "Reviewers mark it"
        AUTOMATIC = "automatic", "Computed"
        PRICE = "price", "Computed from price"

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="criteria")
    code = models.CharField(max_length=20)
    group = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=120)
    weight = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        validators=[MinValueValidator(Decimal("0.001")), MaxValueValidator(100)],
    )
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.EVALUATOR)
    fallback_to_evaluator = models.BooleanField("reviewers mark items with no figure", default=False)
    quorum = models.PositiveSmallIntegerField(
        "reviewers needed",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Leave blank to wait for everyone on the panel without a conflict.",
    )
    envelope = models.CharField(max_length=10, choices=ENVELOPES, default=Envelope.TECHNICAL.value)
    anchors = models.JSONField(default=dict, blank=True)
    scale = models.JSONField(default=dict, blank=True)
    minimum = models.DecimalField(
        "minimum, %",
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    supplier_guidance = models.TextField(blank=True)
    scorer_guidance = models.TextField("reviewer guidance", blank=True)
    value_source = models.CharField("computed from", max_length=60, blank=True)
    value_from = models.DecimalField("0 marks at", max_digits=16, decimal_places=6, null=True, blank=True)
    value_ideal = models.DecimalField("100 marks at", max_digits=16, decimal_places=6, null=True, blank=True)
    value_unit = models.CharField("unit", max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "code"]
        verbose_name_plural = "criteria"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["solicitation", "code"],
                name="one_criterion_per_code",
                violation_error_message="There is already a criterion with this code.",
            ),
            models.CheckConstraint(
                condition=~Q(mode="price") | Q(envelope="price"),
                name="price_is_in_the_price_envelope",
                violation_error_message="A criterion computed from price belongs to the price envelope.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Requirement(models.Model):
    """Must be answered. Common to all lots when `lot` is empty; to all items when `applies_to` is. Asked only if the
    requirement with the code `only_if` has the answer `only_if_answer` (yes, no, or a choice), where that is set.

    A row is one wording of a question, asked from version `since` of its RFP on, and before version `until`. An
    addendum never changes a row: it ends it and adds another, of the same `question`. `standing`: what becomes of
    answers to the wording before.
    """

    class DataType(models.TextChoices):
        STRING = "string", "Text"
        NUMBER = "number", "Number"
        INTEGER = "integer", "Whole number"
        BOOLEAN = "boolean", "Yes or no"
        DATE = "date", "Date"
        CHOICE = "choice", "Choice"
        TABLE = "table", "Table"
        FILE = "file", "File"

    class Effect(models.TextChoices):
        KNOCKOUT = "knockout", "Knock-out"
        SCORED = "scored", "Scored"
        INFORMATIVE = "informative", "Informative"

    class AnsweredBy(models.TextChoices):
        """Some requirements are answered by a section of the proposal, so nothing is typed twice."""

        RESPONSE = "response", "Its own answer"
        SITE = "site", "The final manufacturing site"
        PROCESS_STEPS = "process_steps", "The manufacturing steps"
        CAPACITY = "capacity", "The capacity sheet"
        RAMP = "ramp", "The ramp sheet"
        LEAD_TIME = "lead_time", "The lead time"
        START = "start_of_production", "The start of production"
        JOBS = "jobs", "The jobs table"

    class Standing(models.TextChoices):
        """What becomes of the answers to a question that an addendum changes."""

        STANDS = "stands", "Old answers stand"
        RECONFIRM = "reconfirm", "Reconfirm or change"
        MINOR = "minor", "A correction that changes no meaning"

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="requirements")
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, null=True, blank=True, related_name="requirements")
    code = models.CharField(max_length=20)
    text = models.TextField("requirement")
    why = models.TextField("why we ask", blank=True)
    data_type = models.CharField(max_length=10, choices=DataType.choices)
    answered_by = models.CharField(max_length=20, choices=AnsweredBy.choices, default=AnsweredBy.RESPONSE)
    unit = models.CharField(max_length=40, blank=True)
    minimum = models.CharField(max_length=40, blank=True)
    maximum = models.CharField(max_length=40, blank=True)
    ideal = models.CharField(max_length=40, blank=True)
    expected = models.JSONField(null=True, blank=True)
    choices = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    columns = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    evidence = models.CharField("evidence needed", max_length=300, blank=True)
    evidence_required = models.BooleanField("a file is required", default=False)
    effect = models.CharField(max_length=12, choices=Effect.choices, default=Effect.SCORED)
    envelope = models.CharField(max_length=10, choices=ENVELOPES, default=Envelope.TECHNICAL.value)
    only_if = models.CharField("only if requirement", max_length=20, blank=True)
    only_if_answer = models.CharField("only if its answer is", max_length=120, blank=True)
    applies_to = models.ManyToManyField(Item, related_name="requirements", blank=True)
    feeds = models.ForeignKey(
        Criterion, on_delete=models.SET_NULL, null=True, blank=True, related_name="requirements"
    )
    position = models.PositiveSmallIntegerField(default=0)
    since = models.PositiveSmallIntegerField(default=1, editable=False)
    until = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    origin = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, editable=False, related_name="later"
    )
    standing = models.CharField(max_length=10, choices=Standing.choices, blank=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["solicitation", "code"],
                condition=Q(until__isnull=True),
                name="one_requirement_per_code",
                violation_error_message="There is already a requirement with this code.",
            ),
            models.UniqueConstraint(fields=["solicitation", "code", "since"], name="one_wording_per_version"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")), name="a_wording_lasts"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def question(self) -> int:
        """The same for all wordings of a question: the id of the first."""
        return self.origin_id or self.pk

    def is_asked_in(self, version: int) -> bool:
        """Whether this is the wording of that version of the RFP."""
        return self.since <= version and (self.until is None or version < self.until)


class Preference(models.Model):
    """What an offer gains whose answer to a yes-or-no question is yes: a lower evaluated price, or points.

    `value`: percent of the offered total, or points of the whole; `cap`: the most it lowers the price by, U.S. dollars.
    `claimed_by`: the code of the question. Declared with the RFP, and counted once prices are open.
    """

    class Kind(models.TextChoices):
        PRICE_PERCENT = "price_percent", "Percent off the evaluated price"
        POINTS = "points", "Points added to the total"

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="preferences")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    basis = models.CharField("why it is given", max_length=300)
    kind = models.CharField("what it gives", max_length=15, choices=Kind.choices, default=Kind.PRICE_PERCENT)
    value = models.DecimalField(
        "how much",
        max_digits=6,
        decimal_places=3,
        validators=[MinValueValidator(Decimal("0.001")), MaxValueValidator(50)],
    )
    cap = models.DecimalField(
        "at most, $",
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
    )
    claimed_by = models.CharField("claimed by a yes to", max_length=20)

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["solicitation", "code"],
                name="one_preference_per_code",
                violation_error_message="There is already a preference with this code.",
            ),
            models.CheckConstraint(
                condition=Q(kind="price_percent") | Q(cap__isnull=True),
                name="points_have_no_cap",
                violation_error_message="Only a percentage off the price has a limit in dollars.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
