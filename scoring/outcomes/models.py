"""What suppliers are told: releases by two people, letters with debriefs, their words, and awards that became final."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from portal.frame import triggers
from portal.models import User
from rfp.models import Criterion, Lot, Proposal, Solicitation, Window
from scoring.decisions.models import Decision


class Outcome(models.TextChoices):
    """What became of a proposal, as its supplier is told."""

    SHORTLISTED = "shortlisted", "Shortlisted"
    RESERVE = "reserve", "Reserve"
    NOT_SELECTED = "not_selected", "Not selected"
    AWARDED = "awarded", "Awarded"
    WITHDREW = "withdrew", "Withdrawn after selection"


class LetterText(models.Model):
    """The words of an RFP's letters about one outcome, with placeholders. Append-only; the latest counts."""

    solicitation = models.ForeignKey(Solicitation, on_delete=models.PROTECT, related_name="letter_texts")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    subject = models.CharField(max_length=160)
    body = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["solicitation", "outcome"])]

    def __str__(self) -> str:
        return self.subject


class DebriefText(models.Model):
    """What the chair tells one supplier about one criterion: own words, or the draft as accepted. Append-only; the
    latest counts, for the mark that it was given for (as a debrief shows it; blank for none)."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="debrief_texts")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    mark = models.CharField(max_length=12, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.criterion_id}"


class Release(models.Model):
    """Two people tell the suppliers of one lot what was decided. Until the second confirms, nobody learns anything.

    `digest`: SHA-256 of the decisions, letters and debriefs that the first person read; the second confirms the same.
    `standstill_until`: no award that it tells of is final before.

    `goes_at`: the first person set a moment for the letters. Then the second agrees (`agreed_by`), and they go out at
    that moment, or soon after: `confirmed_at` is when they went. Until then either side can take the release back.
    `held_back`: why they did not go out by themselves, in a sentence; then it is dropped.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT, related_name="releases")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="releases")
    digest = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    goes_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    held_back = models.CharField(max_length=1000, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    standstill_until = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["window", "lot"],
                condition=Q(confirmed_at__isnull=True, dropped_at__isnull=True),
                name="one_release_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("proposed_by")),
                name="two_people_release",
                violation_error_message="A second person must confirm the release.",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=models.F("proposed_by")),
                name="two_people_schedule",
                violation_error_message="A second person must agree to the time.",
            ),
            models.CheckConstraint(
                condition=Q(goes_at__isnull=True)
                | Q(confirmed_at__isnull=True)
                | Q(
                    agreed_by__isnull=False,
                    agreed_by=models.F("confirmed_by"),
                    confirmed_at__gte=models.F("goes_at"),
                ),
                name="scheduled_letters_wait",
                violation_error_message="Scheduled letters go out at their time, after two people agreed.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window}, lot {self.lot_id}"


class Letter(models.Model):
    """What one supplier was told with a release: the letter as it went out, and the debrief. Append-only.

    `debrief`: see `scoring.outcomes.debriefs.Debrief.data`. `decision` is empty for a proposal that was knocked out or
    below the threshold, which needs none. `value`: the price of an award, U.S. dollars.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="letters")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="letters")
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="letters"
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    debrief = models.JSONField(default=dict)
    value = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["release", "proposal"], name="one_letter_per_release"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def key(self) -> str:
        """How the outbox knows this letter."""
        return f"outcome:{self.pk}"


class FinalAward(models.Model):
    """An award that became final after its standstill. Append-only."""

    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="final")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"Final: {self.letter_id}"


class AwardEnd(models.Model):
    """An award that suppliers know of ends, because the winner withdrew. Two people end it, with a reason.

    The place is then offered to the reserve in order of rank.
    """

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="ends")
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
                fields=["letter"], condition=Q(dropped_at__isnull=True), name="one_end_of_an_award"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("proposed_by")),
                name="two_people_end_an_award",
                violation_error_message="A second person must confirm the end of the award.",
            ),
        ]

    def __str__(self) -> str:
        return f"End of the award {self.letter_id}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(LetterText, DebriefText, Letter, FinalAward)
BEGINS = triggers.function(
    "onshore_release_begins",
    """
BEGIN
    RAISE EXCEPTION 'what two people do begins unconfirmed: INSERT refused' USING ERRCODE = 'restrict_violation';
END """,
)
for begun in (Release, AwardEnd):
    triggers.trigger(
        begun,
        "begins",
        "BEFORE INSERT",
        BEGINS,
        condition="NEW.confirmed_at IS NOT NULL OR NEW.confirmed_by_id IS NOT NULL",
    )
AGREED = triggers.function(
    "onshore_release_agreed",
    """
BEGIN
    RAISE EXCEPTION 'who agreed to a release, and when, stays as it is' USING ERRCODE = 'restrict_violation';
END """,
)
triggers.trigger(
    Release,
    "agreed",
    "BEFORE UPDATE",
    AGREED,
    condition="OLD.agreed_at IS NOT NULL AND "
    "(NEW.agreed_at, NEW.agreed_by_id) IS DISTINCT FROM (OLD.agreed_at, OLD.agreed_by_id)",
)
triggers.kept(
    AwardEnd,
    called="the end of an award",
    until=["confirmed_at", "dropped_at"],
    fixed=["letter_id", "reason", "proposed_by_id", "proposed_at"],
)
triggers.kept(
    Release,
    called="the release",
    until=["confirmed_at", "dropped_at"],
    fixed=["window_id", "lot_id", "digest", "proposed_by_id", "proposed_at", "goes_at"],
)
