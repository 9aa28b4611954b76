"""Domestic content of a bill of materials: DC-1, DC-2, DC-8.

Sealing: amounts in dollars stand in DC-1's part "amounts" only, whose envelope is price. Every other text
and number here is a percent, a line number, a part's name or a country, so two bills that differ in the
scale of their costs read the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from portal.kit.compliance import Effect, Envelope, Number, Verdict, met, not_met, refer, rule
from portal.kit.formats import count_of, listed, money, percent, percent_against
from portal.kit.parameters import setting
from rfp.bom.costs import (
    EXACT,
    UNKNOWN,
    ZERO,
    Component,
    RollUp,
    exceeds,
    percent_of,
    rolled_up,
)
from rfp.facts import BomLineFacts, ProposalFacts

NO_BOM = "There is no bill of materials, so we can’t calculate this."
ADD_BOM = "Add the bill of materials."
# Marks are computed from these figures, so they keep 12 places; pages and messages round.
PLACES = Decimal("1E-12")


@dataclass(frozen=True, kw_only=True)
class Step:
    """From deliveries in this year on, the share must exceed `percent`."""

    year: int
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class ComponentTestParams:
    """Thresholds by delivery year, earliest first (FAR 25.101)."""

    steps: tuple[Step, ...] = setting(
        (
            Step(year=0, percent=Decimal(60)),
            Step(year=2024, percent=Decimal(65)),
            Step(year=2029, percent=Decimal(75)),
        ),
        "Minimum U.S. share, % by first delivery year (must be above)",
        basis="FAR 25.101(a)(2)(i)",
    )

    def threshold(self, year: int) -> Decimal:
        """The percent that deliveries of that year must exceed."""
        return [step.percent for step in sorted(self.steps, key=lambda s: s.year) if step.year <= year][-1]


def rounded(value: Decimal) -> Decimal:
    with localcontext(EXACT):
        return value.quantize(PLACES, rounding=ROUND_HALF_EVEN)


def line_numbers(numbers: Sequence[str]) -> str:
    """ "line 7", "lines 3, 4 and 9", at most eight of them."""
    shown = list(numbers[:8])
    if len(numbers) > 8:
        return f"lines {', '.join(shown)} and {len(numbers) - 8} more"
    if len(shown) == 1:
        return f"line {shown[0]}"
    return f"lines {listed(shown)}"


@rule(
    "DC-1",
    title="Cost of each BOM line",
    basis="FAR 25.003, cost of components; 2 CFR 184.5",
    answered_in="bom",
    section="bom",
    numbers=("lines", "total", "us", "foreign", "unknown"),
)
def line_valuation(facts: ProposalFacts, params: object, *, on: date) -> Sequence[Verdict]:
    """All lines have a cost: bought parts with freight and duty, made parts without profit."""
    if not facts.bom:
        return [refer(NO_BOM, fix=ADD_BOM)]
    rolled = rolled_up(facts)
    verdicts = [_valuation_verdict(rolled)]
    if rolled.total > 0 and not rolled.missing_at_level_1 and not rolled.other_currency:
        verdicts.append(_amounts(rolled))
    return verdicts


def _valuation_verdict(rolled: RollUp) -> Verdict:
    if rolled.negative:
        return not_met(
            f"A cost or quantity is negative on {line_numbers(rolled.negative)}.", fix="Correct the BOM."
        )
    doubts = [
        (rolled.missing, "a cost or the quantity is missing", "Fill in the missing costs."),
        (rolled.other_currency, "the currency is not U.S. dollars", "Enter all costs in U.S. dollars."),
        (rolled.with_profit, "we removed profit from the cost of made parts", ""),
        (
            rolled.without_freight_or_duty,
            "freight or duty is blank on a part that is not U.S. made",
            "Enter freight and duty. Enter 0 if none.",
        ),
        (
            rolled.in_doubt,
            "the origin and “made in the U.S.” do not match",
            "Mark U.S.-origin parts as made in the U.S., or correct the origin.",
        ),
    ]
    said = [f"{words} ({line_numbers(numbers)})" for numbers, words, _ in doubts if numbers]
    if said:
        text = "; ".join(said)
        return refer(
            text[0].upper() + text[1:] + ".",
            fix=" ".join(fix for numbers, _, fix in doubts if numbers and fix),
        )
    return met(
        f"All {count_of(len(rolled.lines), 'line')} have a cost.", numbers={"lines": len(rolled.lines)}
    )


def _amounts(rolled: RollUp) -> Verdict:
    return met(
        f"Component cost {money(rolled.total)} per unit: {money(rolled.us)} U.S., "
        f"{money(rolled.foreign)} foreign, "
        f"{money(rolled.unknown)} of unknown origin.",
        part="amounts",
        numbers={
            "total": rolled.total,
            "us": rolled.us,
            "foreign": rolled.foreign,
            "unknown": rolled.unknown,
        },
    ).but(title="Component cost", envelope=Envelope.PRICE)


@rule(
    "DC-2",
    title="Domestic share of component cost",
    basis="FAR 25.101(a)(2)(i)",
    params=ComponentTestParams,
    answered_in="bom",
    section="bom",
    numbers=("lo_pct", "hi_pct", "threshold_pct"),
    markable={"lo_pct": "Domestic share of component cost, low end of range, %"},
)
def component_test(facts: ProposalFacts, params: ComponentTestParams, *, on: date) -> Sequence[Verdict]:
    """Made in the U.S., with more than 65% of component cost U.S. made (75% for deliveries from 2029 on).

    Only level-1 lines count. Unknown origins make the share a range.
    """
    return [_manufacture(facts), *_shares(facts, params)]


def _manufacture(facts: ProposalFacts) -> Verdict:
    """The product itself is made in the U.S.: a step that changes it is done there."""
    verdict = _manufacture_verdict(facts)
    return verdict.but(part="manufacture", title="Manufactured in the U.S.", effect=Effect.KNOCKOUT)


def _manufacture_verdict(facts: ProposalFacts) -> Verdict:
    site = facts.final_manufacture_site
    fix = "List at least one step at a U.S. site that transforms the product."
    if site is not None and site.country != "US":
        return not_met(
            f"Final manufacture is in {site.country or 'an unnamed country'}, not in the U.S.", fix=fix
        )
    if not facts.process_steps or site is None:
        return refer("The final manufacturing site or the manufacturing steps are missing.", fix=fix)
    domestic = [step.name for step in facts.process_steps if step.is_transforming and step.country == "US"]
    if not domestic:
        return not_met("No step that transforms the product is in the U.S.", fix=fix)
    return met(f"Done in the U.S.: {', '.join(domestic)}.")


def _shares(facts: ProposalFacts, params: ComponentTestParams) -> Sequence[Verdict]:
    if not facts.bom:
        return [refer(NO_BOM, fix=ADD_BOM)]
    years = facts.years
    if not years:
        return [
            refer("The delivery plan is empty, so no threshold applies.", fix="Fill in the delivery plan.")
        ]
    rolled = rolled_up(facts)
    return [_year_verdict(rolled, year, params.threshold(year)).but(part=str(year)) for year in years]


def _year_verdict(rolled: RollUp, year: int, threshold: Decimal) -> Verdict:
    if doubt := _cannot_tell(rolled):
        return doubt
    low = percent_of(rolled.us, rolled.total)
    with localcontext(EXACT):
        us_or_unknown = rolled.us + rolled.unknown
    high = percent_of(us_or_unknown, rolled.total)
    numbers: dict[str, Number] = {
        "lo_pct": rounded(low),
        "hi_pct": rounded(high),
        "threshold_pct": threshold,
    }
    said = f"{_range(low, high, threshold)} Deliveries in {year} need more than {percent(threshold, None)}."
    loose = _blank_and_not_domestic(rolled)
    if exceeds(rolled.us, rolled.total, threshold):
        if loose:
            return refer(
                f"{said} Freight or duty is blank on {line_numbers(loose)}, so the true share may be lower.",
                fix="Enter freight and duty. Enter 0 if none.",
                numbers=numbers,
            )
        return met(said, numbers=numbers)
    said = f"{said} {_largest(rolled)}"
    if exceeds(us_or_unknown, rolled.total, threshold):
        return refer(said, fix=_state_origins(rolled), numbers=numbers)
    return not_met(said, fix=_what_to_resource(rolled, threshold), numbers=numbers)


def _cannot_tell(rolled: RollUp) -> Verdict | None:
    if not rolled.is_a_tree:
        return refer("The BOM lines do not form a tree.", fix="Correct the parent lines (see DC-8).")
    if rolled.negative:
        return refer("A cost or quantity is negative.", fix="Correct the BOM (see DC-1).")
    if rolled.other_currency:
        return refer("Some costs are not in U.S. dollars.", fix="Enter all costs in U.S. dollars.")
    if missing := rolled.missing_at_level_1:
        known = f" Over the other lines: {_whole_range(rolled)}" if rolled.total > 0 else ""
        return refer(
            f"The cost is missing on {line_numbers(missing)}.{known}", fix="Fill in the missing costs."
        )
    if rolled.total <= 0:
        return refer("Component costs add up to zero.", fix="Fill in the costs.")
    return None


def _whole_range(rolled: RollUp) -> str:
    with localcontext(EXACT):
        us_or_unknown = rolled.us + rolled.unknown
    lowest, highest = (percent(percent_of(part, rolled.total)) for part in (rolled.us, us_or_unknown))
    return f"{lowest} domestic." if lowest == highest else f"between {lowest} and {highest} domestic."


def _blank_and_not_domestic(rolled: RollUp) -> tuple[str, ...]:
    level_1 = {component.line.line_no for component in rolled.components}
    return tuple(number for number in rolled.without_freight_or_duty if number in level_1)


def _range(low: Decimal, high: Decimal, threshold: Decimal) -> str:
    lowest, highest = percent_against(low, threshold), percent_against(high, threshold)
    if low == high:
        return f"The BOM is {lowest} domestic."
    return f"The BOM is between {lowest} and {highest} domestic, because some origins are unknown."


def _name(line: BomLineFacts) -> str:
    return f"{line.part or line.mpn or 'unnamed part'} (line {line.line_no})"


def _by_cost(rolled: RollUp, *standings: str) -> list[Component]:
    """Components of these standings, dearest first; equal costs keep the order of the BOM."""
    chosen = [c for c in rolled.components if c.standing in standings and c.value]
    return sorted(chosen, key=lambda c: -(c.value or ZERO))


def _share(component: Component, rolled: RollUp) -> str:
    return percent(percent_of(component.value or ZERO, rolled.total))


def _largest(rolled: RollUp) -> str:
    parts = [
        f"{_name(c.line)}, {c.line.origin or 'unknown origin'}, {_share(c, rolled)}"
        for c in _by_cost(rolled, "foreign", UNKNOWN)[:3]
    ]
    return f"Largest lines not made in the U.S.: {'; '.join(parts)}."


def _state_origins(rolled: RollUp) -> str:
    unknown = [c.line.line_no for c in _by_cost(rolled, UNKNOWN)]
    return f"Enter the origin of {line_numbers(unknown)}."


def _what_to_resource(rolled: RollUp, threshold: Decimal) -> str:
    """The fewest lines that, made in the U.S. at the same cost, lift the share over the line."""
    reached = rolled.us
    chosen: list[Component] = []
    for component in _by_cost(rolled, "foreign", UNKNOWN):
        chosen.append(component)
        with localcontext(EXACT):
            reached += component.value or ZERO
        if exceeds(reached, rolled.total, threshold):
            break
    share = percent_against(percent_of(reached, rolled.total), threshold)
    names = _name(chosen[0].line) if len(chosen) == 1 else line_numbers([c.line.line_no for c in chosen])
    return f"Re-source {names} in the U.S. to reach {share}."
