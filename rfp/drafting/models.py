"""A bill of materials on its way into a draft: the file that waits, and what a supplier's headings mean."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.models import Document, User
from rfp.proposals.models import Proposal
from suppliers.models import Supplier


class BomUpload(models.Model):
    """A file that waits to be checked. `choices` holds what its sender decided about how to read it.

    Keys of `choices`: header_row (a line of the file, 0 for none), columns (position → meaning), answers (question →
    option), remembered (whether the columns come from an earlier file).
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="bom_uploads")
    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="bom_upload")
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    choices = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-sent_at"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["sent_at"])]

    def __str__(self) -> str:
        return str(self.document)


class BomHeadings(models.Model):
    """What the columns of a file with these headings meant to a supplier, for its next file."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="bom_headings")
    headings = models.CharField("fingerprint of the headings", max_length=64)
    columns = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["supplier", "headings"], name="one_meaning_per_headings"),
        ]

    def __str__(self) -> str:
        return self.headings[:12]
