"""Work injuries from OSHA Form 300A: the rates of recordable cases, against the industry's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.compliance import Number, Outcome, Verdict, met, not_met, refer, rule
from portal.formats import number
from suppliers.facts import SafetyYearFacts, SupplierFacts

# A hundred full-time people for a year: 100 x 40 hours x 50 weeks.
HOURS = Decimal(200_000)


@dataclass(frozen=True, kw_only=True)
class SafetyParams:
    """`benchmarks` are lines of "NAICS prefix: nonfatal recordable cases for 100 full-time people a year"; the
    longest prefix counts. The values are samples, to be replaced by the Bureau of Labor Statistics' table of
    the year. Up to `good` times the benchmark is met, up to `near` a person looks. Below `small` hours the
    three years count together.
    """

    benchmarks: tuple[str, ...] = ("31: 2.6", "32: 2.6", "33: 2.6")
    default: Decimal = Decimal("2.6")
    good: Decimal = Decimal(1)
    near: Decimal = Decimal("1.5")
    small: int = 100_000


def total_rate(cases: int, hours: Decimal) -> Decimal:
    """Cases for 100 full-time people a year: cases x 200,000 / hours worked (29 CFR 1904)."""
    return cases * HOURS / hours


@rule(
    "WS-1",
    title="Work injuries (Form 300A)",
    basis="29 CFR 1904; BLS Survey of Occupational Injuries and Illnesses",
    params=SafetyParams,
    legal_effect="Advice: a design default without legal authority.",
)
def injuries(facts: SupplierFacts, params: SafetyParams, *, on: date) -> Sequence[Verdict]:
    """The rate of recordable cases is at most that of the industry, each year and over three years."""
    years = sorted(facts.safety, key=lambda year: year.year, reverse=True)[:3]
    if not years:
        return [refer("No Form 300A is given.", fix="Enter the last three years.")]
    line = benchmark(facts.naics, params)
    verdicts = [_year(each, params, line).but(part=str(each.year)) for each in years]
    verdicts.append(_together(years, params, line))
    deaths = sum(each.deaths or 0 for each in years)
    if deaths:
        verdicts.append(
            refer(
                f"{deaths} deaths in {len(years)} years (column G).",
                part="deaths",
                fix="Tell what was changed since.",
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


def _year(year: SafetyYearFacts, params: SafetyParams, line: Decimal) -> Verdict:
    counts = (year.days_away, year.restricted, year.other)
    given = [count for count in counts if count is not None]
    if len(given) < 3 or year.deaths is None or not year.hours or year.hours <= 0:
        return refer(
            f"Form 300A for {year.year} is incomplete.", fix="Enter columns G to J and the hours worked."
        )
    if year.hours < params.small:
        return refer(
            f"{number(year.hours)} hours in {year.year} are too few for a rate of their own; the three years count.",
        )
    return _against(sum(given), given[0] + given[1], year.deaths, year.hours, params, line, f"in {year.year}")


def _together(years: Sequence[SafetyYearFacts], params: SafetyParams, line: Decimal) -> Verdict:
    part = "three years"
    hours = sum((each.hours or Decimal(0) for each in years), Decimal(0))
    if hours <= 0:
        return refer("No hours worked are given.", part=part, fix="Enter the hours worked.")
    away = sum((each.days_away or 0) + (each.restricted or 0) for each in years)
    cases = away + sum(each.other or 0 for each in years)
    deaths = sum(each.deaths or 0 for each in years)
    verdict = _against(cases, away, deaths, hours, params, line, f"over {len(years)} years")
    if hours < params.small and verdict.outcome is Outcome.NOT_MET:
        # A single case decides there; a person looks.
        verdict = verdict.but(outcome=Outcome.REFER)
    return verdict.but(part=part)


def _against(
    cases: int, away: int, deaths: int, hours: Decimal, params: SafetyParams, line: Decimal, when: str
) -> Verdict:
    """`cases` are nonfatal: the benchmark's rates are."""
    rate = total_rate(cases, hours)
    numbers: dict[str, Number] = {
        "trir": total_rate(cases + deaths, hours).quantize(Decimal("0.01")),
        "nonfatal_rate": rate.quantize(Decimal("0.01")),
        "dart": total_rate(away, hours).quantize(Decimal("0.01")),
        "benchmark": line,
    }
    said = f"{number(rate, 2)} recordable cases for 100 full-time people {when}; the industry has {line}."
    if away > cases:
        return not_met(
            f"More cases with lost days than cases at all {when}.", fix="Check the columns.", numbers=numbers
        )
    if rate <= params.good * line:
        return met(said, numbers=numbers)
    fix = "Tell what you do to lower it."
    if rate <= params.near * line:
        return refer(said, fix=fix, numbers=numbers)
    return not_met(said, fix=fix, numbers=numbers)
