"""A supplier's dated standing per commodity and region, how it came about, and what was exempted or set aside."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from portal.frame import triggers
from portal.models import AssessmentBase, FindingBase, OverrideBase, User
from portal.people.encryption import EncryptedField
from suppliers.company.models import Supplier


class Commodity(models.Model):
    """What is bought. `keywords` are looked for in certificate scopes; `schemes` are certificates asked for."""

    code = models.SlugField(max_length=30, unique=True)
    title = models.CharField(max_length=120)
    keywords = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    naics = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    schemes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["title"]
        verbose_name_plural = "commodities"

    def __str__(self) -> str:
        return self.title


class Region(models.Model):
    """Where it is made: a set of states, by their postal codes. None named means the whole country."""

    code = models.SlugField(max_length=30, unique=True)
    title = models.CharField(max_length=120)
    states = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["title"]

    def __str__(self) -> str:
        return self.title


class RuleSettings(models.Model):
    """One version of the rules' parameters. Rows are never changed once in force; the newest in force counts."""

    version = models.PositiveIntegerField(unique=True)
    params = models.JSONField(default=dict)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)
    # The preview: how far the worker has come, whose status would change, compared with which version in force,
    # and why it could not be worked out.
    previewed_at = models.DateTimeField(null=True)
    preview = models.JSONField(default=list)
    preview_total = models.PositiveIntegerField(default=0)
    preview_done = models.PositiveIntegerField(default=0)
    preview_against = models.PositiveIntegerField(default=0)
    preview_problem = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["-version"]
        verbose_name_plural = "rule settings"

    def __str__(self) -> str:
        return f"version {self.version}"


class Qualification(models.Model):
    """The standing for one commodity and region. No row means not started.

    `valid_until` is the last day it holds; `approved` is the assessment its approval rests on, `latest` the
    newest one. "Expiring" is a qualified row near its end and is not stored.
    """

    class Status(models.TextChoices):
        IN_PROGRESS = "in_progress", "In progress"
        PENDING = "pending", "Pending approval"
        QUALIFIED = "qualified", "Qualified"
        NOT_QUALIFIED = "not_qualified", "Not qualified"
        ON_HOLD = "on_hold", "On hold"
        CONFIRMED = "confirmed", "Confirmed match"
        SUSPENDED = "suspended", "Suspended"
        EXPIRED = "expired", "Expired"

    # Stopped by screening: an alert waits for officers, or a match is confirmed.
    HELD = (Status.ON_HOLD, Status.CONFIRMED)

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="qualifications")
    commodity = models.ForeignKey(Commodity, on_delete=models.PROTECT, related_name="qualifications")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="qualifications")
    status = models.CharField(max_length=13, choices=Status.choices, default=Status.IN_PROGRESS)
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    checked_at = models.DateTimeField("last checked by the rules", null=True, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    latest = models.ForeignKey(
        "QualificationAssessment", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved = models.ForeignKey(
        "QualificationAssessment", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["commodity__title", "region__title"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["supplier", "commodity", "region"], name="one_standing_per_commodity_and_region"
            ),
            models.CheckConstraint(
                condition=~Q(status="qualified") | Q(valid_from__isnull=False, valid_until__isnull=False),
                name="qualified_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="valid_until_after_from",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "changed_at"], name="qualification_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.commodity}, {self.region}"

    @property
    def stamp(self) -> str:
        """Changes with everything an officer decides on: what the rules found, and where the standing is."""
        return f"{self.latest_id}-{self.changed_at.isoformat()}"


class QualificationStep(models.Model):
    """One change of a standing: from, to, who, when, why. Append-only.

    `reason` is for buyers; `told` is what the supplier reads, which never says more than it may know.
    Without `by` a rule decided.
    """

    qualification = models.ForeignKey(Qualification, on_delete=models.CASCADE, related_name="steps")
    before = models.CharField(max_length=13, choices=Qualification.Status.choices, blank=True)
    after = models.CharField(max_length=13, choices=Qualification.Status.choices)
    reason = models.TextField()
    told = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    assessment = models.ForeignKey(
        "QualificationAssessment", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.qualification}: {self.after}"


class QualificationAssessment(AssessmentBase):
    """A stored run of the qualification rulebook for one standing.

    `facts` is what the rules read, so that the run can be repeated; encrypted, it holds the EIN. A run whose
    findings are those of the run before is not stored again: the standing's `checked_at` moves on.
    """

    facts = EncryptedField()
    qualification = models.ForeignKey(Qualification, on_delete=models.CASCADE, related_name="assessments")
    settings_version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["qualification", "rulebook", "input_hash"], name="one_qualification_run_per_input"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.qualification}, {self.on}"


class QualificationFinding(FindingBase):
    """One finding of such a run."""

    assessment = models.ForeignKey(QualificationAssessment, on_delete=models.CASCADE, related_name="findings")

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["assessment", "rule", "part"], name="one_qualification_finding_per_part"
            ),
        ]


class FindingOverride(OverrideBase):
    """A person's word on one finding of a standing.

    It holds for later runs too, while rule, part, outcome and message (`said`, a SHA-256) are the same.
    """

    finding = models.ForeignKey(QualificationFinding, on_delete=models.PROTECT, related_name="overrides")
    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="overrides")
    rule = models.CharField(max_length=10)
    part = models.CharField(max_length=60, blank=True)
    said = models.CharField(max_length=64)

    class Meta(OverrideBase.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.rule} {self.part}: {self.outcome}"


class Waiver(models.Model):
    """An exemption from a rule for a time: for one supplier, or for everybody; for one commodity, or for all.

    Rows are never deleted; a waiver ends on its day or when it is withdrawn.
    """

    rule = models.CharField(max_length=10)
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, null=True, blank=True, related_name="waivers"
    )
    commodity = models.ForeignKey(
        Commodity, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField()
    until = models.DateField("last day")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.rule} until {self.until}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(QualificationStep, QualificationFinding, FindingOverride)
