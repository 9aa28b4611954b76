"""How domestic a draft's bill of materials is, by the reviewers' own rules, and what would lift it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.kit import compliance
from portal.kit.charts import bars, ramps, shapes
from portal.kit.compliance import Finding, Outcome
from portal.kit.formats import percent_against
from rfp.bom import costs
from rfp.compliance import assessment
from rfp.facts import BomLineFacts
from rfp.proposals import revision_facts
from rfp.proposals.models import Revision
from rfp.publishing.models import Window
from rfp.rules.deep_content import deep_roll_up
from rfp.rules.domestic_content import component_test, line_valuation
from suppliers.company import profiles
from suppliers.facts import ScreeningFacts

RULES = (line_valuation, component_test, deep_roll_up)
LOW, HIGH, LINE = map(component_test.number, ("lo_pct", "hi_pct", "threshold_pct"))
MOST_LIFTS = 5


@dataclass(frozen=True)
class Domestic:
    """`drawing` is None while no share can be computed; `lifts` name single lines and what they would reach."""

    findings: tuple[Finding, ...]
    drawing: shapes.Chart | None
    share: str
    outcome: str
    says: str
    lifts: list[dict[str, Any]]
    total: Decimal
    us: Decimal


def domestic_content(draft: Revision, *, now: datetime, window: Window | None) -> Domestic | None:
    """None without a bill of materials."""
    return share_of(draft, None, now=now, window=window)


def share_of(
    draft: Revision, lines: tuple[BomLineFacts, ...] | None, *, now: datetime, window: Window | None
) -> Domestic | None:
    """The same for other lines than the draft's, as a preview asks. None without lines."""
    revision = revision_facts.revision_for_facts(draft.pk)
    solicitation = draft.proposal.lot.solicitation
    facts = revision_facts.facts_about(
        revision,
        supplier=profiles.supplier_facts(draft.proposal.supplier),
        screening=ScreeningFacts(),
        window=window,
        lines=lines,
    )
    if not facts.bom:
        return None
    mine = compliance.assess(
        RULES,
        facts,
        assessment.params_of(solicitation),
        on=now.astimezone(solicitation.zone).date(),
    )
    years = [f for f in mine if f.rule == component_test.code and LOW in f.numbers]
    rolled = costs.rolled_up(facts)
    first = years[0] if years else None
    return Domestic(
        findings=mine,
        drawing=_drawing(years) if years else None,
        share=_share(first) if first else "",
        outcome=first.outcome.value if first else Outcome.REFER.value,
        says=_says(mine),
        lifts=_lifts(rolled, Decimal(first.numbers[LINE])) if first else [],
        # Sums of several currencies are no amount of dollars.
        total=costs.ZERO if rolled.other_currency else rolled.total,
        us=costs.ZERO if rolled.other_currency else rolled.us,
    )


def _share(finding: Finding) -> str:
    low, high, line = (finding.numbers[name] for name in (LOW, HIGH, LINE))
    shown = percent_against(low, line)
    return shown if low == high else f"{shown.rstrip('%')} to {percent_against(high, line)}"


def _says(findings: tuple[Finding, ...]) -> str:
    found = [finding for finding in findings if finding.rule == component_test.code]
    shares = [finding for finding in found if finding.part != "manufacture"] or found
    worst = next((f for f in shares if f.outcome is not Outcome.MET), shares[0] if shares else None)
    return f"{worst.message} {worst.fix}".strip() if worst else ""


def _drawing(years: list[Finding]) -> shapes.Chart:
    low, high, line = (Decimal(years[0].numbers[name]) for name in (LOW, HIGH, LINE))
    later = next((f for f in years if Decimal(f.numbers[LINE]) > line), None)
    return bars.meter(
        value=low,
        high=high if high > low else None,
        line=line,
        later=ramps.Later(Decimal(later.numbers[LINE]), f"{later.part}: {later.numbers[LINE]}%")
        if later
        else None,
        title=f"Domestic content {_share(years[0])}",
        unsure="If unknown origins are domestic",
    )


def _lifts(rolled: costs.RollUp, line: Decimal) -> list[dict[str, Any]]:
    """The dearest lines that are not U.S. made, each with the share it alone would give."""
    if rolled.total <= 0 or costs.exceeds(rolled.us, rolled.total, line):
        return []
    others = [c for c in rolled.components if c.standing != costs.US and c.value]
    others.sort(key=lambda c: -(c.value or costs.ZERO))
    return [
        {
            "line": c.line.line_no,
            "part": _name(c.line),
            "origin": c.line.origin,
            "cost": c.value,
            "reached": percent_against(costs.percent_of(rolled.us + c.value, rolled.total), line),
            "is_enough": costs.exceeds(rolled.us + c.value, rolled.total, line),
        }
        for c in others[:MOST_LIFTS]
        if c.value is not None
    ]


def _name(line: BomLineFacts) -> str:
    return line.part or line.mpn or "unnamed part"
