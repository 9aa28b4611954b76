"""AT-3: what is said in one place agrees with what is said in another."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from portal.kit.compliance import Envelope, NoParams, Verdict, met, not_applicable, not_met, refer, rule
from portal.kit.formats import money, number, percent
from rfp.bom.costs import rolled_up
from rfp.facts import ProposalFacts
from suppliers import ownership
from suppliers.matching.names import normalize
from suppliers.rules.control import LEAST, ROUNDING


@rule(
    "AT-3",
    title="Consistency",
    basis="Portal policy",
    answered_in="documents",
    numbers=("components", "lowest_price"),
)
def consistency(facts: ProposalFacts, params: NoParams, *, on: date) -> Sequence[Verdict]:
    """Names, prices, capacity and shares match throughout the proposal and profile."""
    return [
        _names(facts).but(part="name", title="Company name on documents"),
        _price(facts).but(part="price", title="Components and price", envelope=Envelope.PRICE),
        _capacity(facts).but(part="capacity", title="Capacity and deliveries"),
        _shares(facts).but(part="owners", title="Total of owners’ shares"),
    ]


def _names(facts: ProposalFacts) -> Verdict:
    supplier = facts.supplier
    names = (supplier.legal_name, *supplier.dbas, *supplier.former_names, supplier.native_name)
    own = {_comparable(name) for name in names if name.strip()}
    named = [(each.scheme, each.named_company) for each in supplier.certificates]
    named += [("The insurance", each.named_company) for each in supplier.insurance]
    named = [(paper, name) for paper, name in named if name.strip()]
    other = [(paper, name) for paper, name in named if _comparable(name) not in own]
    if other:
        paper, name = other[0]
        return refer(
            f"{paper} names “{name}”, not “{supplier.legal_name}”.",
            fix="Show that it is the same company, or have the document corrected.",
        )
    return met("The documents name the company.") if named else not_applicable("No document names a company.")


def _comparable(name: str) -> str:
    """The name without its legal form; of one in which nothing can be read, what is written."""
    return normalize(name).joined or " ".join(name.split())


def _price(facts: ProposalFacts) -> Verdict:
    """Component cost of a unit against its lowest price."""
    if not facts.bom or not facts.prices:
        return not_applicable("There is no bill of materials or price to compare.")
    rolled = rolled_up(facts)
    lowest = min(price.unit_price for price in facts.prices)
    numbers = {"components": rolled.total, "lowest_price": lowest}
    if rolled.total > lowest:
        return refer(
            f"Components cost {money(rolled.total)} per unit, more than the lowest price of {money(lowest)}.",
            fix="Check the BOM quantities, or explain the price.",
            numbers=numbers,
        )
    if rolled.missing_at_level_1 or rolled.negative or rolled.other_currency or not rolled.is_a_tree:
        return refer(
            f"Components cost {money(rolled.total)} of the {money(lowest)} unit price, based on the part of the bill "
            "of materials we can add up.",
            fix="Correct the bill of materials.",
            numbers=numbers,
        )
    return met(f"Components cost {money(rolled.total)} of the {money(lowest)} unit price.", numbers=numbers)


def _capacity(facts: ProposalFacts) -> Verdict:
    offered = facts.capacity.offered_per_year if facts.capacity else None
    years: dict[int, Decimal] = {}
    for delivery in facts.deliveries:
        years[delivery.year] = years.get(delivery.year, Decimal(0)) + delivery.units
    if offered is None or not years:
        return not_applicable("There is no yearly offer or delivery plan to compare.")
    year = max(years, key=lambda each: years[each])
    if years[year] > offered:
        return refer(
            f"The delivery plan has {number(years[year])} units in {year}. The capacity sheet has {number(offered)}.",
            fix="Correct the delivery plan or the capacity sheet.",
        )
    return met(
        f"The delivery plan needs at most {number(years[year])} units per year. You offer {number(offered)}."
    )


def _shares(facts: ProposalFacts) -> Verdict:
    graph = ownership.graph_of(facts.supplier)
    total = ownership.disclosed(graph, graph.company)
    if total is None:
        return not_applicable("No ownership shares are listed.")
    if total > ROUNDING:
        return not_met(
            f"The owners’ shares add up to {percent(total, None)}, more than 100%.", fix="Correct the shares."
        )
    if total < LEAST:
        return refer(
            f"The owners’ shares add up to {percent(total, None)}, less than 100%.",
            fix="Add the other owners.",
        )
    return met(f"The owners’ shares add up to {percent(total, None)}.")
