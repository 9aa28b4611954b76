"""The factory: is it in the United States, and can it make what is offered?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.compliance import Effect, Number, Verdict, met, not_met, refer, rule
from portal.formats import number, percent, percent_against
from rfp.facts import CapacityFacts, ProposalFacts
from suppliers.facts import SiteFacts
from suppliers.reference.places import STATES, TERRITORIES, zip_area

ZIP = re.compile(r"(\d{5})(-\d{4})?", re.ASCII)
PO_BOX = re.compile(r"\b(p\s*\.?\s*o\s*\.?|post\s+office)\s*box\b", re.IGNORECASE)
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
class SiteParams:
    """Whether Puerto Rico, Guam, the U.S. Virgin Islands, American Samoa and the Northern Marianas count."""

    territories: bool = True

    @property
    def states(self) -> tuple[str, ...]:
        return STATES + TERRITORIES if self.territories else STATES


@dataclass(frozen=True, kw_only=True)
class CapacityParams:
    """Percent of computed capacity; `nameplate` is the stated capacity in percent of the computed one."""

    comfortable: Decimal = Decimal(85)
    full: Decimal = Decimal(100)
    nameplate: Decimal = Decimal(110)


@rule(
    "FA-1",
    title="Final manufacture in the U.S.",
    basis="RFP: U.S. production; USPS ZIP codes",
    effect=Effect.KNOCKOUT,
    params=SiteParams,
)
def site_in_the_united_states(facts: ProposalFacts, params: SiteParams, *, on: date) -> Verdict:
    """Final manufacture happens at a U.S. street address whose ZIP code belongs to its state."""
    site = facts.final_manufacture_site
    if site is None:
        return refer("No site of final manufacture is chosen.", fix="Choose one of your sites.")
    if site.country != "US":
        return not_met(
            f"The site is in {site.country or 'an unnamed country'}, not in the U.S.",
            fix="Choose a U.S. site.",
        )
    if PO_BOX.search(site.street):
        return not_met("The address is a post office box.", fix="Give the street address of the factory.")
    return _zip_verdict(site, params)


def _zip_verdict(site: SiteFacts, params: SiteParams) -> Verdict:
    shape = ZIP.fullmatch(site.zip)
    if shape is None:
        return not_met(
            f"“{site.zip}” is not a ZIP code." if site.zip else "The ZIP code is missing.",
            fix="Give five digits, or five and four.",
        )
    area = zip_area(shape[1])
    if area is None:
        return refer(
            f"ZIP code {shape[1]} is not in the table; a person will look.", fix="Check the ZIP code."
        )
    if area.kind == "MILITARY":
        return not_met(
            f"ZIP code {shape[1]} is a military mail address.", fix="Give the factory's own address."
        )
    if area.state != site.state:
        return not_met(
            f"ZIP code {shape[1]} belongs to {area.state}, not {site.state or 'a blank state'}.",
            fix="Correct the ZIP code or the state.",
        )
    if site.state not in params.states:
        return not_met(
            f"{site.state} does not count as the U.S. in this RFP.", fix="Choose a site in a state."
        )
    if area.kind == "PO BOX":
        return refer(
            f"ZIP code {shape[1]} serves post office boxes only.", fix="Give the street's own ZIP code."
        )
    return met(f"{site.city}, {site.state} {site.zip}")


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
    legal_effect="Advice: a design default without legal authority.",
)
def capacity_for_the_offer(facts: ProposalFacts, params: CapacityParams, *, on: date) -> Sequence[Verdict]:
    """What is promised and offered stays within 85% of the capacity computed from the capacity sheet."""
    sheet = facts.capacity
    blank = [name for name in MADE_FROM if sheet is None or getattr(sheet, name) is None]
    computed = None if sheet is None or blank else yearly_capacity(sheet)
    if sheet is None or not computed or computed <= 0:
        words = ", ".join(name.replace("_", " ") for name in blank)
        return [
            refer(
                f"The capacity sheet is incomplete: {words}." if blank else "The capacity sheet gives none.",
                fix="Fill in the capacity sheet.",
            )
        ]
    verdicts = [_utilization(sheet, computed, params)]
    if sheet.nameplate_per_year is not None:
        verdicts.append(_nameplate(sheet.nameplate_per_year, computed, params))
    return verdicts


def _utilization(sheet: CapacityFacts, computed: Decimal, params: CapacityParams) -> Verdict:
    promised = (sheet.committed_per_year or 0) + (sheet.offered_per_year or 0)
    used = 100 * promised / computed
    line = params.comfortable if used <= params.full else params.full
    numbers: dict[str, Number] = {
        "capacity": computed.quantize(Decimal("0.1")),
        "utilization_pct": used.quantize(Decimal("1E-12")),
        "promised": promised,
    }
    said = (
        f"{number(promised)} units a year are promised or offered, {percent_against(used, line)} of the "
        f"{number(computed, 0)} that can be made"
    )
    if promised * 100 <= params.comfortable * computed:
        return met(f"{said}; up to {percent(params.comfortable, None)} is comfortable.", numbers=numbers)
    if promised * 100 <= params.full * computed:
        return refer(
            f"{said}; over {percent(params.comfortable, None)} a person looks.",
            fix="Show how you would add a shift or a line, or offer less.",
            numbers=numbers,
        )
    return not_met(f"{said}.", fix="Add a shift or a line, or offer less.", numbers=numbers)


def _nameplate(nameplate: Decimal, computed: Decimal, params: CapacityParams) -> Verdict:
    stated = 100 * nameplate / computed
    said = f"The stated capacity is {percent_against(stated, params.nameplate)} of the computed one"
    numbers = {"nameplate_pct": stated.quantize(Decimal("0.01"))}
    if 100 * nameplate > params.nameplate * computed:
        verdict = refer(
            f"{said}; over {percent(params.nameplate, None)} a person looks.",
            fix="Correct the stated capacity or the sheet.",
            numbers=numbers,
        )
    else:
        verdict = met(f"{said}.", numbers=numbers)
    return verdict.but(part="nameplate", title="Stated capacity")
