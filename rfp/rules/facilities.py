"""The factory: is it in the United States, and can it make what is offered?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from portal.kit.compliance import Effect, Number, Verdict, met, not_applicable, not_met, refer, rule
from portal.kit.formats import count_of, day, number, percent, percent_against
from portal.kit.parameters import setting
from rfp.facts import CapacityFacts, ProcessStepFacts, ProposalFacts
from suppliers.facts import SiteFacts
from suppliers.rules.sites import SiteParams, address_verdict

MADE_FROM = (
    "lines",
    "shifts",
    "hours_per_shift",
    "days_per_year",
    "cycle_seconds",
    "availability",
    "yield_rate",
    "committed_per_year",
    "offered_per_year",
)


@dataclass(frozen=True, kw_only=True)
class CapacityParams:
    """Percent of the capacity calculated from the capacity sheet."""

    comfortable: Decimal = setting(Decimal(85), "Comfortable capacity use", unit="%", up_to="full")
    full: Decimal = setting(Decimal(100), "Full capacity use", unit="%")
    nameplate: Decimal = setting(Decimal(110), "Maximum stated vs. computed capacity", unit="%")


@rule(
    "FA-1",
    title="Final manufacturing in the U.S.",
    basis="RFP: U.S. production; USPS ZIP codes",
    effect=Effect.KNOCKOUT,
    params=SiteParams,
    answered_in="making",
    section="making",
)
def site_in_the_united_states(facts: ProposalFacts, params: SiteParams, *, on: date) -> Verdict:
    """Final manufacturing is at a U.S. street address with a ZIP code in its state."""
    site = facts.final_manufacture_site
    if site is None:
        return refer("No final manufacturing site selected.", fix="Choose one of your sites.")
    return address_verdict(site, params)


def yearly_capacity(capacity: CapacityFacts) -> Decimal | None:
    """Good units a year, or None when an input is missing or a cycle takes no time.

    lines x shifts x hours x days x 3600 / cycle seconds x availability x yield.
    """
    given: list[Decimal | None] = [getattr(capacity, name) for name in MADE_FROM[:7]]
    needed = [value for value in given if value is not None]
    if len(needed) < len(given) or not capacity.cycle_seconds:
        return None
    lines, shifts, hours, days, cycle, availability, good = needed
    return lines * shifts * hours * days * 3600 * availability * good / cycle


@rule(
    "FA-3",
    title="Capacity for the offer",
    basis="Portal policy",
    params=CapacityParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="making",
    section="capacity",
    numbers=("capacity", "utilization_pct", "promised", "nameplate_pct"),
    markable={"utilization_pct": "Capacity used with this offer, %"},
)
def capacity_for_the_offer(facts: ProposalFacts, params: CapacityParams, *, on: date) -> Sequence[Verdict]:
    """Committed and offered units stay within 85% of the capacity calculated from the capacity sheet."""
    sheet = facts.capacity
    blank = [name for name in MADE_FROM if sheet is None or getattr(sheet, name) is None]
    computed = None if sheet is None or blank else yearly_capacity(sheet)
    if sheet is None or not computed or computed <= 0:
        words = ", ".join(name.replace("_", " ") for name in blank)
        return [
            refer(
                f"The capacity sheet is incomplete: {words}." if blank else "The capacity sheet is empty.",
                fix="Fill in the capacity sheet.",
            )
        ]
    if problem := _impossible(sheet):
        return [refer(problem, fix="Correct the capacity sheet.")]
    verdicts = [_utilization(sheet, computed, params)]
    if sheet.nameplate_per_year is not None:
        verdicts.append(_nameplate(sheet.nameplate_per_year, computed, params))
    return verdicts


def _impossible(sheet: CapacityFacts) -> str:
    """What on the sheet cannot be, in words; blank when nothing."""
    for name in MADE_FROM:
        value = getattr(sheet, name)
        words = name.replace("_", " ").replace("yield rate", "yield").capitalize()
        if value is not None and value < 0:
            return f"{words} is {number(value)}, which is negative."
        if value is not None and value > 1 and name in ("availability", "yield_rate"):
            return f"{words} is {number(value)}, more than 1. Enter a fraction, for example 0.75 for 75%."
    return ""


def _utilization(sheet: CapacityFacts, computed: Decimal, params: CapacityParams) -> Verdict:
    promised = (sheet.committed_per_year or 0) + (sheet.offered_per_year or 0)
    used = 100 * promised / computed
    line = params.comfortable if used <= params.full else params.full
    numbers: dict[str, Number] = {
        "capacity": computed.quantize(Decimal("0.1")),
        # A capacity next to nothing makes this long; it is still a figure.
        "utilization_pct": used.quantize(Decimal("1E-12"), context=Context(prec=80)),
        "promised": promised,
    }
    said = (
        f"{number(promised)} units per year are committed or offered, {percent_against(used, line)} of the "
        f"{number(computed, 0)} units of capacity"
    )
    if promised * 100 <= params.comfortable * computed:
        return met(f"{said}. Up to {percent(params.comfortable, None)} is comfortable.", numbers=numbers)
    if promised * 100 <= params.full * computed:
        return refer(
            f"{said}. Over {percent(params.comfortable, None)}, a person reviews it.",
            fix="Show how you would add a shift or line, or offer less.",
            numbers=numbers,
        )
    return not_met(f"{said}.", fix="Add a shift or line, or offer less.", numbers=numbers)


def _nameplate(nameplate: Decimal, computed: Decimal, params: CapacityParams) -> Verdict:
    stated = 100 * nameplate / computed
    said = f"The stated capacity is {percent_against(stated, params.nameplate)} of the calculated capacity"
    numbers = {"nameplate_pct": stated.quantize(Decimal("0.01"))}
    if 100 * nameplate > params.nameplate * computed:
        verdict = refer(
            f"{said}. Over {percent(params.nameplate, None)}, a person reviews it.",
            fix="Correct the stated capacity or the sheet.",
            numbers=numbers,
        )
    else:
        verdict = met(f"{said}.", numbers=numbers)
    return verdict.but(part="nameplate", title="Stated capacity")


@dataclass(frozen=True, kw_only=True)
class ManufactureParams:
    """Percent of conversion cost spent in the United States."""

    enough: Decimal = setting(Decimal(50), "Share of conversion cost that meets the rule", unit="%")
    near: Decimal = setting(
        Decimal(25), "Share of conversion cost that triggers a review", unit="%", up_to="enough"
    )


@rule(
    "FA-2",
    title="Substantial U.S. manufacture",
    basis="RFP: U.S. production",
    params=ManufactureParams,
    answered_in="making",
    section="making",
    numbers=("us_conversion_pct",),
)
def substantial_manufacture(
    facts: ProposalFacts, params: ManufactureParams, *, on: date
) -> Sequence[Verdict]:
    """A step that transforms the product is in the U.S., along with half of the conversion cost. A planned site has
    its land, permits, power and date.
    """
    verdicts = [
        _transforming(facts).but(part="steps", title="A step in the U.S.", effect=Effect.KNOCKOUT),
        _conversion(facts, params),
    ]
    planned = [site for site in _step_sites(facts) if site.status == "planned"]
    verdicts += [
        _planned(site).but(part=site.key, title=f"Planned site: {site.name or site.city}"[:120])
        for site in planned
    ]
    return verdicts


def _in_us(facts: ProposalFacts, step: ProcessStepFacts) -> bool:
    site = facts.supplier.site(step.site) if step.site else None
    return site.country == "US" if site else step.country == "US"


def _step_sites(facts: ProposalFacts) -> list[SiteFacts]:
    """The sites of the steps and of final manufacture, each once."""
    keys = dict.fromkeys([facts.final_site, *(step.site for step in facts.process_steps)])
    return [site for key in keys if key and (site := facts.supplier.site(key))]


def _transforming(facts: ProposalFacts) -> Verdict:
    if not facts.process_steps:
        return refer("No manufacturing steps listed.", fix="Enter each step with its location and cost.")
    done = [step.name for step in facts.process_steps if step.is_transforming and _in_us(facts, step)]
    if not done:
        return not_met(
            "No step that transforms the product is in the U.S.", fix="List one, or move one to the U.S."
        )
    return met(f"Done in the U.S.: {', '.join(done)}.")


def _conversion(facts: ProposalFacts, params: ManufactureParams) -> Verdict:
    """The share only: the amounts are as sealed as the price."""
    costs = [(step, step.conversion_cost) for step in facts.process_steps]
    given = [(step, cost) for step, cost in costs if cost is not None]
    total = sum((cost for _, cost in given), Decimal(0))
    fix = "Enter the cost of each step."
    if not given or len(given) < len(costs):
        return refer("The conversion cost of a step is missing.", fix=fix)
    if any(cost < 0 for _, cost in given):
        return refer("The conversion cost of a step is negative.", fix=fix)
    if total == 0:
        return refer("The conversion costs add up to zero.", fix=fix)
    here = sum((cost for step, cost in given if _in_us(facts, step)), Decimal(0))
    share = 100 * here / total
    line = params.enough if share >= params.near else params.near
    said = f"{percent_against(share, line)} of conversion cost is in the U.S."
    numbers = {"us_conversion_pct": share.quantize(Decimal("1E-12"))}
    if 100 * here >= params.enough * total:
        return met(said, numbers=numbers)
    fix = "Move steps to a U.S. site."
    if 100 * here >= params.near * total:
        return refer(f"{said} {percent(params.enough, None)} meets the rule.", fix=fix, numbers=numbers)
    return not_met(f"{said} {percent(params.near, None)} is the minimum.", fix=fix, numbers=numbers)


def _planned(site: SiteFacts) -> Verdict:
    missing = [
        words
        for words, there in (
            ("the start date", site.start_date is not None),
            ("control of the land", bool(site.land_control)),
            ("the permits", bool(site.permits_in_hand)),
            ("the power in MW", bool(site.power_mw)),
        )
        if not there
    ]
    if missing:
        return refer(
            f"The planned site is missing {', '.join(missing)}.", fix="Complete the site in your profile."
        )
    return met("The planned site has its date, land, permits and power.")


@dataclass(frozen=True, kw_only=True)
class RampParams:
    """A person reviews a shortfall of up to this percent of cumulative demand if the next period makes up for it."""

    slack: Decimal = setting(Decimal(5), "Shortfall that triggers a review", unit="% of cumulative demand")


@rule(
    "FA-4",
    title="Ramp",
    basis="Portal policy",
    params=RampParams,
    legal_effect="Guideline: a portal default with no legal authority.",
    answered_in="making",
    section="capacity",
    numbers=None,
)
def ramp(facts: ProposalFacts, params: RampParams, *, on: date) -> Verdict:
    """Stock and capacity meet demand in every period of the ramp."""
    if not facts.ramp:
        if not any(response.requirement.answered_by == "ramp" for response in facts.responses):
            return not_applicable("The RFP does not require a ramp.")
        return refer("No ramp plan.", fix="Enter demand and capacity for each period.")
    if any(period.demand is None or period.capacity is None for period in facts.ramp):
        return refer("A ramp period is missing its demand or capacity.", fix="Complete the ramp plan.")
    gap, wanted = facts.opening_stock or Decimal(0), Decimal(0)
    gaps, allowed = [], []
    for period in facts.ramp:
        assert period.demand is not None and period.capacity is not None
        gap += period.capacity - period.demand
        wanted += period.demand
        gaps.append(gap)
        allowed.append(params.slack * wanted / 100)
    return _ramp_verdict(facts, gaps, allowed)


def _ramp_verdict(facts: ProposalFacts, gaps: Sequence[Decimal], allowed: Sequence[Decimal]) -> Verdict:
    short = [index for index, gap in enumerate(gaps) if gap < 0]
    numbers = {facts.ramp[index].period or str(index): gap for index, gap in enumerate(gaps)}
    if not short:
        return met("Stock and capacity meet demand in every period.", numbers=numbers)
    worst = min(short, key=lambda index: gaps[index])
    when = facts.ramp[worst].period or f"period {worst + 1}"
    said = f"You are {number(-gaps[worst])} units short in {when}."
    recovered = all(
        -gaps[index] <= allowed[index] and index + 1 < len(gaps) and gaps[index + 1] >= 0 for index in short
    )
    fix = "Start earlier, build stock, or offer less at first."
    if recovered:
        return refer(f"{said} The next period makes up for it.", fix=fix, numbers=numbers)
    return not_met(said, fix=fix, numbers=numbers)


@dataclass(frozen=True, kw_only=True)
class LeadTimeParams:
    """A person reviews a lead time of up to this percent of the maximum."""

    near: Decimal = setting(Decimal(110), "Lead time that triggers a review", unit="% of the maximum")


@rule(
    "FA-5",
    title="Lead time and start of production",
    basis="RFP: delivery",
    params=LeadTimeParams,
    answered_in="making",
    section="capacity",
    numbers=("lead_days", "limit"),
)
def lead_time(facts: ProposalFacts, params: LeadTimeParams, *, on: date) -> Sequence[Verdict]:
    """The lead time and start of production meet the RFP, and the first article comes before production."""
    return [
        _lead_verdict(facts, params),
        _start_verdict(facts).but(part="start", title="Start of production"),
        _first_article(facts).but(part="first article", title="First article"),
    ]


def _lead_verdict(facts: ProposalFacts, params: LeadTimeParams) -> Verdict:
    days, longest = facts.lead_time_days, facts.lead_time_days_max
    if longest is None:
        return not_applicable("The RFP does not limit lead time.")
    if days is None:
        return refer("The lead time is missing.", fix="Enter it in days.")
    said = f"The lead time is {count_of(days, 'day')}. The maximum is {count_of(longest, 'day')}."
    numbers: dict[str, Number] = {"lead_days": days, "limit": longest}
    if days <= longest:
        return met(said, numbers=numbers)
    fix = "Shorten it, or deliver the first units from stock."
    if 100 * days <= params.near * longest:
        return refer(said, fix=fix, numbers=numbers)
    return not_met(said, fix=fix, numbers=numbers)


def _start_verdict(facts: ProposalFacts) -> Verdict:
    asked = [
        response.requirement.maximum
        for response in facts.responses
        if response.requirement.answered_by == "start_of_production" and response.requirement.maximum
    ]
    if not asked:
        return not_applicable("The RFP does not limit the start of production.")
    latest = min(date.fromisoformat(text) for text in asked)
    start = facts.start_of_production
    if start is None:
        return refer("The start of production is missing.", fix="Enter it.")
    if start <= latest:
        return met(f"Production starts on {day(start)}. The latest allowed is {day(latest)}.")
    return not_met(
        f"Production starts on {day(start)}. The latest allowed is {day(latest)}.", fix="Start earlier."
    )


def _first_article(facts: ProposalFacts) -> Verdict:
    first, start = facts.first_article, facts.start_of_production
    if first is None:
        return not_applicable("No first article date.")
    if start is None:
        return refer("The start of production is missing.", fix="Enter it.")
    if first < start:
        return met(f"The first article is due on {day(first)}, before production starts.")
    return not_met(
        f"The first article is due on {day(first)}, not before production starts on {day(start)}.",
        fix="Correct the dates.",
    )
