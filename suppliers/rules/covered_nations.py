"""SC-8: what covered nations own, lead or control, directly and through others.

What a supplier reads here depends on what it told itself, never on a hit.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.kit.compliance import Effect, Verdict, met, not_met, refer, rule
from portal.kit.formats import count_of, percent, percent_against
from portal.kit.parameters import setting
from suppliers import ownership
from suppliers.facts import OwnerFacts, QualificationFacts, SupplierFacts
from suppliers.ownership import Graph, Party
from suppliers.reference.countries import COUNTRY_NAMES
from suppliers.rules.control import ADD_OWNERS, COMPLETE

# Percent of each kind of holding, counted in both ways.
SHARES = (
    *(f"{kind}_pct" for kind in ownership.KINDS),
    *(f"{kind}_multiplied_pct" for kind in ownership.KINDS),
)


@dataclass(frozen=True, kw_only=True)
class ForeignEntityParams:
    """Covered nations, and the percent of seats, votes or equity at which their governments' holdings count."""

    nations: tuple[str, ...] = setting(("CN", "HK", "MO", "RU", "IR", "KP"), "Covered nations")
    line: Decimal = setting(
        Decimal(25),
        "Share of seats, votes or equity that counts",
        unit="%",
        basis="89 FR 37079",
        as_of=date(2024, 5, 6),
    )


@rule(
    "SC-8",
    title="Foreign entity of concern",
    basis="DOE interpretation of May 6, 2024, 89 FR 37079",
    effect=Effect.KNOCKOUT,
    params=ForeignEntityParams,
    legal_effect="It binds recipients of federal funds. Here it is policy.",
    answered_in="owners",
    numbers=(*SHARES, "covered_pct", "missing_pct"),
)
def foreign_entity(facts: QualificationFacts, params: ForeignEntityParams, *, on: date) -> Verdict:
    """No covered nation’s government holds a quarter of the seats, votes or equity or controls the company, and
    the company is not organized, run or operating there.
    """
    supplier = facts.supplier
    if problem := _there(supplier, params):
        return not_met(problem, fix="Make the offer from a company and sites outside covered nations.")
    if not supplier.owners:
        return refer("No owners are listed.", fix=ADD_OWNERS)
    if problem := _controlled(supplier, params):
        return not_met(problem, fix="End the license or contract, or show that it does not give control.")
    return _held_by_governments(supplier, params) or _cannot_be_told(supplier, params)


def _there(supplier: SupplierFacts, params: ForeignEntityParams) -> str:
    """Organized, led or at work in a covered nation: in words, or blank."""
    if supplier.country in params.nations:
        return f"The company is registered in {_nation(supplier.country)}."
    if supplier.headquarters_country in params.nations:
        return f"The company is run from {_nation(supplier.headquarters_country)}."
    for site in supplier.sites:
        if site.country in params.nations:
            return f"The site {site.name or site.city} is in {_nation(site.country)}."
    return ""


def _nation(code: str) -> str:
    return COUNTRY_NAMES.get(code, code)


def _is_government(owner: OwnerFacts, params: ForeignEntityParams) -> bool:
    return owner.country in params.nations and (owner.is_government or owner.kind == "government")


def _controlled(supplier: SupplierFacts, params: ForeignEntityParams) -> str:
    """Controlled by license or contract from a covered nation, or by whom its government holds: in words."""
    governments = _parties(supplier, lambda owner: _is_government(owner, params))
    theirs = ownership.controlled_by(supplier, governments)
    for owner in supplier.owners:
        if owner.controls and owner.country in params.nations:
            return (
                f"{owner.name} ({_nation(owner.country)}) controls the company through a license or contract."
            )
        if owner.controls and ownership.party(owner.name) in theirs:
            return (
                f"{owner.name}, owned by a covered nation’s government, controls the company through a license or "
                "contract."
            )
    return ""


def _held_by_governments(supplier: SupplierFacts, params: ForeignEntityParams) -> Verdict | None:
    """What covered governments hold together, directly or through others, counted in both ways that are in use:
    shares multiplied along each way, and majorities followed. Where these disagree a person decides.
    """
    governments = _parties(supplier, lambda owner: _is_government(owner, params))
    counted = {kind: _both_ways(supplier, kind, governments) for kind in ownership.KINDS}
    line = params.line
    for kind, (by_product, by_majority) in counted.items():
        if min(by_product, by_majority) >= line:
            return not_met(
                f"Governments of covered nations hold, directly or through others, "
                f"{percent_against(by_majority, line)} of the {kind}. The limit is {percent(line, None)}.",
                fix="Show that their share is below the limit.",
                numbers=_shares_found(counted),
            )
    for kind, (by_product, by_majority) in counted.items():
        if max(by_product, by_majority) >= line:
            return refer(
                f"Governments of covered nations hold {percent_against(by_product, line)} of the {kind} when shares "
                f"are multiplied and {percent_against(by_majority, line)} when majorities are followed. "
                f"The limit is {percent(line, None)}.",
                numbers=_shares_found(counted),
            )
    return None


