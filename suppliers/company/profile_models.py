"""The profile a supplier keeps once and reuses: sites, owners, certificates, and yearly figures."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from portal.models import Document
from suppliers.company.models import Supplier


def share_field(label: str) -> models.DecimalField:
    """A share in percent, 0 to 100."""
    return models.DecimalField(
        label,
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )


class Site(models.Model):
    class Status(models.TextChoices):
        EXISTING = "existing", "Operating"
        EXPANDING = "expanding", "Operating, expanding"
        PLANNED = "planned", "Planned"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField("site name", max_length=120)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.EXISTING)
    street = models.CharField(max_length=200)
    city = models.CharField(max_length=120)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField("ZIP code", max_length=10, blank=True)
    country = models.CharField(max_length=2, default="US")
    processes = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    capacity_per_year = models.PositiveBigIntegerField("units per year", null=True, blank=True)
    capacity_of = models.CharField("unit", max_length=80, blank=True)
    power_mw = models.DecimalField("power, MW", max_digits=8, decimal_places=3, null=True, blank=True)
    permits = models.CharField("permits held or applied for", max_length=300, blank=True)
    permits_in_hand = models.BooleanField(default=False)
    land_control = models.BooleanField(default=False)
    start_date = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.city, self.state) if part)


class Owner(models.Model):
    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        COMPANY = "company", "Company"
        TRUST = "trust", "Trust"
        FUND = "fund", "Fund"
        PUBLIC = "public", "Publicly traded shares"
        GOVERNMENT = "government", "Government or its fund"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="owners")
    name = models.CharField(max_length=200)
    # Who holds shares of an owner would else become an owner of the company when that one is deleted.
    owns = models.ForeignKey(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="owned_by"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON)
    country = models.CharField(max_length=2, default="US")
    pct_equity = share_field("equity, percent")
    pct_votes = share_field("votes, percent")
    board_seats = models.PositiveSmallIntegerField(null=True, blank=True)
    board_size = models.PositiveSmallIntegerField(null=True, blank=True)
    is_government = models.BooleanField("owned by a government", default=False)
    controls = models.BooleanField("controls the company through a license or contract", default=False)
    parent = models.CharField("owned by", max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(board_seats__isnull=True)
                | Q(board_size__isnull=True)
                | Q(board_seats__lte=F("board_size")),
                name="seats_within_the_board",
                violation_error_message="An owner can’t have more seats than the board.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Officer(models.Model):
    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="officers")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.name}, {self.title}"


class Certificate(models.Model):
    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="certificates")
    scheme = models.CharField(max_length=60)
    edition = models.CharField(max_length=20, blank=True)
    number = models.CharField(max_length=80)
    certification_body = models.CharField(max_length=200)
    accreditation_body = models.CharField(max_length=200, blank=True)
    issued = models.DateField()
    expires = models.DateField()
    last_surveillance = models.DateField("last surveillance audit", null=True, blank=True)
    scope = models.TextField(blank=True)
    iaf_code = models.CharField("IAF code", max_length=10, blank=True)
    named_company = models.CharField("company named on it", max_length=200, blank=True)
    registry_id = models.CharField("IATF number or OASIS id", max_length=40, blank=True)
    methods = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    assessed_score = models.SmallIntegerField("CMMC score", null=True, blank=True)
    smelters = models.PositiveIntegerField("smelters listed", null=True, blank=True)
    lead_pct = share_field("lead, percent by weight")
    cadmium_pct = share_field("cadmium, percent by weight")
    svhc_pct = share_field("substances of very high concern, percent by weight")
    sites = models.ManyToManyField(Site, related_name="certificates", blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["scheme", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(expires__gt=F("issued")),
                name="certificate_expires_after_issue",
                violation_error_message="The expiration date must be after the issue date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.number}"


def amount_field(label: str) -> models.DecimalField:
    """An amount in million U.S. dollars."""
    return models.DecimalField(label, max_digits=14, decimal_places=6)


class FinancialYear(models.Model):
    """One year's statement, amounts in million U.S. dollars."""

    class Assurance(models.TextChoices):
        AUDITED = "audited", "Audited"
        REVIEWED = "reviewed", "Reviewed"
        COMPILED = "compiled", "Compiled"
        INTERNAL = "internal", "Prepared in-house"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="financials")
    fiscal_year = models.PositiveSmallIntegerField()
    period_end = models.DateField("year ended on")
    current_assets = amount_field("current assets")
    current_liabilities = amount_field("current liabilities")
    total_assets = amount_field("total assets")
    total_liabilities = amount_field("total liabilities")
    retained_earnings = amount_field("retained earnings")
    ebit = amount_field("EBIT")
    equity = amount_field("equity")
    sales = amount_field("sales")
    interest_expense = amount_field("interest expense")
    sales_to_buyer = models.DecimalField(
        "sales to this buyer", max_digits=14, decimal_places=6, null=True, blank=True
    )
    assurance = models.CharField(max_length=10, choices=Assurance.choices)

    class Meta:
        ordering: ClassVar[list[str]] = ["-fiscal_year"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["supplier", "fiscal_year"],
                name="one_statement_per_year",
                violation_error_message="You already have a statement for this year.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}, {self.fiscal_year}"


def dollar_field(label: str) -> models.DecimalField:
    """An amount in U.S. dollars."""
    return models.DecimalField(
        label, max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


class InsurancePolicy(models.Model):
    """One policy; limits in U.S. dollars."""

    class Kind(models.TextChoices):
        GENERAL = "general", "Commercial general liability"
        UMBRELLA = "umbrella", "Umbrella or excess"
        WORKERS = "workers", "Workers’ compensation"
        PRODUCT = "product", "Product liability"
        CYBER = "cyber", "Cyber"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="insurance")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    insurer = models.CharField(max_length=200)
    number = models.CharField("policy number", max_length=80)
    named_company = models.CharField("company named on it", max_length=200, blank=True)
    per_occurrence = dollar_field("limit per occurrence, $")
    aggregate = dollar_field("aggregate limit, $")
    effective = models.DateField("effective from")
    expires = models.DateField("effective until")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["kind", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(expires__gt=F("effective")),
                name="policy_ends_after_it_begins",
                violation_error_message="The end date must be after the start date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class SafetyYear(models.Model):
    """One year of OSHA Form 300A: its columns G, H, I, J and the hours worked."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="safety")
    year = models.PositiveSmallIntegerField()
    deaths = models.PositiveIntegerField("deaths (column G)")
    days_away = models.PositiveIntegerField("cases with days away from work (H)")
    restricted = models.PositiveIntegerField("cases with job transfer or restriction (I)")
    other = models.PositiveIntegerField("other recordable cases (J)")
    hours = models.DecimalField("hours worked by all employees", max_digits=12, decimal_places=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-year"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["supplier", "year"],
                name="one_safety_record_per_year",
                violation_error_message="You already have a Form 300A for this year.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}, {self.year}"


def places_field(label: str) -> models.DecimalField:
    """Full-time places, 2,080 hours a year each."""
    return models.DecimalField(
        label, max_digits=9, decimal_places=1, default=0, validators=[MinValueValidator(0)]
    )


def wage_field(label: str) -> models.DecimalField:
    """U.S. dollars an hour."""
    return models.DecimalField(
        label, max_digits=7, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


class Workforce(models.Model):
    """The people at work in one state."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="workforce")
    state = models.CharField(max_length=2)
    employees = places_field("full-time jobs")
    skilled = places_field("of these, skilled manufacturing")
    maintenance = places_field("of these, maintenance")
    training = places_field("apprentices and trainees")
    wage = wage_field("median wage, $ per hour")
    wage_benchmark = wage_field("local benchmark, $ per hour")

    class Meta:
        ordering: ClassVar[list[str]] = ["state"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["supplier", "state"],
                name="one_workforce_row_per_state",
                violation_error_message="You already have a row for this state.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}, {self.state}"


class Reference(models.Model):
    """A customer who may be asked about the company."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="references")
    customer = models.CharField(max_length=200)
    contact = models.CharField("contact", max_length=120)
    email = models.EmailField("contact’s email address", blank=True)
    product = models.CharField("what you delivered", max_length=200)
    since = models.PositiveSmallIntegerField("customer since", null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.customer
