"""What a person should look at again before an RFP is published, from its rows. Nothing here keeps it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.kit.compliance import Envelope
from rfp import checks
from rfp.checks.facts import CriterionFacts, MilestoneFacts, RequirementFacts, RfpFacts, WindowFacts
from rfp.conditions import said
from rfp.publishing import queries
from rfp.publishing.models import Solicitation
from rfp.publishing.question_models import Criterion, Requirement
from rfp.signals import asks_for_the_panel


def looks(
    solicitation: Solicitation, *, now: datetime
) -> list[tuple[checks.Check, tuple[checks.Point, ...]]]:
    """Each check with what it finds if the RFP is published now; five queries."""
    facts = facts_of(solicitation, now=now)
    return [(check, checks.points_of(check, facts)) for check in checks.CHECKS]


def points(solicitation: Solicitation, *, now: datetime) -> list[checks.Point]:
    """Everything to look at again, in the order of the checks."""
    return [point for _check, found in looks(solicitation, now=now) for point in found]


def facts_of(solicitation: Solicitation, *, now: datetime) -> RfpFacts:
    """What the checks read."""
    seats, has_chair = _panel(solicitation)
    return RfpFacts(
        now=now,
        zone=solicitation.zone,
        has_contact=bool(solicitation.contact_email or solicitation.contact_phone),
        seats=seats,
        has_chair=has_chair,
        questions_until=solicitation.questions_until,
        windows=tuple(
            WindowFacts(
                pk=each.pk,
                number=each.number,
                opens_at=each.opens_at,
                closes_at=each.closes_at,
                feedback_by=each.feedback_by,
            )
            for each in solicitation.windows.all()
        ),
        milestones=tuple(
            MilestoneFacts(pk=each.pk, title=each.title, on=each.on)
            for each in solicitation.milestones.filter(by_month=False)
        ),
        criteria=tuple(_criterion(each) for each in solicitation.criteria.all()),
        requirements=tuple(_requirement(each) for each in queries.asked_now(solicitation)),
    )


def _panel(solicitation: Solicitation) -> tuple[int, bool]:
    """(seats, whether there is a chair), from whoever keeps the panel."""
    answers = asks_for_the_panel.send(Solicitation, solicitation_id=solicitation.pk)
    told: list[Any] = [each for _receiver, each in answers]
    return told[0] if told else (0, False)


def _criterion(criterion: Criterion) -> CriterionFacts:
    marked = criterion.mode == Criterion.Mode.EVALUATOR or criterion.fallback_to_evaluator
    return CriterionFacts(
        pk=criterion.pk,
        code=criterion.code,
        is_marked=marked,
        for_suppliers=bool(criterion.supplier_guidance.strip()),
        for_reviewers=bool(criterion.scorer_guidance.strip()),
    )


def _listed(expected: Any) -> list[Any]:
    return expected if isinstance(expected, list) else [] if expected is None else [expected]


def _requirement(requirement: Requirement) -> RequirementFacts:
    words = (requirement.text, requirement.evidence, *requirement.choices, *requirement.columns)
    return RequirementFacts(
        pk=requirement.pk,
        code=requirement.code,
        words="\n".join(words),
        unit=requirement.unit,
        why=requirement.why,
        is_knockout=requirement.effect == Requirement.Effect.KNOCKOUT,
        is_technical=requirement.envelope == Envelope.TECHNICAL,
        accepted=tuple(said(each) for each in _listed(requirement.expected)),
        only_if=requirement.only_if,
        only_if_answer=requirement.only_if_answer,
    )
