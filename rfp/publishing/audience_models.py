"""Who an RFP is for: the companies that are admitted, the codes that admit them, who will respond, and who watches."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from portal.frame import triggers
from portal.models import User
from rfp.publishing.models import Solicitation
from suppliers.models import Supplier


class Watch(models.Model):
    """A supplier's person gets letters on the RFP's addenda, answers and end. Nobody else reads who watches."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="watches")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "watches"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["solicitation", "user"], name="one_watch_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.solicitation_id}"


class AccessCode(models.Model):
    """A code that admits companies to an invited RFP, until a day and so many times. Only its SHA-256 is stored."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="access_codes")
    label = models.CharField("who it is for", max_length=80)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    ends = models.CharField("its last characters", max_length=4, editable=False)
    expires_at = models.DateTimeField("expires")
    most_uses = models.PositiveSmallIntegerField(
        "companies it admits at most", default=1, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.label} (…{self.ends})"


class Admission(models.Model):
    """A company may read an invited RFP and respond to it: invited by an admin, or with a code."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="admissions")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="admissions")
    code = models.ForeignKey(
        AccessCode, on_delete=models.PROTECT, null=True, blank=True, related_name="admissions"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["solicitation", "supplier"], name="one_admission_per_company"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id} to {self.solicitation_id}"


class Intent(models.Model):
    """A company says whether it will respond. The latest counts."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="intents")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="intents")
    will_respond = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.supplier_id}: {self.will_respond}"


class NdaAcceptance(models.Model):
    """A person signed the RFP's non-disclosure agreement for a company, by name. `sha256` is that of its words then."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.PROTECT, related_name="nda_acceptances")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="nda_acceptances")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="nda_acceptances")
    signed_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["solicitation", "supplier", "user", "sha256"], name="one_nda_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signed_name} on {self.solicitation_id}"


triggers.append_only(Admission, Intent, NdaAcceptance)
