"""Who comes to a conference or a site visit."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal.frame import triggers
from portal.models import User
from rfp.publishing.models import Milestone
from suppliers.models import Supplier


class SignUp(models.Model):
    """Whom a company sends to an event. The latest counts; without names the company has canceled."""

    event = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="sign_ups")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="sign_ups")
    names = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{len(self.names)} of {self.supplier_id}"


triggers.append_only(SignUp)
