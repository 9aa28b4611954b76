"""Work injuries from OSHA Form 300A: the rates of recordable cases, against the industry's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.kit.compliance import Number, Outcome, Verdict, met, not_met, refer, rule
from portal.kit.formats import count_of, number, percent_against
from portal.kit.parameters import setting
from suppliers.facts import SafetyYearFacts, SupplierFacts

# A hundred full-time people for a year: 100 x 40 hours x 50 weeks.
HOURS = Decimal(200_000)


@dataclass(frozen=True, kw_only=True)
class SafetyParams:
    """Industry rates are lines of "NAICS prefix: nonfatal recordable cases per 100 full-time workers per year". The
    longest prefix counts. The values are samples. Replace them with the Bureau of Labor Statistics' table for
    the year. A year with too few hours is judged on all three years together, and at worst a person decides,
    because one case can tip it.
    """

    benchmarks: tuple[str, ...] = setting(
        ("31: 2.6", "32: 2.6", "33: 2.6"),
        "Industry rates",
        line=r"\d{2,6}: \d{1,4}(\.\d{1,4})?",
        example="33: 2.6",
    )
    default: Decimal = setting(Decimal("2.6"), "Rate for other industries")
    good: Decimal = setting(Decimal(1), "Multiple of the industry rate that meets the rule", up_to="near")
    near: Decimal = setting(Decimal("1.5"), "Multiple of the industry rate that triggers a review")
    small: int = setting(100_000, "Hours worked below which one year is too short")


def total_rate(cases: int, hours: Decimal) -> Decimal:
    """Cases for 100 full-time people a year: cases x 200,000 / hours worked (29 CFR 1904)."""
    return cases * HOURS / hours


@rule(
    "WS-1",
    title="Work injuries (Form 300A)",
    basis="29 CFR 1904; BLS Survey of Occupational Injuries and Illnesses",
    params=SafetyParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="safety",
    numbers=("trir", "nonfatal_rate", "dart", "benchmark"),
)
def injuries(facts: SupplierFacts, params: SafetyParams, *, on: date) -> Sequence[Verdict]:
    """The rate of recordable cases is at or below the industry rate, each year and over three years."""
    years = sorted(facts.safety, key=lambda year: year.year, reverse=True)[:3]
    if not years:
        return [refer("No Form 300A on file.", fix="Enter the last three years.")]
    line = benchmark(facts.naics, params)
    together = _together(years, params, line)
    verdicts = [_year(each, params, line, together).but(part=str(each.year)) for each in years]
    verdicts.append(together.but(part="three years"))
    deaths = sum(each.deaths or 0 for each in years)
    if deaths > 0:
        verdicts.append(
            refer(
                f"{count_of(deaths, 'death')} in {count_of(len(years), 'year')} (column G).",
                part="deaths",
                fix="Tell us what you’ve changed since then.",
            )
        )
    return verdicts


def benchmark(naics: Sequence[str], params: SafetyParams) -> Decimal:
    """The highest rate among the company's industries; the default when none is in the table."""
    table = dict(line.split(": ", 1) for line in params.benchmarks if ": " in line)
    found = [
        Decimal(table[prefix])
        for code in naics
        if (prefix := max((each for each in table if code.startswith(each)), key=len, default=""))
    ]
    return max(found, default=params.default)


def _year(year: SafetyYearFacts, params: SafetyParams, line: Decimal, together: Verdict) -> Verdict:
    if problem := _problem(year):
        return problem
    if _is_small(year, params):
        hours = count_of(int(year.hours or 0), "hour")
        return _at_worst_referred(together).but(
            message=f"{hours} in {year.year} are too few for a separate rate. {together.message}"
        )
    return _against([year], params, line, f"in {year.year}")


def _problem(year: SafetyYearFacts) -> Verdict | None:
    """Why a year gives no rate: a column is missing, or holds what cannot be."""
    counts = (year.deaths, year.days_away, year.restricted, year.other)
    if any(count is None for count in counts) or year.hours is None or year.hours <= 0:
        return refer(
            f"Form 300A for {year.year} is incomplete.", fix="Enter columns G to J and the hours worked."
        )
    if (year.other or 0) < 0:
        return not_met(
            f"In {year.year}, there are more lost-day cases than total cases. The rate of days away can’t be higher "
            "than the rate for all cases.",
            fix="Check the columns.",
        )
    if any((count or 0) < 0 for count in counts):
        return not_met(f"Form 300A for {year.year} has negative case counts.", fix="Check the columns.")
    return None


def _is_small(year: SafetyYearFacts, params: SafetyParams) -> bool:
    return (year.hours or 0) < params.small


def _at_worst_referred(verdict: Verdict) -> Verdict:
    return verdict.but(outcome=Outcome.REFER) if verdict.outcome is Outcome.NOT_MET else verdict


def _together(years: Sequence[SafetyYearFacts], params: SafetyParams, line: Decimal) -> Verdict:
    if problem := next(filter(None, map(_problem, years)), None):
        return problem.but(outcome=Outcome.REFER)
    verdict = _against(years, params, line, f"over {count_of(len(years), 'year')}")
    # Where no year has a rate of its own, the sum has hardly one either.
    return _at_worst_referred(verdict) if all(_is_small(each, params) for each in years) else verdict


def _against(years: Sequence[SafetyYearFacts], params: SafetyParams, line: Decimal, when: str) -> Verdict:
    """Complete years against the industry's rate, which is of nonfatal cases."""
    deaths = sum(each.deaths or 0 for each in years)
    away = sum((each.days_away or 0) + (each.restricted or 0) for each in years)
    cases = away + sum(each.other or 0 for each in years)
    hours = sum((each.hours or Decimal(0) for each in years), Decimal(0))
    rate = total_rate(cases, hours)
    numbers: dict[str, Number] = {
        "trir": total_rate(cases + deaths, hours).quantize(Decimal("0.01")),
        "nonfatal_rate": rate.quantize(Decimal("0.01")),
        "dart": total_rate(away, hours).quantize(Decimal("0.01")),
        "benchmark": line,
    }
    far = cases * HOURS > params.near * line * hours
    shown = percent_against(rate, (params.near if far else params.good) * line, 2).rstrip("%")
    said = f"Your injury rate {when} is {shown} per 100 workers. Industry average: {line}"
    if cases * HOURS <= params.good * line * hours:
        return met(f"{said}.", numbers=numbers)
    fix = "Tell us what you are doing to lower it."
    if not far:
        return refer(f"{said}.", fix=fix, numbers=numbers)
    return not_met(f"{said}. Our limit: {number(params.near * line)}.", fix=fix, numbers=numbers)
