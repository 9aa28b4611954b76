"""What the rules found on a revision, and what a person decided about it. Rows never change."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from portal.frame import triggers
from portal.kit.compliance import Effect, Outcome
from portal.models import AssessmentBase, FindingBase, OverrideBase
from rfp.proposals.models import Revision


class Assessment(AssessmentBase):
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="assessments")

    class Meta:
        get_latest_by = "id"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["revision", "rulebook", "input_hash"], name="one_assessment_per_input"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision_id} {self.rulebook}"


class PreCheck(models.Model):
    """What the rules would find on a draft with very many lines, for its supplier alone; see `assessment.pre_check`.

    `key` changes with all that decides it. One that no longer fits is replaced, never shown.
    """

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    findings = models.JSONField()

    def __str__(self) -> str:
        return str(self.revision_id)


class MakersScreened(models.Model):
    """The makers that an opened revision names have been screened: officers have their alerts."""

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="makers_screened")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.revision_id)


class Finding(FindingBase):
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="findings")

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["assessment", "rule", "part"], name="one_finding_per_rule_and_part"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The few of each assessment that a person may have to decide.
            models.Index(
                fields=["assessment"],
                condition=models.Q(
                    effect=Effect.KNOCKOUT.value, outcome__in=[Outcome.NOT_MET.value, Outcome.REFER.value]
                ),
                name="findings_to_decide",
            ),
        ]


class Override(OverrideBase):
    """A person's decision on one finding.

    `exception`: the finding stands, but the proposal stays in; else an outcome of met says the finding was wrong.
    """

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="overrides")
    exception = models.BooleanField(default=False)

    class Meta(OverrideBase.Meta):
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.outcome}"


# ---- what the database itself refuses --------------------------------------------------------------------------------

triggers.append_only(Assessment, Finding, Override)
