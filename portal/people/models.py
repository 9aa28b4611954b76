"""Who has an account."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class Role(models.TextChoices):
    """What an account is for. Chair is a flag on one RFP's panel, not a role."""

    SUPPLIER = "supplier", "Supplier"
    REVIEWER = "reviewer", "Reviewer"
    ADMIN = "admin", "Admin"
    OFFICER = "officer", "Compliance officer"
    AUDITOR = "auditor", "Auditor"


STAFF_ROLES = (Role.REVIEWER, Role.ADMIN, Role.OFFICER, Role.AUDITOR)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("An account needs an email address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields.update(is_staff=True, is_superuser=True, role=Role.ADMIN)
        return self.create_user(email, password, **fields)


class User(AbstractUser):
    """A person. Signs in by email; `is_staff` only opens the operators' Django admin.

    `invited_by` brought the account in; nobody for who registered alone or was named on the server's command line.
    `seated_at` is when the account was made, got its role or was turned on again, whichever is last.
    """

    # Django's way to take an abstract model's field away, which its types don't know.
    username = None  # type: ignore[assignment]  # taken away
    first_name = None  # type: ignore[assignment]  # taken away
    last_name = None  # type: ignore[assignment]  # taken away
    email = models.EmailField("email address", unique=True)
    name = models.CharField("your name", max_length=120)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.SUPPLIER)
    invited_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seated_at = models.DateTimeField(default=timezone.now)
    # The zone in which deadlines are shown beside the RFP's; blank for that of the browser.
    time_zone = models.CharField(max_length=40, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # ours makes users without a name

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_email"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_supplier(self) -> bool:
        return self.role == Role.SUPPLIER

    @property
    def is_reviewer(self) -> bool:
        return self.role == Role.REVIEWER

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def is_officer(self) -> bool:
        """A compliance officer: decides alerts, holds and overrides; publishes and marks nothing."""
        return self.role == Role.OFFICER

    @property
    def is_auditor(self) -> bool:
        return self.role == Role.AUDITOR
