"""A solicitation (the UI says RFP): its dates, lots, requirements and criteria."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from portal.frame import triggers
from portal.kit.compliance import Envelope
from portal.kit.formats import listed
from portal.models import Document, User
from rfp.publishing.key_facts import EventTerms, KeyFacts, MilestoneKind

ENVELOPES = [(Envelope.TECHNICAL.value, "Technical"), (Envelope.PRICE.value, "Price")]


def default_anchor_map() -> dict[str, int]:
    """Anchor 0–5 → mark 0–100."""
    return {str(anchor): anchor * 20 for anchor in range(6)}


def default_delivery_years() -> list[int]:
    return []


def default_tie_chain() -> list[str]:
    """The higher technical score, then the lower price, then received earlier."""
    return ["technical", "price", "received_at"]


class CostUse(models.TextChoices):
    """What an RFP does with a cost beside the unit prices. A cost that is not asked for has no field."""

    NOT_ASKED = "", "Not asked"
    SHOWN = "shown", "Asked and shown, not counted"
    COUNTED = "counted", "Asked and counted in the price"


# A cost of the whole offer (a field of the revision) → what it is called.
COST_LABELS = {
    "tooling_price": "Tooling",
    "freight_price": "Freight",
    "one_off_price": "Other one-off costs",
}


def cost_use(label: str, default: str = "") -> models.CharField:
    return models.CharField(label, max_length=8, choices=CostUse.choices, default=default, blank=True)


def share_field(label: str) -> models.DecimalField:
    """A share of the total in percent; blank where points simply add up."""
    return models.DecimalField(
        label,
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )


class MarksShown(models.TextChoices):
    """When reviewers other than the chair see the other reviewers' marks."""

    NEVER = "never", "Never"
    OWN = "own", "After their own marks on a proposal are given, and final"
    CLOSE = "close", "After prices open"


