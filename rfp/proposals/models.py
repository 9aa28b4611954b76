"""One supplier's offer on one lot. A draft is a revision that has not been received yet."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from portal.frame import triggers
from portal.models import Document, User
from rfp.publishing.models import Item, Lot, Window
from rfp.publishing.question_models import Criterion, Requirement
from suppliers.models import Site, Supplier


class Proposal(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="proposals")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="proposals")
    window = models.ForeignKey(
        Window, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    current_revision = models.OneToOneField(
        "Revision", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # How many reviewers gave marks on the current revision; the database counts as marks are stored.
    reviewers = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        indexes: ClassVar[list[models.Index]] = [
            # A page of a window's proposals, and the next one to mark, are read from these alone.
            models.Index(
                fields=["window", "number"],
                include=["lot", "supplier", "id"],
                condition=Q(current_revision__isnull=False, withdrawn_at__isnull=True),
                name="proposals_received",
            ),
            models.Index(
                fields=["window", "reviewers", "number"],
                include=["lot", "supplier", "id"],
                condition=Q(current_revision__isnull=False, withdrawn_at__isnull=True),
                name="proposals_least_reviewed",
            ),
            # How many there are in each lot, and whether there are any.
            models.Index(
                fields=["window", "lot"],
                condition=Q(current_revision__isnull=False, withdrawn_at__isnull=True),
                name="proposals_by_lot",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_submitted(self) -> bool:
        return self.current_revision_id is not None and self.withdrawn_at is None


def offer_cost(label: str) -> models.DecimalField:
    """A cost of the whole offer beside its unit prices, U.S. dollars. In the price envelope."""
    return models.DecimalField(
        label, max_digits=16, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


class Revision(models.Model):
    """The content of a proposal. Frozen once received: a trigger refuses any later change."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    items = models.ManyToManyField(Item, related_name="+", blank=True)
    title = models.CharField("product name", max_length=200, blank=True)
    summary = models.TextField("summary", blank=True)
    final_site = models.ForeignKey(
        Site,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="final manufacturing site",
    )
    lead_time_days = models.PositiveIntegerField(
        "days from firm order to first shipment", null=True, blank=True
    )
    first_article = models.DateField("first article", null=True, blank=True)
    start_of_production = models.DateField("start of production", null=True, blank=True)
    opening_stock = models.PositiveIntegerField("units in stock when the ramp starts", null=True, blank=True)
    capex_musd = models.DecimalField(
        "investment, $ million",
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    tooling_price = offer_cost("tooling price, $")
    freight_price = offer_cost("freight to the delivery sites, $")
    one_off_price = offer_cost("other one-off costs, $")
    bom_name = models.CharField(max_length=255, blank=True)
    signer_name = models.CharField("your full name", max_length=120, blank=True)
    signer_title = models.CharField("your title", max_length=120, blank=True)
    attested_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    supplier_snapshot = models.JSONField(null=True, blank=True)
    content_sha256 = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    # The version of the RFP that a received revision answers. Of a draft: the last one that nothing of it waits for.
    rfp_version = models.PositiveSmallIntegerField(default=1, editable=False)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Received after the close on the buyer's request: the moment at which what it repeats was received.
    counts_from = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["proposal", "number"], name="one_revision_per_number"),
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(received_at__isnull=True, counts_from__isnull=True),
                name="one_draft_per_proposal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} revision {self.number}"

    @property
    def reads_version(self) -> int | None:
        """The version of the RFP whose questions it answers; None, the current one, for a draft."""
        is_draft = self.received_at is None and self.counts_from is None
        return None if is_draft else self.rfp_version

    @property
    def in_time_at(self) -> datetime | None:
        """The moment of receipt that counts for the close, for ties and for dates; None for a draft."""
        return self.counts_from or self.received_at


class Response(models.Model):
    """The answer to one requirement, in the requirement's data type; tables are lists of rows."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="responses")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="responses")
    value = models.JSONField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "requirement"], name="one_response_per_requirement"),
        ]

    def __str__(self) -> str:
        return f"{self.requirement_id}: {self.value}"


class Reconfirmed(models.Model):
    """A supplier reconfirmed its answer to a question that an addendum changed: kept as it was, or changed."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="reconfirmed")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+")
    is_kept = models.BooleanField("the answer stands")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["revision", "requirement"], name="one_reconfirmation_per_requirement"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requirement_id}: {'kept' if self.is_kept else 'changed'}"


class Statement(models.Model):
    """The supplier's own words for a criterion that reviewers mark."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="statements")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="statements")
    text = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["revision", "criterion"], name="one_statement_per_criterion"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Attachment(models.Model):
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="attachments")
    requirement = models.ForeignKey(
        Requirement, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="attachments")
    title = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.title or str(self.document)


# ---- what the database itself refuses --------------------------------------------------------------------------------

FROZEN = triggers.function(
    "onshore_frozen_revision",
    """
BEGIN
    IF OLD.received_at IS NOT NULL THEN
        RAISE EXCEPTION 'revision % is frozen: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END """,
)
FROZEN_CONTENT = triggers.function(
    "onshore_frozen_content",
    """
DECLARE
    frozen bigint;
BEGIN
    -- OLD is null on INSERT and NEW on DELETE.
    SELECT id INTO frozen FROM rfp_revision
        WHERE id IN (OLD.revision_id, NEW.revision_id) AND received_at IS NOT NULL ORDER BY id LIMIT 1;
    IF frozen IS NOT NULL THEN
        RAISE EXCEPTION 'revision % is frozen: % of % refused', frozen, TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END """,
    pinned=True,
)


def freeze_with_revision(*contents: type[models.Model]) -> None:
    """Rows of these tables stay as they were from the moment their revision was received."""
    for content in contents:
        triggers.trigger(content, "frozen", "BEFORE INSERT OR UPDATE OR DELETE", FROZEN_CONTENT)
        triggers.not_emptied(content)


triggers.trigger(Revision, "frozen", "BEFORE UPDATE OR DELETE", FROZEN)
triggers.not_emptied(Revision)
freeze_with_revision(Response, Reconfirmed, Statement, Attachment, Revision.items.through)
