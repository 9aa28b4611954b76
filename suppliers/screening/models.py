"""Screening lists as immutable snapshots, the names found close to a listed party, and what officers decided."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from portal.frame import triggers
from portal.models import User
from suppliers.company.models import Supplier


class Snapshot(models.Model):
    """One loaded state of one official list. Its content never changes; one snapshot a source is active.

    Loaded first and looked at, then activated: `activated_at` is null until then.
    """

    source = models.CharField(max_length=20)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    as_of = models.DateField()
    sha256 = models.CharField(max_length=64)
    files = ArrayField(models.CharField(max_length=200), default=list)
    warnings = ArrayField(models.TextField(), default=list)
    parties_count = models.PositiveIntegerField()
    # Names with all aliases, addresses and identifiers: a companion file that is missing or cut off shows here.
    names_count = models.PositiveIntegerField(default=0)
    addresses_count = models.PositiveIntegerField(default=0)
    identifiers_count = models.PositiveIntegerField(default=0)
    # What of a list in several files was loaded: "main", "alt", "add".
    parts = ArrayField(models.CharField(max_length=10), default=list)
    is_active = models.BooleanField(default=False)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(is_active=True), name="one_active_snapshot_per_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} as of {self.as_of}"


class ListedParty(models.Model):
    """One record of a snapshot; see `suppliers.matching.party`. `fingerprint` covers all that the list says."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="parties")
    record_id = models.CharField(max_length=64)
    list_code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=400)
    aliases = ArrayField(models.CharField(max_length=400), default=list)
    # Those of `aliases` that the list calls weak: compared by equal names only.
    weak_aliases = ArrayField(models.CharField(max_length=400), default=list)
    kind = models.CharField(max_length=20, blank=True)
    programme = models.CharField(max_length=200, blank=True)
    countries = ArrayField(models.CharField(max_length=80), default=list)
    addresses = ArrayField(models.TextField(), default=list)
    identifiers = models.JSONField(default=list)
    parents = ArrayField(models.CharField(max_length=400), default=list)
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    citation = models.TextField(blank=True)
    remarks = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["snapshot", "record_id"], name="one_row_per_record"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["identifiers"], name="listed_identifiers", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return self.name


