"""How people come to work for a supplier: asked by its owner, or asking."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.models import User
from suppliers.models.supplier import Membership, Supplier


class Invitation(models.Model):
    """A place offered to one e-mail address. Only an account whose address is that one, and confirmed, takes it."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("email address")
    level = models.CharField(max_length=6, choices=Membership.Level.choices, default=Membership.Level.EDITOR)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["supplier", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.level}"


class JoinRequest(models.Model):
    """Somebody registered a company that looks like this one: its owners say whether they belong together.

    `why` is what the two share: name, uei or domain.
    """

    class State(models.TextChoices):
        OPEN = "open", "Waiting for an owner"
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    registered = models.ForeignKey(Supplier, on_delete=models.CASCADE, null=True, related_name="+")
    why = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["supplier", "user"], name="one_join_request_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.state}"
