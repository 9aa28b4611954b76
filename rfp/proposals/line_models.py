"""The tables of a revision: its bill of materials, prices, deliveries, capacity, ramp, jobs and process."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from rfp.proposals.models import Revision, freeze_with_revision
from rfp.publishing.models import Item
from suppliers.reference.countries import country_name


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


freeze_with_revision(BomLine, PriceLine, DeliveryLine, Capacity, RampPeriod, JobsLine, ProcessStep)