def _both_ways(supplier: SupplierFacts, kind: str, owners: Collection[Party]) -> tuple[Decimal, Decimal]:
    """Percent of the company's equity, votes or seats: (shares multiplied, majorities followed)."""
    company = ownership.party(supplier.legal_name)
    held = ownership.holdings(supplier, kind)
    followed = dict.fromkeys(ownership.controlled_by(supplier, owners), Decimal(1))
    return (
        ownership.multiplied(held, company, owners),
        ownership.held_together(held, company, followed),
    )


def _shares_found(counted: dict[str, tuple[Decimal, Decimal]]) -> dict[str, Decimal]:
    exact = Decimal("0.001")
    found = {f"{kind}_pct": by_majority.quantize(exact) for kind, (_, by_majority) in counted.items()}
    return found | {f"{kind}_multiplied_pct": by.quantize(exact) for kind, (by, _) in counted.items()}


def _parties(supplier: SupplierFacts, fits: Callable[[OwnerFacts], bool]) -> dict[Party, str]:
    """Owners of whom a row fits: party → its name as written."""
    return {ownership.party(owner.name): owner.name for owner in supplier.owners if fits(owner)}


def _cannot_be_told(supplier: SupplierFacts, params: ForeignEntityParams) -> Verdict:
    """Whether a quarter could be a covered government's for all that the profile tells."""
    line, graph = params.line, ownership.graph_of(supplier)
    covered = _parties(supplier, lambda owner: owner.country in params.nations)
    share = _most(supplier, covered)
    if share >= line:
        owner = next(each for each in supplier.owners if each.country in params.nations)
        others = f"{owner.name} and others from covered nations hold"
        who = others if len(covered) > 1 else f"{owner.name} is from {_nation(owner.country)} and holds"
        return refer(
            f"{who} {percent_against(share, line)}. The limit for governments is {percent(line, None)}.",
            fix="Show that no government is behind it.",
            numbers={"covered_pct": share.quantize(Decimal("0.001"))},
        )
    if unknown := ownership.unknown_ways(graph, covered):
        return refer(
            f"{graph.names[unknown[0].owner]} is from a covered nation, or owned from there, and holds an undisclosed "
            "share.",
            fix="Enter the share.",
        )
    for owner in supplier.owners:
        if owner.country in params.nations and owner.board_seats and not owner.board_size:
            return refer(
                f"{owner.name} holds {count_of(owner.board_seats, 'board seat')} on a board of unknown size.",
                fix="Enter the total number of board seats.",
            )
    return _gaps(supplier, graph, covered, params)


def _gaps(
    supplier: SupplierFacts, graph: Graph, covered: dict[Party, str], params: ForeignEntityParams
) -> Verdict:
    """Owners without a country, parents named only, and owners not told at all, taken for the worst."""
    line = params.line
    told = {ownership.party(owner.name) for owner in supplier.owners if owner.country}
    nowhere = {name: words for name, words in graph.names.items() if name not in told | {graph.company}}
    # Whoever such a party holds a share of that is not told may be theirs whole.
    theirs = {stake.owned for stake in graph.stakes if stake.owner in nowhere and stake.pct is None}
    share = _most(supplier, {*covered, *nowhere, *(theirs - {graph.company})})
    if nowhere and share >= line:
        return refer(
            f"The country of {next(iter(nowhere.values()))} is missing.",
            fix="Add it as a separate owner, with its country and share.",
        )
    missing = max(COMPLETE - (ownership.disclosed(graph, graph.company) or Decimal(0)), Decimal(0))
    if share + missing >= line:
        return refer(
            f"Owners of {percent(missing, None)} are undisclosed. The limit for governments of covered nations is "
            f"{percent(line, None)}.",
            fix=ADD_OWNERS,
            numbers={"missing_pct": missing},
        )
    return met(
        "No covered nation’s government holds a quarter of the company or controls it.",
        numbers={"covered_pct": share.quantize(Decimal("0.001"))},
    )


def _most(supplier: SupplierFacts, owners: Collection[Party]) -> Decimal:
    """The largest of the percents that these owners may be said to hold, in any kind and counted either way."""
    return max(max(_both_ways(supplier, kind, owners)) for kind in ownership.KINDS)
