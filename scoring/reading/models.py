"""Files that reviewers may open although they may name their supplier."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.frame import triggers
from portal.models import User
from rfp.models import Attachment


class FileRelease(models.Model):
    """An admin has read the file and lets reviewers open it while names are hidden. Never taken back."""

    attachment = models.OneToOneField(Attachment, on_delete=models.PROTECT, related_name="release")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"File {self.attachment_id}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(FileRelease)
