"""The audit chain."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.frame import triggers


class AuditEvent(models.Model):
    """One link of the append-only chain; triggers refuse update, delete and truncate.

    `facts` holds ids, codes and hashes, never personal text or sealed content.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    actor = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, db_index=True)
    facts = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.subject}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(AuditEvent)
