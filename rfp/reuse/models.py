"""The library: requirements and criteria that proved good, for the next RFP."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.models import User


class LibraryEntry(models.Model):
    """A requirement or a criterion as an exported file holds it, without the lot, items and criterion it belonged to.

    `words`: its question or title, to search. `digest`: of kind and content, so that nothing is kept twice.
    """

    class Kind(models.TextChoices):
        REQUIREMENT = "requirement", "Requirement"
        CRITERION = "criterion", "Criterion"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    code = models.CharField(max_length=20)
    words = models.TextField()
    content = models.JSONField()
    digest = models.CharField(max_length=64, unique=True)
    source = models.CharField("from RFP", max_length=40)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        verbose_name_plural = "library entries"

    def __str__(self) -> str:
        return f"{self.code} {self.words}"[:80]
