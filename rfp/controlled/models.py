"""Documents under export control: what a company certified of itself, what officers ruled, and who took the file."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.frame import triggers
from portal.models import User
from rfp.publishing.models import SolicitationDocument
from suppliers.models import Supplier


class ExportCertification(models.Model):
    """An owner certifies, by name, that the company is a U.S. person. `statement` holds the words as they were."""

    document = models.ForeignKey(
        SolicitationDocument, on_delete=models.PROTECT, related_name="export_certifications"
    )
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="export_certifications")
    statement = models.TextField()
    signed_name = models.CharField(max_length=120)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.supplier_id} for document {self.document_id}"


class ExportRuling(models.Model):
    """What a compliance officer ruled on a certification: released or refused once, and a release revoked once."""

    class Kind(models.TextChoices):
        RELEASED = "released", "Released"
        REFUSED = "refused", "Refused"
        REVOKED = "revoked", "Revoked"

    certification = models.ForeignKey(ExportCertification, on_delete=models.PROTECT, related_name="rulings")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    reason = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["certification"],
                condition=Q(kind__in=("released", "refused")),
                name="released_or_refused_once",
            ),
            models.UniqueConstraint(
                fields=["certification"], condition=Q(kind="revoked"), name="revoked_once"
            ),
            models.CheckConstraint(condition=Q(kind="released") | ~Q(reason=""), name="a_no_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.certification_id}"


class ControlledDownload(models.Model):
    """Somebody took a controlled document. `certification` is the one that let a supplier's person; staff need none."""

    document = models.ForeignKey(SolicitationDocument, on_delete=models.PROTECT, related_name="downloads")
    certification = models.ForeignKey(
        ExportCertification, on_delete=models.PROTECT, null=True, blank=True, related_name="downloads"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"document {self.document_id} to {self.by_id}"


triggers.append_only(ExportCertification, ExportRuling, ControlledDownload)
