"""One supplier's offer on one lot. A draft is a revision that has not been received yet."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from portal.frame import triggers
from portal.models import Document, User
from rfp.publishing.models import Criterion, Item, Lot, Requirement, Window
from suppliers.models import Site, Supplier
from suppliers.reference.countries import country_name


class Proposal(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="proposals")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="proposals")
    window = models.ForeignKey(
        Window, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    current_revision = models.OneToOneField(
        "Revision", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # How many reviewers gave marks on the current revision; the database counts as marks are stored.
    reviewers = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        indexes: ClassVar[list[models.Index]] = [
            # A page of a window's proposals, and the next one to mark, are read from these alone.
            models.Index(
                fields=["window", "number"],
                include=["lot", "supplier", "id"],
                condition=Q(current_revision__isnull=False, withdrawn_at__isnull=True),
                name="proposals_received",
            ),
            models.Index(
                fields=["window", "reviewers", "number"],
                include=["lot", "supplier", "id"],
                condition=Q(current_revision__isnull=False, withdrawn_at__isnull=True),
                name="proposals_least_reviewed",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_submitted(self) -> bool:
        return self.current_revision_id is not None and self.withdrawn_at is None


def offer_cost(label: str) -> models.DecimalField:
    """A cost of the whole offer beside its unit prices, U.S. dollars. In the price envelope."""
    return models.DecimalField(
        label, max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


class Revision(models.Model):
    """The content of a proposal. Frozen once received: a trigger refuses any later change."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    items = models.ManyToManyField(Item, related_name="+", blank=True)
    title = models.CharField("product name", max_length=200, blank=True)
    summary = models.TextField("summary", blank=True)
    final_site = models.ForeignKey(
        Site,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="final manufacturing site",
    )
    lead_time_days = models.PositiveIntegerField(
        "days from firm order to first shipment", null=True, blank=True
    )
    first_article = models.DateField("first article", null=True, blank=True)
    start_of_production = models.DateField("start of production", null=True, blank=True)
    opening_stock = models.PositiveIntegerField("units in stock when the ramp starts", null=True, blank=True)
    capex_musd = models.DecimalField(
        "investment, $ million",
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    tooling_price = offer_cost("tooling price, $")
    freight_price = offer_cost("freight to the delivery sites, $")
    one_off_price = offer_cost("other one-off costs, $")
    bom_name = models.CharField(max_length=255, blank=True)
    signer_name = models.CharField("your full name", max_length=120, blank=True)
    signer_title = models.CharField("your title", max_length=120, blank=True)
    attested_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    supplier_snapshot = models.JSONField(null=True, blank=True)
    content_sha256 = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["proposal", "number"], name="one_revision_per_number"),
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(received_at__isnull=True), name="one_draft_per_proposal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} revision {self.number}"


class Response(models.Model):
    """The answer to one requirement, in the requirement's data type; tables are lists of rows."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="responses")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="responses")
    value = models.JSONField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "requirement"], name="one_response_per_requirement"),
        ]

    def __str__(self) -> str:
        return f"{self.requirement_id}: {self.value}"


class Statement(models.Model):
    """The supplier's own words for a criterion that reviewers mark."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="statements")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="statements")
    text = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "criterion"], name="one_statement_per_criterion"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


def cost_field(label: str) -> models.DecimalField:
    """U.S. dollars a unit."""
    return models.DecimalField(label, max_digits=18, decimal_places=6, null=True, blank=True)


class BomLine(models.Model):
    """One line of the bill of materials; `qty` counts per one finished product at every level."""

    class Source(models.TextChoices):
        MAKE = "make", "Make"
        BUY = "buy", "Buy"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="bom_lines")
    position = models.PositiveIntegerField()
    line_no = models.CharField("line", max_length=20)
    parent_line = models.CharField("parent", max_length=20, blank=True)
    part = models.CharField(max_length=300)
    qty = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    make_or_buy = models.CharField(max_length=4, choices=Source.choices, default=Source.BUY)
    unit_acquisition_cost = cost_field("unit cost")
    inbound_freight = cost_field("freight")
    duty = cost_field("duty")
    materials = cost_field("materials")
    direct_labor = cost_field("labor")
    allocable_overhead = cost_field("overhead")
    profit = cost_field("profit")
    currency = models.CharField(max_length=3, default="USD")
    origin = models.CharField(max_length=2, blank=True)
    us_manufactured = models.BooleanField(null=True, blank=True)
    is_iron_steel = models.BooleanField(null=True, blank=True)
    fe_estimated = models.BooleanField(default=False)
    is_cots_fastener = models.BooleanField(null=True, blank=True)
    final_assembly = models.BooleanField(default=False)
    manufacturer = models.CharField(max_length=200, blank=True)
    mpn = models.CharField("part number", max_length=120, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["revision", "position"])]

    def __str__(self) -> str:
        return f"{self.line_no} {self.part}"

    @property
    def origin_name(self) -> str:
        """The country's name; empty when the origin is unknown."""
        return country_name(self.origin)


