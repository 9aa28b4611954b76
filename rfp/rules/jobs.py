"""Jobs: places added and kept, by state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.kit.compliance import Number, Verdict, met, not_met, refer, rule
from portal.kit.formats import number, percent_against
from portal.kit.parameters import setting
from rfp.facts import JobsLineFacts, ProposalFacts


@dataclass(frozen=True, kw_only=True)
class WageParams:
    """Wage as a fraction of the local benchmark."""

    good: Decimal = setting(Decimal(1), "Good wage", unit="as a fraction of the local wage")
    near: Decimal = setting(Decimal("0.9"), "Near wage", unit="as a fraction of the local wage", up_to="good")


@rule(
    "WS-2",
    title="Jobs and wages",
    basis="RFP: skilled jobs; one full-time job is 2,080 hours per year",
    params=WageParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="making",
    section="jobs",
    numbers=("new_fte", "retained_fte", "fte_per_musd", "wage_ratio"),
    markable={"fte_per_musd": "Jobs per million dollars invested"},
)
def jobs_and_wages(facts: ProposalFacts, params: WageParams, *, on: date) -> Sequence[Verdict]:
    """New jobs and jobs kept are listed by state. Wages, where stated, meet the local benchmark."""
    return [_places(facts), *(_wage(line, params) for line in facts.jobs if _has_wage(line))]


def _places(facts: ProposalFacts) -> Verdict:
    if not facts.jobs:
        return refer("No jobs listed.", fix="Fill in the jobs table. Enter 0 if none.")
    new = sum((line.new for line in facts.jobs), Decimal(0))
    kept = sum((line.retained for line in facts.jobs), Decimal(0))
    numbers: dict[str, Number] = {"new_fte": new, "retained_fte": kept}
    said = f"{number(new)} new full-time jobs in {_states(facts.jobs)}, {number(kept)} kept."
    if not facts.capex_musd:
        return refer(
            f"{said} The investment is missing.", fix="Enter the investment in $ million.", numbers=numbers
        )
    per_million = new / facts.capex_musd
    numbers["fte_per_musd"] = per_million.quantize(Decimal("1E-12"))
    return met(f"{said} {number(per_million, 1)} new jobs per $1 million invested.", numbers=numbers)


def _states(jobs: Sequence[JobsLineFacts]) -> str:
    return ", ".join(sorted({line.state for line in jobs if line.new > 0})) or "no state"


def _has_wage(line: JobsLineFacts) -> bool:
    return line.wage is not None and bool(line.wage_benchmark)


def _wage(line: JobsLineFacts, params: WageParams) -> Verdict:
    wage, benchmark = line.wage or Decimal(0), line.wage_benchmark or Decimal(1)
    against = percent_against(100 * wage / benchmark, 100 * params.good)
    said = f"Wages in {line.state} are {against} of the local benchmark."
    ratio = (wage / benchmark).quantize(Decimal("0.001"))
    if wage >= params.good * benchmark:
        return met(said, part=line.state, numbers={"wage_ratio": ratio})
    fix = "Explain how wages will reach the local level."
    if wage >= params.near * benchmark:
        return refer(said, part=line.state, fix=fix, numbers={"wage_ratio": ratio})
    return not_met(said, part=line.state, fix=fix, numbers={"wage_ratio": ratio})