class Hit(models.Model):
    """A name of a supplier close to a listed party, with its evidence. Never deleted."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="hits")
    party = models.ForeignKey(ListedParty, on_delete=models.PROTECT, related_name="hits")
    role = models.CharField(max_length=40)
    name = models.CharField(max_length=400)
    matched_name = models.CharField(max_length=400)
    score = models.DecimalField(max_digits=5, decimal_places=4)
    band = models.CharField(max_length=10)
    why = models.JSONField(default=dict)
    found_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["supplier", "party", "name"], name="one_hit_per_name_and_party"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ~ {self.matched_name}"


class Alert(models.Model):
    """A hit an officer has to decide, through all snapshots: one row for a name and a record of a list.

    `fingerprint` is the record's when the alert was raised or decided; a changed record opens it again, but for a
    confirmed match, which only officers end. `is_current` is false while the active lists no longer hold the match.
    `priority`: higher comes first; `reasons` say what moved it, besides the likeness. `owner` works on it and
    `due_on` is the day to have it decided by. `proposals` are the numbers of the opened proposals that name this
    maker; what stands in a sealed envelope raises no alert.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLEARING = "clearing", "Needs a second officer"
        ESCALATED = "escalated", "Escalated"
        TRUE_MATCH = "true_match", "Confirmed match"
        ENDING = "ending", "Confirmed match, one officer proposes to end it"
        FALSE_POSITIVE = "false_positive", "False positive"
        ENDED = "ended", "Confirmed match ended"

    # What waits for an officer: until two agree, a hit being cleared is open.
    UNDECIDED = (State.OPEN, State.CLEARING, State.ESCALATED)
    # Listed for certain: also when the list in use no longer holds the record, for only officers end it.
    CONFIRMED = (State.TRUE_MATCH, State.ENDING)
    CLEARED = (State.FALSE_POSITIVE, State.ENDED)

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="alerts")
    source = models.CharField(max_length=20)
    record_id = models.CharField(max_length=64)
    name = models.CharField(max_length=400)
    role = models.CharField(max_length=40)
    party = models.ForeignKey(ListedParty, on_delete=models.PROTECT, related_name="+")
    matched_name = models.CharField(max_length=400)
    score = models.DecimalField(max_digits=5, decimal_places=4)
    band = models.CharField(max_length=10)
    why = models.TextField(blank=True)
    identifier = models.CharField(max_length=80, blank=True)
    fingerprint = models.CharField(max_length=64)
    priority = models.SmallIntegerField()
    reasons = ArrayField(models.CharField(max_length=40), default=list)
    state = models.CharField(max_length=14, choices=State.choices, default=State.OPEN)
    is_current = models.BooleanField(default=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    proposals = ArrayField(models.CharField(max_length=40), default=list)
    raised_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["supplier", "source", "record_id", "name"], name="one_alert_per_name_and_record"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["is_current", "state", "-priority", "id"], name="alert_queue"),
            models.Index(fields=["-is_current", "-priority", "id"], include=["state"], name="alert_order"),
            models.Index(fields=["source"], name="alert_source"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ~ {self.matched_name}"

    @property
    def waits(self) -> bool:
        """Whether officers have yet to decide a match that the lists in use hold."""
        return self.is_current and self.state in self.UNDECIDED

    @property
    def is_confirmed(self) -> bool:
        """Whether it counts as listed, whatever the list in use holds."""
        return self.state in self.CONFIRMED

    @property
    def may_be_decided(self) -> bool:
        """Whether there is something for an officer to say: a listed match, or a confirmed one to end."""
        return self.is_current or self.is_confirmed

    @property
    def needs_two(self) -> bool:
        """Clearing a strong hit, or ending a confirmed match, takes two officers."""
        return self.is_confirmed or self.band in ("exact", "strong") or bool(self.identifier)

    @property
    def stamp(self) -> str:
        """Changes with everything an officer decides on: the record's text, what others said, what is shared."""
        return f"{self.state}-{self.changed_at.isoformat()}-{self.fingerprint[:16]}"


class Disposition(models.Model):
    """What one officer said about an alert, and why. Append-only; `fingerprint` is the record's of that moment.

    `code` is the kind of reason, for counting; `reason` is in the officer's words.
    """

    class Decision(models.TextChoices):
        TRUE_MATCH = "true_match", "True match: it is the listed party"
        FALSE_POSITIVE = "false_positive", "False positive: it is someone else"
        ESCALATE = "escalate", "Escalate: a different officer must decide"
        END = "end", "End the confirmed match"

    class Code(models.TextChoices):
        SAME_NUMBER = "same_number", "Same registration or tax number"
        SAME_ADDRESS = "same_address", "Same name and address"
        ADMITTED = "admitted", "The supplier confirmed it"
        OTHER_PLACE = "other_place", "Different address or country"
        OTHER_NUMBER = "other_number", "Different registration number"
        OTHER_PERSON = "other_person", "Different person: birth date or nationality"
        OTHER_KIND = "other_kind", "Different kind: person, company, or vessel"
        NAME_ONLY = "name_only", "Only the name is similar"
        UNCLEAR = "unclear", "The evidence is unclear"
        CONFLICT = "conflict", "I have a conflict of interest"
        DELISTED = "delisted", "No longer listed"
        LEFT = "left", "No longer part of the company"
        NOT_BARRED = "not_barred", "This list does not prohibit purchases"
        MISTAKE = "mistake", "Confirmed by mistake"
        OTHER = "other", "Another reason"

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="dispositions")
    decision = models.CharField(max_length=14, choices=Decision.choices)
    code = models.CharField(max_length=14, choices=Code.choices, default=Code.OTHER)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.alert}: {self.decision}"


class ScreeningRun(models.Model):
    """Every supplier screened again after a list came into use. `last_supplier` is how far the worker has come.

    `by` activated the list, and `reason` is why in spite of what it lost.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="runs")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField("suppliers whose alerts changed", default=0)
    last_supplier = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"


class ListPreview(models.Model):
    """What activating a list would change among our suppliers, worked out before. `against` is the list then in use.

    Only the newest one of a list counts. `last_supplier` is how far the worker has come.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="previews")
    against = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    last_supplier = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.snapshot}: {self.done} of {self.total}"


class PreviewLine(models.Model):
    """One change that activating a list would make: to an alert, or to whether a supplier is on hold."""

    class Effect(models.TextChoices):
        HOLDS = "holds", "Put on hold"
        FREES = "frees", "Taken off hold"
        RAISES = "raises", "Alerts raised"
        RELEASES = "releases", "Alerts closed"
        KEEPS = "keeps", "Confirmed, no longer listed"

    preview = models.ForeignKey(ListPreview, on_delete=models.CASCADE, related_name="lines")
    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="+")
    effect = models.CharField(max_length=8, choices=Effect.choices)
    # For a change to an alert: the screened name, in which role, and the listed one.
    name = models.CharField(max_length=400, blank=True)
    role = models.CharField(max_length=40, blank=True)
    matched_name = models.CharField(max_length=400, blank=True)
    record_id = models.CharField(max_length=64, blank=True)
    band = models.CharField(max_length=10, blank=True)
    # For a hold: whether the supplier has a qualification that counts today.
    is_qualified = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["preview", "effect", "id"], name="preview_effect"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.effect}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(ListedParty, Disposition)
triggers.append_only(Alert, updates=True)
triggers.append_only(
    Snapshot,
    columns=[
        "source",
        "as_of",
        "sha256",
        "parties_count",
        "loaded_at",
        "names_count",
        "addresses_count",
        "identifiers_count",
        "parts",
    ],
)
