"""The panel of an RFP: seats, its chair, declarations, and conflicts of interest."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.frame import triggers
from portal.models import User
from rfp.models import Lot, Solicitation, Window
from suppliers.models import Supplier


class Evaluator(models.Model):
    """A reviewer's seat on one RFP's panel. `seated_at` is when the person got the seat, or became its chair.

    `cap`: the most proposals an automatic assignment gives the person in a window. `knows`: lots of their expertise.
    """

    solicitation = models.ForeignKey(Solicitation, on_delete=models.CASCADE, related_name="evaluators")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="evaluators")
    is_chair = models.BooleanField("chair", default=False)
    seated_at = models.DateTimeField(default=timezone.now)
    cap = models.PositiveSmallIntegerField("at most", null=True, blank=True)
    knows = models.ManyToManyField(Lot, related_name="+", blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["solicitation", "user"], name="one_seat_per_person"),
            models.UniqueConstraint(
                fields=["solicitation"], condition=Q(is_chair=True), name="one_chair_per_rfp"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class ChairChange(models.Model):
    """Another chair for a published RFP: an admin asks, another admin or a compliance officer confirms.

    `dropped_at`: another change was asked for instead. Never deleted.
    """

    solicitation = models.ForeignKey(Solicitation, on_delete=models.PROTECT, related_name="chair_changes")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["solicitation"],
                condition=Q(confirmed_at__isnull=True, dropped_at__isnull=True),
                name="one_chair_change_waits",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("proposed_by")),
                name="two_people_change_the_chair",
                violation_error_message="A second person must confirm this.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.solicitation_id}: {self.user_id}"


class ConflictDeclaration(models.Model):
    """Signed for one window before anything of it is readable; `listed` are the suppliers it asked about.

    Reviewers sign to read and mark, admins to decide. Which suppliers they named stands in `Conflict`. Never
    deleted.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="declarations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="declarations")
    signed_name = models.CharField(max_length=120)
    listed = models.ManyToManyField(Supplier, related_name="+", blank=True)
    declared_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["window", "user"], name="one_declaration_per_window"),
        ]

    def __str__(self) -> str:
        return self.signed_name


class Conflict(models.Model):
    """Why one person reads, marks and decides nothing of one supplier in one RFP. Takes effect at once, never deleted.

    Named by that person, at the declaration or later; or by the chair, who recuses a reviewer with a reason.
    `supplier` is empty when the chair recuses from the whole RFP.
    """

    solicitation = models.ForeignKey(Solicitation, on_delete=models.PROTECT, related_name="conflicts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="conflicts")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField("conflict description")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["solicitation", "user", "supplier"], name="one_conflict_per_person_and_supplier"
            ),
            models.UniqueConstraint(
                fields=["solicitation", "user"],
                condition=Q(supplier__isnull=True),
                name="one_recusal_from_the_whole_rfp",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} and {self.supplier_id or 'everybody'}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(Conflict, ConflictDeclaration, ConflictDeclaration.listed.through)
triggers.kept(
    ChairChange,
    called="the change of the chair",
    until=["confirmed_at", "dropped_at"],
    fixed=["solicitation_id", "user_id", "reason", "proposed_by_id", "proposed_at"],
)
