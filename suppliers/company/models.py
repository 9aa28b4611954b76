"""A supplier organization, the people who work for it, and what its owner signed."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone

from portal.frame import triggers
from portal.models import User
from portal.people.encryption import EncryptedField


class Supplier(models.Model):
    """A registered organisation; what its rules read is `suppliers.facts.SupplierFacts`."""

    class SamStatus(models.TextChoices):
        ACTIVE = "active", "Active"
        INACTIVE = "inactive", "Inactive"
        EXPIRED = "expired", "Expired"

    legal_name = models.CharField(max_length=200)
    native_name = models.CharField("name in original script", max_length=200, blank=True)
    dbas = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    former_names = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    banks = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    country = models.CharField(max_length=2, default="US")
    headquarters_country = models.CharField(max_length=2, blank=True, default="")
    description = models.TextField(blank=True)
    website = models.URLField(blank=True)
    founded = models.PositiveSmallIntegerField(null=True, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    uei = models.CharField("UEI", max_length=12, blank=True)
    cage = models.CharField("CAGE code", max_length=5, blank=True)
    lei = models.CharField("LEI", max_length=20, blank=True)
    ein = EncryptedField("EIN", blank=True, default="")
    duns = models.CharField("DUNS number", max_length=9, blank=True)
    sam_status = models.CharField(
        "SAM.gov registration", max_length=10, choices=SamStatus.choices, blank=True
    )
    sam_expiry = models.DateField("SAM.gov registration expires on", null=True, blank=True)
    naics = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)
    # When something last changed that is compared with the lists.
    names_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    members = models.ManyToManyField(User, through="Membership", related_name="suppliers")
    # What a search looks through, written by `suppliers.company.search_text.refresh` whenever a profile is saved.
    search_text = models.TextField(blank=True, editable=False)
    search_words = models.GeneratedField(
        expression=SearchVector("search_text", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["search_words"], name="supplier_search_words"),
            GinIndex(fields=["search_text"], name="supplier_search_alike", opclasses=["gin_trgm_ops"]),
            models.Index(Upper("legal_name"), name="supplier_legal_name"),
        ]

    def __str__(self) -> str:
        return self.legal_name

    @property
    def masked_ein(self) -> str:
        """All that any page shows of the EIN."""
        return f"••-•••{self.ein[-4:]}" if self.ein else ""


class Membership(models.Model):
    """A person works for a supplier. Only owners attest; viewers change nothing."""

    class Level(models.TextChoices):
        OWNER = "owner", "Owner"
        EDITOR = "editor", "Editor"
        VIEWER = "viewer", "Viewer"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    level = models.CharField(max_length=6, choices=Level.choices, default=Level.OWNER)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["supplier", "user"], name="one_membership_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.supplier}"


class Attestation(models.Model):
    """An owner's signature under one statement, with the words as they were. Append-only; the latest counts."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="attestations")
    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    answer = models.BooleanField()
    explanation = models.TextField(blank=True)
    signer = models.CharField("your full name", max_length=120)
    title = models.CharField("your title", max_length=120)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.code}, version {self.version}"


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


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(Attestation)
