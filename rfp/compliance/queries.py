"""Assessments: which are due, what they found, and which findings wait for a person."""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from portal.kit import along
from portal.kit.compliance import Audience, Effect, Envelope, Outcome
from rfp.compliance.models import Assessment, Finding, Override
from rfp.proposals.line_models import BomLine
from rfp.proposals.models import Revision
from rfp.proposals.queries import _prices_are_open, opened_proposals
from rfp.rules import RULEBOOK, responses

# By rule: the numbers that knock a proposal out without a person's decision, and the one that marks a blank answer.
AUTOMATIC = {rule.code: rule.automatic for rule in RULEBOOK.rules if rule.automatic is not None}
ANSWERED = responses.requirements.number("answered")

# ---- assessments ------------------------------------------------------------------------------------------------


def latest_assessment(revision: Revision) -> Assessment | None:
    return revision.assessments.order_by("-id").first()


def latest_with_findings(revision: Revision) -> Assessment | None:
    """The same with its findings, what people decided about each, and who did; one query."""
    return along.first(revision.assessments.order_by("-id"), "findings__overrides__by")


def findings_of(assessment: Assessment | None) -> list[Finding]:
    """An assessment's findings with their overrides; two queries, none where they came along."""
    if assessment is None:
        return []
    if "findings" in getattr(assessment, "_prefetched_objects_cache", {}):
        return list(assessment.findings.all())
    return list(
        assessment.findings.prefetch_related(
            Prefetch("overrides", queryset=Override.objects.select_related("by").order_by("id"))
        )
    )


def unassessed_revisions(rulebook: str) -> QuerySet[Revision]:
    """Received, current, and without an assessment by this rulebook: what a sweep must enqueue.

    Once prices are open the assessment that people decided on stands, whatever the rulebook says since.
    """
    decided = _prices_are_open("proposal__")
    return Revision.objects.exclude(
        decided & Exists(Assessment.objects.filter(revision=OuterRef("pk")))
    ).filter(
        ~Exists(Assessment.objects.filter(revision=OuterRef("pk"), rulebook=rulebook)),
        received_at__isnull=False,
        proposal__current_revision=F("pk"),
        proposal__withdrawn_at__isnull=True,
    )


def revisions_in_play() -> QuerySet[Revision]:
    """Received and current, of proposals that stand. Once prices are open the assessment that people decided on
    stands.
    """
    decided = _prices_are_open("proposal__")
    return Revision.objects.exclude(decided).filter(
        received_at__isnull=False,
        proposal__current_revision=F("pk"),
        proposal__withdrawn_at__isnull=True,
    )


def opened_makers(supplier_id: int) -> list[str]:
    """Names of makers in a supplier's opened proposals, each once, in order."""
    lines = BomLine.objects.filter(revision__in=opened_revisions().filter(proposal__supplier=supplier_id))
    named = lines.exclude(manufacturer="").order_by("manufacturer")
    return list(named.values_list("manufacturer", flat=True).distinct())


def opened_revisions() -> QuerySet[Revision]:
    """What buyers may read: the current revisions of opened proposals."""
    return Revision.objects.filter(pk__in=opened_proposals().values("current_revision"))


def standing_outcome(finding: Finding) -> Outcome:
    """The outcome after the latest override, if a person decided."""
    overrides = list(finding.overrides.all())
    return Outcome(overrides[-1].outcome if overrides else finding.outcome)


def is_automatic_knockout(finding: Finding) -> bool:
    """Late, or a mandatory file that cannot be opened: nothing for a person to weigh. A file that was not sent, or
    is of another kind than its name says, waits for a person like every other knock-out."""
    if finding.outcome != Outcome.NOT_MET.value or finding.envelope != Envelope.TECHNICAL.value:
        return False
    wanted = AUTOMATIC.get(finding.rule)
    return wanted is not None and wanted.items() <= finding.numbers.items()


def is_knockout_in_force(finding: Finding) -> bool:
    """Whether it excludes its proposal: a person said that it is not met, or it is automatic."""
    if finding.effect != Effect.KNOCKOUT.value or standing_outcome(finding) is not Outcome.NOT_MET:
        return False
    return is_automatic_knockout(finding) or bool(finding.overrides.all())


def is_for_officers(finding: Finding) -> bool:
    """Screening: compliance officers decide it at their desk, as it stands now; no chair does."""
    return finding.audience == Audience.CHAIR.value


def is_unanswered(finding: Finding) -> bool:
    """A requirement that was left blank."""
    return finding.numbers.get(ANSWERED) == "false"


class Question(StrEnum):
    """Why a knock-out finding needs a person."""

    NOT_MET = "not_met"
    REFERRED = "referred"
    UNANSWERED = "unanswered"


def question_of(finding: Finding) -> Question | None:
    """What a person is asked about the finding, decided or not; None when it settles itself.

    Knock-outs that are not met, that the rule refers to a person, or that rest on a blank answer. Screening is for
    officers, and advice excludes nobody.
    """
    if finding.effect != Effect.KNOCKOUT.value or is_for_officers(finding) or is_automatic_knockout(finding):
        return None
    if finding.outcome == Outcome.NOT_MET.value:
        return Question.NOT_MET
    if finding.outcome == Outcome.REFER.value:
        return Question.UNANSWERED if is_unanswered(finding) else Question.REFERRED
    return None


def awaits_decision(finding: Finding) -> bool:
    """A knock-out question that no person has decided yet."""
    return question_of(finding) is not None and not finding.overrides.all()


def questions(findings: QuerySet[Any]) -> QuerySet[Any]:
    """Twin of `question_of(...) is not None`, for lists; annotates `answered`, the number's text or blank."""
    automatic = Q(outcome=Outcome.NOT_MET.value, envelope=Envelope.TECHNICAL.value) & reduce(
        or_, (Q(rule=code, numbers__contains=wanted) for code, wanted in AUTOMATIC.items())
    )
    return (
        findings.annotate(
            answered=Coalesce(KT(f"numbers__{ANSWERED}"), Value(""), output_field=TextField()),
        )
        .filter(effect=Effect.KNOCKOUT.value, outcome__in=[Outcome.NOT_MET.value, Outcome.REFER.value])
        .exclude(automatic)
        .exclude(audience=Audience.CHAIR.value)
    )
