"""Files that people stored."""

from __future__ import annotations

import uuid

from django.db import models

from portal.people.models import User


def private_path(document: Document, _name: str) -> str:
    """Where a file lies: by its own id only, so that no name from outside reaches the disk."""
    return f"documents/{document.id.hex[:2]}/{document.id.hex}"


class Document(models.Model):
    """A stored file with its fingerprint. Whoever refers to it decides who may read it."""

    class Scan(models.TextChoices):
        UNSCANNED = "unscanned", "Not scanned"
        PENDING = "pending", "Waiting for scan"
        CLEAN = "clean", "No malware found"
        INFECTED = "infected", "Malware found"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    extension = models.CharField(max_length=10)
    sniffed = models.CharField(max_length=10, blank=True)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    file = models.FileField(upload_to=private_path, max_length=120)
    opens = models.BooleanField(null=True, blank=True)
    encrypted = models.BooleanField(default=False)
    pages = models.PositiveIntegerField(null=True, blank=True)
    scan = models.CharField(max_length=10, choices=Scan.choices, default=Scan.UNSCANNED)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
