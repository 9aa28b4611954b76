"""Screening lists as immutable snapshots, and the names found close to a listed party."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from suppliers.models.supplier import Supplier


class Snapshot(models.Model):
    """One loaded state of one official list. Rows never change; one snapshot a source is active."""

    source = models.CharField(max_length=20)
    loaded_at = models.DateTimeField()
    as_of = models.DateField()
    sha256 = models.CharField(max_length=64)
    parties_count = models.PositiveIntegerField()
    is_active = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(is_active=True), name="one_active_snapshot_per_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} as of {self.as_of}"


class ListedParty(models.Model):
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="parties")
    record_id = models.CharField(max_length=40)
    name = models.CharField(max_length=400)
    aliases = ArrayField(models.CharField(max_length=400), default=list)
    kind = models.CharField(max_length=20, blank=True)
    programme = models.CharField(max_length=200, blank=True)
    countries = ArrayField(models.CharField(max_length=80), default=list)
    remarks = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["snapshot", "record_id"], name="one_row_per_record"),
        ]

    def __str__(self) -> str:
        return self.name


class Hit(models.Model):
    """A name of a supplier close to a listed party, with its evidence. Never deleted."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="hits")
    party = models.ForeignKey(ListedParty, on_delete=models.PROTECT, related_name="hits")
    role = models.CharField(max_length=40)
    name = models.CharField(max_length=400)
    matched_name = models.CharField(max_length=400)
    score = models.DecimalField(max_digits=5, decimal_places=4)
    band = models.CharField(max_length=10)
    why = models.JSONField(default=dict)
    found_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["supplier", "party", "name"], name="one_hit_per_name_and_party"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ~ {self.matched_name}"
