"""Domestic content down to the lowest level of a bill of materials: DC-8."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from portal.kit.compliance import Number, Verdict, met, not_met, refer, rule
from portal.kit.formats import percent, percent_against
from portal.kit.parameters import setting
from rfp.bom.costs import (
    EXACT,
    UNKNOWN,
    US,
    ZERO,
    RollUp,
    percent_of,
    rolled_up,
    standing,
)
from rfp.facts import BomLineFacts, ProposalFacts
from rfp.rules.domestic_content import ADD_BOM, NO_BOM, line_numbers, rounded
from suppliers.reference.countries import ALLIED, COVERED, USMCA

BUCKETS = ("us", "usmca", "allied", "covered", "other", "unknown")


@dataclass(frozen=True, kw_only=True)
class DeepParams:
    """Portal defaults, percent of component cost (points for the gap)."""

    allied: tuple[str, ...] = setting(ALLIED, "Allied countries")
    covered: tuple[str, ...] = setting(COVERED, "Covered countries")
    gap_refer: Decimal = setting(Decimal(20), "Gap to level 1 that triggers a review", unit="points")
    covered_refer: Decimal = setting(
        Decimal(10), "Covered share that triggers a review", unit="%", up_to="covered_limit"
    )
    covered_limit: Decimal = setting(Decimal(25), "Maximum covered share", unit="%")


@rule(
    "DC-8",
    title="Origin of sub-components",
    basis="Portal policy, after 10 U.S.C. 4872 for covered countries",
    params=DeepParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="bom",
    section="bom",
    numbers=(*(f"{bucket}_pct" for bucket in BUCKETS), "gap_points"),
    markable={
        "us_pct": "U.S. share down to raw materials, %",
        "covered_pct": "Share from covered countries, %",
    },
)
def deep_roll_up(facts: ProposalFacts, params: DeepParams, *, on: date) -> Verdict:
    """Based on costs at the lowest level listed: little from covered countries, and no assembly in name only."""
    if not facts.bom:
        return refer(NO_BOM, fix=ADD_BOM)
    rolled = rolled_up(facts)
    if problem := _tree_problem(rolled):
        return not_met(problem, fix="Correct the BOM lines.")
    if rolled.missing:
        return refer(
            f"The cost is missing on {line_numbers(rolled.missing)}.", fix="Fill in the missing costs."
        )
    if rolled.negative or rolled.other_currency or rolled.total <= 0:
        return refer("We can’t add up the BOM costs.", fix="Correct the BOM (see DC-1).")
    return _deep_verdict(rolled, params)


def _tree_problem(rolled: RollUp) -> str:
    if rolled.duplicates:
        return f"A line number is repeated or blank: {line_numbers(rolled.duplicates)}."
    if rolled.orphans:
        return f"The parent line does not exist for {line_numbers(rolled.orphans)}."
    if rolled.cycles:
        return f"Parent lines form a loop: {line_numbers(rolled.cycles)}."
    if rolled.overfull:
        return f"Parts cost over 2% more than their assembly: {line_numbers(rolled.overfull)}."
    return ""


def deep_shares(rolled: RollUp, params: DeepParams) -> dict[str, Decimal]:
    """Percent of component cost by bucket, us, usmca, allied, covered, other, unknown; 100 in all."""
    sums = dict.fromkeys(BUCKETS, ZERO)
    with localcontext(EXACT):
        for number, cost in rolled.own.items():
            sums[_bucket(rolled.lines[number], params)] += cost
        total = sum(sums.values(), ZERO)
    return {bucket: percent_of(cost, total) for bucket, cost in sums.items()}


def _bucket(line: BomLineFacts, params: DeepParams) -> str:
    where = standing(line)
    if where == US:
        return "us"
    if where == UNKNOWN or not line.origin:
        return "unknown"
    for bucket, countries in (("usmca", USMCA), ("covered", params.covered), ("allied", params.allied)):
        if line.origin in countries:
            return bucket
    return "other"


def _deep_verdict(rolled: RollUp, params: DeepParams) -> Verdict:
    shares = deep_shares(rolled, params)
    with localcontext(EXACT):
        gap = percent_of(rolled.us, rolled.total) - shares["us"]
        covered_at_most = shares["covered"] + shares["unknown"]
    covered = shares["covered"]
    numbers: dict[str, Number] = {f"{bucket}_pct": rounded(value) for bucket, value in shares.items()}
    numbers["gap_points"] = rounded(gap)
    covered_said = percent_against(covered, params.covered_limit)
    said = (
        f"Including sub-components, {percent(shares['us'])} is U.S. made "
        f"and {covered_said} comes from China, Russia, Iran or North Korea."
    )
    if covered >= params.covered_limit:
        return not_met(
            f"{said} The limit is {percent(params.covered_limit, None)}.",
            fix="Re-source parts from these countries.",
            numbers=numbers,
        )
    if gap > params.gap_refer:
        return refer(
            f"{said} That is {percent_against(gap, params.gap_refer).rstrip('%')} points below the share of "
            f"the assemblies. Over {params.gap_refer} points, a person reviews it.",
            fix="Explain what you do to the assemblies in the U.S.",
            numbers=numbers,
        )
    if covered > params.covered_refer:
        return refer(
            f"{said} Over {percent(params.covered_refer, None)}, a person reviews it.",
            fix="Re-source parts from these countries.",
            numbers=numbers,
        )
    if covered_at_most >= params.covered_limit:
        return refer(
            f"{said} {percent(shares['unknown'])} is of unknown origin, too much for us to decide.",
            fix="Enter the missing origins.",
            numbers=numbers,
        )
    return met(said, numbers=numbers)
