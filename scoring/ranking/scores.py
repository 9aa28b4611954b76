"""Findings and answers → automatic marks → the score of one revision."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from portal.kit import clock
from portal.kit.codec import dump
from portal.kit.compliance import Envelope
from rfp.compliance import queries as compliance_queries
from rfp.models import Assessment, Criterion, Revision
from rfp.proposals import queries as proposals_queries
from rfp.rules.domestic_content import component_test
from scoring.facts import ScoreResult, ScoreSheet, anchor_json
from scoring.methods.value import automatic_mark
from scoring.ranking import evaluation, inputs
from scoring.ranking import method as methods
from scoring.ranking import queries as ranking_queries
from scoring.ranking.mark_models import AutomaticMark
from scoring.ranking.models import Score
from scoring.settling.queries import Agreed

log = logging.getLogger(__name__)


def mark_automatically(revision: Revision) -> Score:
    """Store the automatic marks of the revision's latest assessment, then its score. Twice changes nothing.

    `revision` comes from `queries.revision_to_score` or `rfp.proposals.revision_facts.revision_for_facts`. It is held
    first: of two at once the second reads the newer assessment.
    """
    with transaction.atomic():
        received = ranking_queries.received_from(revision, lock=True)
        assessed = ranking_queries.latest_findings(revision)
        automatic = automatic_marks_of(revision, assessed)
        AutomaticMark.objects.bulk_create(
            automatic,
            update_conflicts=True,
            unique_fields=["revision", "criterion"],
            update_fields=["assessment", "value", "trace", "left_to_evaluators"],
        )
        held = Held(received=received, assessed=assessed, automatic=automatic)
        return rescore(revision, held=held, offered=offered_in(revision, received))


def offered_in(revision: Revision, received: ranking_queries.Received) -> dict[str, Any]:
    """What a list shows of the offer itself, by the score's fields: no mark changes it."""
    expiring = [
        (each["expires"], each.get("scheme") or "") for each in received.certificates if each.get("expires")
    ]
    expires_on, expires_what = min(expiring, default=(None, ""))
    jobs = [line.new + line.retained for line in revision.jobs_lines.all()]
    return {
        "lead_time_days": revision.lead_time_days,
        "jobs": sum(jobs, Decimal(0)) if jobs else None,
        "expires_on": date.fromisoformat(expires_on) if expires_on else None,
        "expires_what": expires_what[:80],
    }


def automatic_marks_of(
    revision: Revision, assessed: ranking_queries.Assessed | None = None
) -> list[AutomaticMark]:
    """The automatic marks that follow from the revision's latest assessment and answers, not stored."""
    assessment, findings = assessed or ranking_queries.latest_findings(revision)
    assert assessment is not None, "a revision is scored after it is assessed"
    numbers = inputs.numbers_of(findings, revision)
    answers = inputs.answers_that_feed(revision)
    marks = []
    for criterion in _criteria(revision):
        if criterion.mode != Criterion.Mode.AUTOMATIC:
            continue
        facts = methods.criterion_facts(criterion, revision.proposal.lot.solicitation)
        mark, trace = automatic_mark(facts, answers=answers, numbers=numbers)
        marks.append(
            AutomaticMark(
                revision=revision,
                criterion=criterion,
                assessment=assessment,
                value=mark.value,
                trace=trace,
                left_to_evaluators=mark.left_to_evaluators,
            )
        )
    return marks


def _criteria(revision: Revision) -> list[Criterion]:
    return inputs.criteria_of(revision.proposal.lot.solicitation)


