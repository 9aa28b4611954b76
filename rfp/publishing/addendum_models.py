"""What changes in an RFP after it is published: addenda, their changes, and what was public in each version."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from portal.frame import triggers
from portal.models import User
from rfp.publishing.models import Solicitation
from rfp.publishing.question_models import Requirement


class Addendum(models.Model):
    """A list of changes that become public together. Drafted, given to a second person where it takes two, published
    or discarded. `version`: of the RFP, once it is published.
    """

    solicitation = models.ForeignKey(Solicitation, on_delete=models.PROTECT, related_name="addenda")
    number = models.PositiveSmallIntegerField()
    why = models.TextField(blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveSmallIntegerField(null=True, blank=True)
    discarded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        verbose_name_plural = "addenda"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["solicitation", "number"], name="one_addendum_per_number"),
            models.UniqueConstraint(
                fields=["solicitation"],
                condition=Q(published_at__isnull=True, discarded_at__isnull=True),
                name="one_addendum_in_work",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True)
                | Q(proposed_by__isnull=True)
                | ~Q(published_by=F("proposed_by")),
                name="two_people_publish_an_addendum",
                violation_error_message="A second person must publish this.",
            ),
        ]

    def __str__(self) -> str:
        return f"Addendum {self.number}"

    @property
    def state(self) -> str:
        """published, discarded, awaiting or draft."""
        if self.published_at is not None:
            return "published"
        if self.discarded_at is not None:
            return "discarded"
        return "awaiting" if self.proposed_at is not None else "draft"


class Change(models.Model):
    """One change of an addendum, as data. `subject`: the code or number of what it changes, blank for the RFP itself.

    `values`: field → new value, as JSON. `says`: [{"label", "before", "after"}], the difference in words, which
    everybody reads. `standing`: what becomes of old answers, where there are any.
    """

    class Kind(models.TextChoices):
        REQUIREMENT = "requirement", "Requirement changed"
        REQUIREMENT_ADDED = "requirement_added", "Requirement added"
        REQUIREMENT_REMOVED = "requirement_removed", "Requirement removed"
        CRITERION = "criterion", "Criterion changed"
        LOT = "lot", "Lot changed"
        LOT_WITHDRAWN = "lot_withdrawn", "Lot withdrawn"
        WINDOW = "window", "Window changed"
        WINDOW_ADDED = "window_added", "Window added"
        TEXT = "text", "Text of the RFP changed"
        FACTS = "facts", "Contact or terms changed"
        MILESTONE = "milestone", "Date changed"
        MILESTONE_ADDED = "milestone_added", "Date added"
        MILESTONE_REMOVED = "milestone_removed", "Date removed"

    addendum = models.ForeignKey(Addendum, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=300)
    values = models.JSONField(default=dict)
    says = models.JSONField(default=list)
    standing = models.CharField(max_length=10, choices=Requirement.Standing.choices, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["addendum", "kind", "subject"], name="one_change_per_subject"),
        ]

    def __str__(self) -> str:
        return self.title


class PublishedVersion(models.Model):
    """What was public of an RFP in one of its versions, as JSON. Never changes."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField()
    content = models.JSONField()

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["solicitation", "number"], name="one_row_per_version"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(PublishedVersion)
triggers.kept(
    Addendum,
    called="the addendum",
    until=("published_at", "discarded_at"),
    fixed=("solicitation_id", "number", "created_by_id", "created_at"),
)
STAYS = triggers.function(
    "onshore_published_change",
    """
BEGIN
    -- OLD is null on INSERT and NEW on DELETE.
    IF EXISTS (SELECT 1 FROM rfp_addendum WHERE id IN (OLD.addendum_id, NEW.addendum_id)
               AND (published_at IS NOT NULL OR proposed_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'a change of an addendum stays: % refused', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END """,
    pinned=True,
)
triggers.trigger(Change, "stays", "BEFORE INSERT OR UPDATE OR DELETE", STAYS)
triggers.not_emptied(Change)
