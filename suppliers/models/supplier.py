"""A supplier organisation, its people and the profile it keeps once and reuses."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from portal.models import Document, User


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


class Supplier(models.Model):
    """A registered organisation; what its rules read is `suppliers.facts.SupplierFacts`."""

    legal_name = models.CharField(max_length=200)
    native_name = models.CharField("name in its own script", max_length=200, blank=True)
    dbas = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    former_names = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    country = models.CharField(max_length=2, default="US")
    description = models.TextField(blank=True)
    website = models.URLField(blank=True)
    founded = models.PositiveSmallIntegerField(null=True, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    uei = models.CharField("UEI", max_length=12, blank=True)
    cage = models.CharField("CAGE code", max_length=5, blank=True)
    lei = models.CharField("LEI", max_length=20, blank=True)
    naics = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="suppliers")

    def __str__(self) -> str:
        return self.legal_name


class Membership(models.Model):
    """A person works for a supplier. Only owners attest; viewers change nothing."""

    class Level(models.TextChoices):
        OWNER = "owner", "Owner"
        EDITOR = "editor", "Editor"
        VIEWER = "viewer", "Viewer"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    level = models.CharField(max_length=6, choices=Level.choices, default=Level.OWNER)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["supplier", "user"], name="one_membership_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.supplier}"


class Site(models.Model):
    class Status(models.TextChoices):
        EXISTING = "existing", "Running"
        EXPANDING = "expanding", "Running, being expanded"
        PLANNED = "planned", "Planned"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField("name of the site", max_length=120)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.EXISTING)
    street = models.CharField(max_length=200)
    city = models.CharField(max_length=120)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField("ZIP code", max_length=10, blank=True)
    country = models.CharField(max_length=2, default="US")
    power_mw = models.DecimalField("power, MW", max_digits=8, decimal_places=3, null=True, blank=True)
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
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON)
    country = models.CharField(max_length=2, default="US")
    pct_equity = share_field("equity, percent")
    pct_votes = share_field("votes, percent")
    board_seats = models.PositiveSmallIntegerField(null=True, blank=True)
    board_size = models.PositiveSmallIntegerField(null=True, blank=True)
    is_government = models.BooleanField("owned by a government", default=False)
    parent = models.CharField("owned in turn by", max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(board_seats__isnull=True)
                | Q(board_size__isnull=True)
                | Q(board_seats__lte=F("board_size")),
                name="seats_within_the_board",
                violation_error_message="An owner cannot hold more seats than the board has.",
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
    sites = models.ManyToManyField(Site, related_name="certificates", blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["scheme", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(expires__gt=F("issued")),
                name="certificate_expires_after_issue",
                violation_error_message="A certificate must expire after it is issued.",
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
        INTERNAL = "internal", "Prepared by ourselves"

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
    assurance = models.CharField(max_length=10, choices=Assurance.choices)

    class Meta:
        ordering: ClassVar[list[str]] = ["-fiscal_year"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["supplier", "fiscal_year"],
                name="one_statement_per_year",
                violation_error_message="There is already a statement for this year.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}, {self.fiscal_year}"
