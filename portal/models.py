"""Accounts, files, the audit chain, the outbox, and the shape every stored assessment shares."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from portal import clients, triggers
from portal.compliance import Audience, Effect, Envelope, Finding, Outcome


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


class SignInFailures(models.Model):
    """Wrong passwords in a row for one account or from one address; `key` is a keyed digest of which (guard.py)."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    forget_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.failures} failures"


class AccessEvent(models.Model):
    """One row of the access log; see access.py for what is never in it."""

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", "Signed in"
        SIGN_OUT = "sign_out", "Signed out"
        FAILURE = "failure", "Failed to sign in"
        LOCKOUT = "lockout", "Locked out"
        RESET = "reset", "Password reset"
        PASSWORD = "password", "Password changed"
        ADDRESS = "address", "Email address changed"
        FACTOR = "factor", "Two-step sign-in changed"
        SESSION = "session", "Session ended"
        DOWNLOAD = "download", "File downloaded"

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)
    client = models.CharField(max_length=120, blank=True)
    about = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.about}".strip()

    @property
    def browser(self) -> str:
        """ "Firefox on Windows"; empty where nothing was said."""
        return clients.browser_of(self.client) if self.client else ""


class FactorReset(models.Model):
    """A wish to take all second factors from a colleague who lost them: one person asks, another one confirms."""

    class State(models.TextChoices):
        ASKED = "asked", "Waiting for a second person"
        DONE = "done", "Reset"
        WITHDRAWN = "withdrawn", "Withdrawn"

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_resets")
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="asked"), name="one_factor_reset_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"


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


class Countersignature(models.Model):
    """A compliance officer's word that two accounts are two people, for one act of theirs; see pairs.py.

    Asked for when the second person's act is refused, signed at most once, never deleted. `subjects` are what the
    first person did, as the audit names it; `digest` is theirs. `args` are those of the page of the act. `settled_at`:
    somebody else completed the act, so that nobody has to sign.
    """

    act = models.CharField(max_length=40)
    about = models.CharField(max_length=200)
    subjects = ArrayField(models.CharField(max_length=100))
    digest = models.CharField(max_length=64)
    args = models.JSONField(default=list)
    first = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    why = models.TextField("why an officer must confirm that they are two people")
    asked_at = models.DateTimeField()
    officer = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["act", "first", "second", "digest"], name="one_countersignature_per_act_and_pair"
            ),
            models.CheckConstraint(
                condition=Q(officer__isnull=True) | ~(Q(officer=F("first")) | Q(officer=F("second"))),
                name="a_third_person_countersigns",
            ),
            models.CheckConstraint(
                condition=Q(officer__isnull=True, at__isnull=True)
                | Q(officer__isnull=False, at__isnull=False),
                name="countersigned_by_someone_at_a_time",
            ),
        ]
        ordering: ClassVar[list[str]] = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return self.about


class Notice(models.Model):
    """The outbox: a letter waits here until the mail server took it. `address` is for who has no account yet."""

    to = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="notices")
    address = models.EmailField(blank=True)
    key = models.CharField(max_length=120, unique=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.subject


class AssessmentBase(models.Model):
    """A stored run of a rulebook: unique on (subject, rulebook version, input hash), never changed."""

    rulebook = models.CharField(max_length=20)
    input_hash = models.CharField(max_length=64)
    params = models.JSONField()
    lists = models.JSONField(default=list)
    on = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    worker_pid = models.PositiveIntegerField()

    class Meta:
        abstract = True


class FindingBase(models.Model):
    """A stored outcome of one rule and part; see `portal.compliance.Finding`."""

    rule = models.CharField(max_length=10)
    part = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=120)
    outcome = models.CharField(max_length=15, choices=[(o.value, o.value) for o in Outcome])
    effect = models.CharField(max_length=10, choices=[(e.value, e.value) for e in Effect])
    audience = models.CharField(max_length=10, choices=[(a.value, a.value) for a in Audience])
    envelope = models.CharField(max_length=10, choices=[(e.value, e.value) for e in Envelope])
    message = models.TextField()
    fix = models.TextField(blank=True)
    basis = models.CharField(max_length=200)
    legal_effect = models.CharField(max_length=200, blank=True)
    numbers = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.rule} {self.part}".strip()

    def as_finding(self) -> Finding:
        """As the rules gave it."""
        return Finding(
            rule=self.rule,
            part=self.part,
            outcome=Outcome(self.outcome),
            effect=Effect(self.effect),
            audience=Audience(self.audience),
            envelope=Envelope(self.envelope),
            title=self.title,
            message=self.message,
            fix=self.fix,
            basis=self.basis,
            legal_effect=self.legal_effect,
            numbers=self.numbers,
        )


class OverrideBase(models.Model):
    """A person's word on a stored finding: name, reason, time. Never changed; the latest one counts."""

    outcome = models.CharField(
        max_length=15,
        choices=[(Outcome.MET.value, "Override: met"), (Outcome.NOT_MET.value, "Confirmed: not met")],
    )
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["id"]


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(AuditEvent)
triggers.kept(
    Countersignature,
    called="the countersignature",
    until=["officer_id"],
    fixed=["act", "about", "subjects", "digest", "first_id", "second_id", "why", "asked_at"],
)