class PriceLine(models.Model):
    """The offered price of one item in one delivery year, U.S. dollars a unit. Price envelope."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="price_lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=4, validators=[MinValueValidator(0)])

    class Meta:
        ordering: ClassVar[list[str]] = ["item_id", "year"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "item", "year"], name="one_price_per_item_and_year"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.year}"


class DeliveryLine(models.Model):
    """Units of one item offered for one delivery year."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="delivery_lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    units = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar[list[str]] = ["item_id", "year"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["revision", "item", "year"], name="one_delivery_per_item_and_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.year}"


def factor_field(label: str) -> models.DecimalField:
    """A factor between 0 and 1."""
    return models.DecimalField(
        label,
        max_digits=6,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )


class Capacity(models.Model):
    """What the capacity of the site is computed from, per year."""

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="capacity")
    lines = models.PositiveSmallIntegerField("production lines", null=True, blank=True)
    shifts = models.PositiveSmallIntegerField("shifts per day", null=True, blank=True)
    hours_per_shift = models.DecimalField(
        "hours per shift", max_digits=6, decimal_places=2, null=True, blank=True
    )
    days_per_year = models.PositiveSmallIntegerField("working days per year", null=True, blank=True)
    cycle_seconds = models.DecimalField(
        "cycle time (seconds per unit, per line)", max_digits=14, decimal_places=4, null=True, blank=True
    )
    availability = factor_field("availability, 0 to 1")
    yield_rate = factor_field("first-pass yield, 0 to 1")
    committed_per_year = models.PositiveIntegerField(
        "units already committed per year", null=True, blank=True
    )
    offered_per_year = models.PositiveIntegerField("units offered per year", null=True, blank=True)
    nameplate_per_year = models.PositiveIntegerField(
        "nameplate capacity (units per year)", null=True, blank=True
    )

    def __str__(self) -> str:
        return f"Capacity of {self.revision_id}"


class RampPeriod(models.Model):
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="ramp_periods")
    period = models.CharField("quarter", max_length=6)
    demand = models.PositiveIntegerField("demand (units)", null=True, blank=True)
    capacity = models.PositiveIntegerField("units you can ship", null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["period"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "period"], name="one_ramp_row_per_period"),
        ]

    def __str__(self) -> str:
        return self.period

    @property
    def label(self) -> str:
        """ "2027 Q3"."""
        return f"{self.period[:4]} {self.period[4:]}"


class JobsLine(models.Model):
    """Full-time places by state, new and retained counted apart."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="jobs_lines")
    state = models.CharField(max_length=2)
    new = models.DecimalField("new jobs", max_digits=10, decimal_places=2, default=0)
    retained = models.DecimalField("jobs kept", max_digits=10, decimal_places=2, default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["state"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "state"], name="one_jobs_row_per_state"),
        ]

    def __str__(self) -> str:
        return self.state


class ProcessStep(models.Model):
    """A step of making the product. Its cost is in the price envelope."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="process_steps")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField("step", max_length=200)
    country = models.CharField(max_length=2, default="US")
    site = models.CharField(max_length=200, blank=True)
    conversion_cost = cost_field("cost per unit, $")
    is_transforming = models.BooleanField("transforms the product", default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def country_name(self) -> str:
        return country_name(self.country)


class Attachment(models.Model):
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="attachments")
    requirement = models.ForeignKey(
        Requirement, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="attachments")
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.title or str(self.document)


# ---- what the database itself refuses --------------------------------------------------------------------------------

FROZEN = triggers.function(
    "onshore_frozen_revision",
    """
BEGIN
    IF OLD.received_at IS NOT NULL THEN
        RAISE EXCEPTION 'revision % is frozen: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END """,
)
FROZEN_CONTENT = triggers.function(
    "onshore_frozen_content",
    """
DECLARE
    frozen bigint;
BEGIN
    -- OLD is null on INSERT and NEW on DELETE.
    SELECT id INTO frozen FROM rfp_revision
        WHERE id IN (OLD.revision_id, NEW.revision_id) AND received_at IS NOT NULL ORDER BY id LIMIT 1;
    IF frozen IS NOT NULL THEN
        RAISE EXCEPTION 'revision % is frozen: % of % refused', frozen, TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END """,
    pinned=True,
)
triggers.trigger(Revision, "frozen", "BEFORE UPDATE OR DELETE", FROZEN)
triggers.not_emptied(Revision)
for content in (
    Response,
    Statement,
    BomLine,
    PriceLine,
    DeliveryLine,
    Capacity,
    RampPeriod,
    JobsLine,
    ProcessStep,
    Attachment,
    Revision.items.through,
):
    triggers.trigger(content, "frozen", "BEFORE INSERT OR UPDATE OR DELETE", FROZEN_CONTENT)
    triggers.not_emptied(content)