def rescore(
    revision: Revision, *, held: Held | None = None, offered: Mapping[str, Any] | None = None
) -> Score:
    """Compute and store the revision's own score from the marks as they are.

    `revision` comes from `queries.revision_to_score`. Call it in a transaction, after storing what it must count:
    two at once take turns here, and the second reads what the first has stored. `held`: the caller holds the
    revision already, and says what it read since. `offered`: see `offered_in`; without it what is stored stays.
    """
    stored = score_of(
        revision, held=held or Held(received=ranking_queries.received_from(revision, lock=True))
    )
    vars(stored).update(offered or {})
    Score.objects.bulk_create(
        [stored],
        update_conflicts=True,
        unique_fields=["revision"],
        update_fields=[*SCORE_FIELDS, *(offered or ())],
    )
    return stored


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a caller read of a revision while it holds it. None: not read; `price_open` and `at` stay asked for."""

    received: ranking_queries.Received
    assessed: ranking_queries.Assessed | None = None
    automatic: Sequence[AutomaticMark] | None = None
    agreed: Agreed | None = None
    price_open: bool | None = None
    at: datetime | None = None


def score_of(revision: Revision, *, held: Held | None = None) -> Score:
    """The revision's own score from the marks as they are, not stored; see `rescore`."""
    held = held or Held(received=ranking_queries.received_from(revision))
    if held.assessed is None:
        assessment, deciding = ranking_queries.findings_that_decide(revision)
    else:
        assessment, deciding = held.assessed[0], ranking_queries.that_decide(held.assessed[1])
    price_open = held.price_open
    if price_open is None:
        price_open = proposals_queries.is_open(revision.proposal, Envelope.PRICE)
    sheet = inputs.score_sheet(revision, price_open=price_open, automatic=held.automatic, agreed=held.agreed)
    result = evaluation.score(sheet)
    before = _before(revision) if price_open else None
    numbers = inputs.numbers_of(deciding, revision)
    spreads = [line.spread for line in result.lines if line.spread is not None]
    place, state = _place(revision, held.received.sites)
    waiting = [
        compliance_queries.question_of(finding)
        for finding in deciding
        if compliance_queries.awaits_decision(finding) and (price_open or finding.envelope != Envelope.PRICE)
    ]
    return Score(
        revision=revision,
        technical=result.technical,
        technical_percent=result.technical_percent,
        threshold_percent=result.threshold_percent,
        price_mark=result.price_mark,
        total=result.total,
        total_before=before.total if before else None,
        is_priced=sheet.price is not None,
        price_total=sheet.price.offered if sheet.price else None,
        price_reference=sheet.price.reference if sheet.price else None,
        preferences=[dump(each) for each in sheet.preferences],
        technical_exact=written(result.exact.technical),
        technical_before_exact=written(before.exact.technical) if before else "",
        threshold_exact=written(result.exact.threshold_percent),
        total_exact=written(result.exact.total),
        below_minimum=result.exact.below_minimum,
        exact_values={code: written(value) for code, value in result.exact.values.items()},
        marks_missing=result.marks_missing,
        automatic_missing=result.automatic_missing,
        supplier_name=held.received.name,
        place=place,
        state=state,
        knocked_out=any(compliance_queries.is_knockout_in_force(finding) for finding in deciding),
        awaiting_decision=len(waiting),
        domestic_low=numbers.get(component_test.key("lo_pct")),
        domestic_high=numbers.get(component_test.key("hi_pct")),
        spread=(sum(spreads, Decimal(0)) / len(spreads)).quantize(Decimal("0.0001")) if spreads else None,
        marks=[
            [line.criterion, str(line.weight), None if line.mark is None else str(line.mark), line.mode]
            for line in result.lines
            if line.mode != "preference"
        ],
        flags=[
            *dict.fromkeys(str(each) for each in waiting),
            *["mark_missing"] * bool(result.automatic_missing),
            *["no_marks"] * bool(result.marks_missing and price_open),
        ],
        trace=trace_of(result, assessment, sheet),
        scored_by_pid=os.getpid(),
        scored_at=held.at or clock.wall_time(),
    )


def _before(revision: Revision) -> ScoreResult | None:
    """The score with the marks that were taken out after prices opened; None where none were."""
    if not inputs.has_removals(revision.proposal):
        return None
    return evaluation.score(inputs.score_sheet(revision, price_open=True, all_marks=True))


def written(exact: Fraction | None) -> str:
    """A fraction as it is stored: "2/3"; blank for none."""
    return "" if exact is None else f"{exact.numerator}/{exact.denominator}"


def _place(revision: Revision, sites: list[dict[str, str]]) -> tuple[str, str]:
    """(city and state, state) of the site of final manufacture, as it was when the revision was received."""
    key = str(revision.final_site_id)
    site = next((each for each in sites if each["key"] == key), None)
    if site is None:
        return "", ""
    return ", ".join(part for part in (site["city"], site["state"]) if part), site["state"]


OFFERED = ("lead_time_days", "jobs", "expires_on", "expires_what")
SCORE_FIELDS = [
    field.name
    for field in Score._meta.concrete_fields
    if not field.primary_key and field.name not in ("revision", *OFFERED)
]


def trace_of(result: ScoreResult, assessment: Assessment | None, sheet: ScoreSheet) -> dict[str, Any]:
    """Every figure of a score as text, so that it opens on the page, in the PDF and in the attached data.

    `price` names what the offered total is the sum of; it is there only when prices are open.
    """
    opened = {}
    if sheet.price is not None:
        opened = {"price": {name: str(amount) for name, amount in sheet.price.parts.items()}}
    return opened | {
        "method": methods.name_of(sheet),
        "rulebook": assessment.rulebook if assessment else "",
        "lines": [
            {
                "criterion": line.criterion,
                "title": line.title,
                "mode": line.mode,
                "envelope": line.envelope,
                "weight": str(line.weight),
                "mark": None if line.mark is None else str(line.mark),
                "points": str(line.points),
                "marks": {key: anchor_json(anchor) for key, anchor in line.marks.items()},
                "spread": None if line.spread is None else str(line.spread),
                **({} if line.agreed is None else {"agreed": anchor_json(line.agreed)}),
            }
            for line in result.lines
        ],
    }