class Solicitation(KeyFacts):
    class FinalStatus(models.TextChoices):
        COMPLETE = "complete", "Complete"
        CANCELLED = "cancelled", "Canceled"
        UNSUCCESSFUL = "unsuccessful", "Unsuccessful"

    number = models.SlugField("RFP number", max_length=40, unique=True)
    title = models.CharField(max_length=200)
    buyer = models.CharField(max_length=200)
    summary = models.TextField()
    time_zone = models.CharField(max_length=40, default="America/New_York")
    price_basis = models.CharField(max_length=200, blank=True)
    tooling_use = cost_use("tooling", CostUse.SHOWN)
    freight_use = cost_use("freight")
    one_off_use = cost_use("other one-off costs")
    delivery_years = ArrayField(
        models.PositiveSmallIntegerField(), default=default_delivery_years, blank=True
    )
    is_sample = models.BooleanField(
        "sample", default=False, help_text="Its criteria and thresholds are shown as a sample."
    )
    # What a proposal to it doesn't hold (rfp/sections.py), and what it does with rules: code → {"use", "reason"}.
    sections_off = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    rule_uses = models.JSONField(default=dict, blank=True)
    rule_params = models.JSONField(default=dict, blank=True)
    anchor_map = models.JSONField(default=default_anchor_map)
    technical_threshold = models.DecimalField(
        "technical threshold, %",
        max_digits=6,
        decimal_places=3,
        default=Decimal(60),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    reference_is_public = models.BooleanField("reference prices are published", default=True)
    # How it is scored, in the words of the evaluation file (docs/evaluation-file.md). The names are not choices of the
    # columns: a formula more is not a migration more.
    price_formula = models.CharField("price formula", max_length=40, default="fixed_reference")
    price_cap = models.BooleanField("price earns its weight at most", default=True)
    reference_sealed = models.BooleanField("reference prices are sealed until prices open", default=False)
    aggregate = models.CharField("several marks count as", max_length=20, default="mean")
    trim = models.DecimalField(
        "share left out at each end",
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.2"),
        validators=[MinValueValidator(0), MaxValueValidator(Decimal("0.499"))],
    )
    technical_form = models.CharField("technical points", max_length=10, default="sum")
    technical_share = share_field("technical share, %")
    price_share = share_field("price share, %")
    rounding_places = models.PositiveSmallIntegerField(
        "decimal places of totals", null=True, blank=True, validators=[MaxValueValidator(6)]
    )
    tie_chain = ArrayField(models.CharField(max_length=20), default=default_tie_chain, blank=True)
    quorum = models.PositiveSmallIntegerField(
        "reviewers needed", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    # How the panel works: when a mark needs a comment, and when reviewers see the others' marks.
    comment_below = models.PositiveSmallIntegerField(
        "a mark worth less than this needs a comment, %",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    comment_above = models.PositiveSmallIntegerField(
        "a mark worth more than this needs a comment, %",
        null=True,
        blank=True,
        validators=[MaxValueValidator(99)],
    )
    marks_shown = models.CharField(
        "reviewers see others’ marks", max_length=5, choices=MarksShown.choices, default=MarksShown.CLOSE
    )
    consensus_needed = models.BooleanField("prices wait until marks far apart are settled", default=False)
    names_hidden = models.BooleanField("names are hidden from reviewers until prices open", default=False)
    slots_per_lot = models.PositiveSmallIntegerField("shortlist slots per lot", default=3)
    standstill_days = models.PositiveSmallIntegerField(
        "standstill, days", default=10, validators=[MaxValueValidator(90)]
    )
    debrief_compares = models.BooleanField("debriefs show where a selected proposal was ahead", default=False)
    award_value_shown = models.BooleanField("award notices show the price", default=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    # How often what is public changed: 1 as it was published, one more with each addendum.
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    final_status = models.CharField(max_length=15, choices=FinalStatus.choices, blank=True)
    final_reason = models.TextField(blank=True, editable=False)
    final_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(technical_share__isnull=True, price_share__isnull=True)
                | Q(
                    technical_share__isnull=False,
                    price_share__isnull=False,
                    technical_share=100 - F("price_share"),
                ),
                name="shares_add_up_to_100",
                violation_error_message="The technical and the price share must add up to 100.",
            ),
            models.CheckConstraint(
                condition=Q(reference_sealed=False) | Q(reference_is_public=False),
                name="a_sealed_reference_is_not_public",
                violation_error_message="Reference prices are either published or sealed.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    def asks_for(self, section: str) -> bool:
        """Whether its proposals hold a section (rfp/sections.py)."""
        return section not in self.sections_off

    @property
    def cost_uses(self) -> dict[str, str]:
        """Cost (a field of the revision) → what the RFP does with it, for the costs that are asked for."""
        uses = {
            "tooling_price": self.tooling_use,
            "freight_price": self.freight_use,
            "one_off_price": self.one_off_use,
        }
        return {cost: use for cost, use in uses.items() if use}

    @property
    def counted_costs(self) -> str:
        """What the offered total is the sum of, in words: "unit prices × quantities, tooling and freight"."""
        counted = [
            COST_LABELS[cost].lower() for cost, use in self.cost_uses.items() if use == CostUse.COUNTED
        ]
        return listed(["unit prices × quantities", *counted])

    @property
    def shown_costs(self) -> str:
        """Costs that are asked for and do not count, in words; blank when there are none."""
        return ", ".join(
            COST_LABELS[cost].lower() for cost, use in self.cost_uses.items() if use == CostUse.SHOWN
        )


class Window(models.Model):
    """A closing date and the proposals received by it. `closes_at` is exclusive."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="windows")
    number = models.PositiveSmallIntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    feedback_by = models.DateField(null=True, blank=True)
    # The version of the RFP when it closed, or the current one: what its proposals have to answer.
    version = models.PositiveSmallIntegerField(default=1, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["solicitation", "number"], name="one_window_per_number"),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="window_closes_after_it_opens",
                violation_error_message="The closing time must be after the opening time.",
            ),
        ]

    def __str__(self) -> str:
        return f"Window {self.number}"


class Opening(models.Model):
    """An envelope of one lot in one window becomes readable once two people, chair and admin, have opened it.

    `fewer_marks_reason`: why the chair opens prices although the quorum of marks is not reached.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="openings")
    lot = models.ForeignKey("Lot", on_delete=models.PROTECT, related_name="openings")
    envelope = models.CharField(max_length=10, choices=ENVELOPES)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    fewer_marks_reason = models.TextField(blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["window", "lot", "envelope"], name="one_opening_per_lot_and_envelope"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="two_people_open",
                violation_error_message="A second person must confirm the opening.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window}, lot {self.lot_id}, {self.envelope}"


class Lot(models.Model):
    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="lots")
    code = models.CharField(max_length=20)
    area = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    price_unit = models.CharField(max_length=80, blank=True)
    lead_time_days_max = models.PositiveIntegerField("maximum lead time, days", null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["solicitation", "code"],
                name="one_lot_per_code",
                violation_error_message="There is already a lot with this code.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Item(models.Model):
    """A line of a lot; suppliers offer one or several. Prices in U.S. dollars a unit."""

    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="items")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    unit = models.CharField(max_length=40)
    reference_price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    reference_annual_volume = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["lot", "code"],
                name="one_item_per_code",
                violation_error_message="There is already an item with this code.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Milestone(EventTerms):
    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="milestones")
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=MilestoneKind.choices, blank=True)
    on = models.DateField()
    # Local time of the RFP's zone.
    at = models.TimeField(null=True, blank=True)
    by_month = models.BooleanField("show the month only", default=False)

    class Meta:
        ordering: ClassVar[list[Any]] = ["on", F("at").asc(nulls_last=True), "id"]

    def __str__(self) -> str:
        return self.title


class SolicitationDocument(models.Model):
    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="documents")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    needs_nda = models.BooleanField("only after the non-disclosure agreement is signed", default=False)
    # The regime and the reason in words, as "ITAR, USML Category XI(c)"; blank for a document that isn't controlled.
    export_control = models.CharField("export control", max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.title


# ---- what the database itself refuses --------------------------------------------------------------------------------

STAYS = triggers.function(
    "onshore_opening_stays",
    """
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.confirmed_at IS NULL AND NEW.confirmed_by_id IS NULL THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an opening begins unconfirmed: INSERT refused' USING ERRCODE = 'restrict_violation';
    END IF;
    -- Two people once: the second confirms what the first began, as it was begun.
    IF OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL AND NEW.confirmed_by_id IS NOT NULL
        AND (NEW.id, NEW.window_id, NEW.lot_id, NEW.envelope, NEW.proposed_by_id, NEW.proposed_at,
             NEW.fewer_marks_reason)
            IS NOT DISTINCT FROM
            (OLD.id, OLD.window_id, OLD.lot_id, OLD.envelope, OLD.proposed_by_id, OLD.proposed_at,
             OLD.fewer_marks_reason)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'opening % stays: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
END """,
)
triggers.trigger(Opening, "stays", "BEFORE INSERT OR UPDATE", STAYS)
triggers.append_only(Opening, updates=True)
