"""Whose company is it? Listed owners by OFAC's 50 Percent Rule, BIS affiliates, section 1260H, covered nations.

What a supplier reads here depends on what it told itself, never on a hit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.compliance import Audience, Effect, Verdict, met, not_applicable, not_met, refer, rule
from portal.formats import day, percent, percent_against
from suppliers.facts import HitFacts, OwnerFacts, QualificationFacts, SupplierFacts
from suppliers.reference.countries import COUNTRY_NAMES
from suppliers.rules import ownership
from suppliers.rules.ownership import Graph, Party
from suppliers.rules.screening import unscreened

COMPLETE = Decimal(100)
ROUNDING = Decimal("100.01")


@dataclass(frozen=True, kw_only=True)
class OwnershipParams:
    """Percent held by listed parties: from `blocked` on the company is blocked, from `near` on a person looks."""

    blocked: Decimal = Decimal(50)
    near: Decimal = Decimal(25)
    lists: tuple[str, ...] = ("SDN",)
    stale: int = 30


@rule(
    "SC-3",
    title="Ownership",
    basis="OFAC guidance of August 13, 2014 (50 Percent Rule)",
    effect=Effect.KNOCKOUT,
    params=OwnershipParams,
    legal_effect="OFAC blocking binds U.S. persons.",
)
def fifty_percent(facts: QualificationFacts, params: OwnershipParams, *, on: date) -> Sequence[Verdict]:
    """Owners are told in full, and listed parties hold less than half, directly or through those they own."""
    graph = ownership.graph_of(facts.supplier)
    listed = _listed(facts, params.lists, on)
    problem = unscreened(facts.screening, params.stale, on)
    verdict = (
        refer(problem, fix="Load the current lists.") if problem else _listed_verdict(graph, listed, params)
    )
    held = verdict.but(part="listed", title="Ownership by listed parties", audience=Audience.CHAIR)
    return [_told(graph), held]


def _told(graph: Graph) -> Verdict:
    """Whether the profile tells the whole of it; every reader sees this."""
    verdict = _told_verdict(graph)
    return verdict.but(part="told", title="Owners told", effect=Effect.ADVISORY)


def _told_verdict(graph: Graph) -> Verdict:
    share = ownership.disclosed(graph, graph.company)
    if share is None:
        return refer("No owner’s share is given.", fix="Add every owner of 5% or more, with its share.")
    for owned in {stake.owned for stake in graph.stakes}:
        total = ownership.disclosed(graph, owned)
        if total is not None and total > ROUNDING:
            return not_met(
                f"The shares in {graph.names[owned]} add up to {percent(total, None)}, more than 100%.",
                fix="Correct the shares.",
                numbers={"disclosed_pct": total},
            )
    if circle := ownership.cycles(graph):
        names = ", ".join(graph.names[each] for each in circle)
        return refer(f"These own one another in a circle: {names}.", fix="Check who holds what.")
    if share < COMPLETE - (ROUNDING - COMPLETE):
        return refer(
            f"Owners of {percent(share, None)} are told; {percent(COMPLETE - share, None)} is missing.",
            fix="Add the other owners, or say why they are not known.",
            numbers={"disclosed_pct": share},
        )
    return met("The owners of the whole company are told.", numbers={"disclosed_pct": share})


def _listed(facts: QualificationFacts, lists: Iterable[str], on: date) -> dict[Party, HitFacts]:
    """Owners with a confirmed, or an open, hit on these lists: party → its hit, the confirmed one first."""
    wanted = frozenset(lists)
    found: dict[Party, HitFacts] = {}
    for hit in facts.screening.hits:
        if (
            hit.role not in ("owner", "parent")
            or hit.disposition == "false_positive"
            or not hit.is_in_force(on)
        ):
            continue
        if hit.list_code not in wanted and not (
            hit.source == "ofac" and not hit.list_code and "SDN" in wanted
        ):
            continue
        key = ownership.party(hit.name)
        if key not in found or hit.disposition == "true_match":
            found[key] = hit
    return found


def _loaded(facts: QualificationFacts, sources: Sequence[str]) -> bool:
    return any(each.source in sources for each in facts.screening.lists)


def _confirmed(listed: dict[Party, HitFacts]) -> list[Party]:
    return [name for name, hit in listed.items() if hit.disposition == "true_match"]


def _listed_verdict(graph: Graph, listed: dict[Party, HitFacts], params: OwnershipParams) -> Verdict:
    confirmed = _confirmed(listed)
    held = ownership.blocked(graph.stakes, confirmed, line=params.blocked)
    if graph.company in held:
        return not_met(
            f"Blocked: listed parties hold {percent(held[graph.company], None)}. {_ways(graph, confirmed)}",
            numbers={"held_pct": held[graph.company], "hits": len(confirmed)},
        )
    share = ownership.held_by(graph.stakes, (*confirmed, *held)).get(graph.company, Decimal(0))
    if share >= params.near:
        return refer(
            f"Listed parties hold {percent(share, None)}; from {percent(params.blocked, None)} on the company "
            f"is blocked. {_ways(graph, confirmed)}",
            numbers={"held_pct": share},
        )
    if unknown := ownership.unknown_links(graph, (*confirmed, *held)):
        return refer(
            f"{graph.names[unknown[0].owner]} is listed and holds a share that is not told.",
            numbers={"held_pct": share},
        )
    if open_ones := [name for name, hit in listed.items() if hit.is_open]:
        return refer(
            f"An owner’s name is close to a listed one: {graph.names.get(open_ones[0], listed[open_ones[0]].name)}.",
            fix="Decide the alert.",
            numbers={"hits": len(open_ones)},
        )
    return met(
        f"Listed parties hold {percent(share, None)}, below {percent(params.near, None)}.",
        numbers={"held_pct": share},
    )


def _ways(graph: Graph, parties: Sequence[Party]) -> str:
    """The ways from these parties down to the company, in words."""
    wanted = set(parties)
    ways = []
    for path in ownership.paths(graph):
        starts = [index for index, stake in enumerate(path) if stake.owner in wanted]
        if starts:
            ways.append(ownership.path_words(graph, path[starts[0] :]))
    return ". ".join(dict.fromkeys(ways)) + "." if ways else ""


@dataclass(frozen=True, kw_only=True)
class AffiliateParams:
    """`mode`: red_flag refers, enforce excludes. The rule was suspended to November 9, 2026; `as_of` is the day
    of the last look at what follows.
    """

    mode: str = "red_flag"
    line: Decimal = Decimal(50)
    lists: tuple[str, ...] = ("EL", "MEU")
    sources: tuple[str, ...] = ("csl",)
    as_of: date = date(2026, 5, 1)


@rule(
    "SC-4",
    title="Affiliates of BIS-listed parties",
    basis="15 CFR 744, affiliates rule of September 29, 2025, suspended November 10, 2025",
    audience=Audience.CHAIR,
    params=AffiliateParams,
    legal_effect="BIS lists restrict exports to a party, not purchases from it.",
)
def affiliates(facts: QualificationFacts, params: AffiliateParams, *, on: date) -> Verdict:
    """Parties of the Entity List or the Military End-User List hold less than half."""
    graph = ownership.graph_of(facts.supplier)
    listed = _listed(facts, params.lists, on)
    if not listed and not _loaded(facts, params.sources):
        return not_applicable("No list with BIS’s listed parties is loaded; nothing was compared.")
    if not facts.supplier.owners:
        return refer("No owner is given.", fix="Add every owner of 5% or more.")
    held = ownership.blocked(graph.stakes, listed, line=params.line)
    known = f"as known on {day(params.as_of)}"
    if graph.company not in held:
        return met(f"No BIS-listed party holds {percent(params.line, None)} or more ({known}).")
    said = f"BIS-listed parties hold {percent(held[graph.company], None)} ({known}). {_ways(graph, list(listed))}"
    confirmed = graph.company in ownership.blocked(graph.stakes, _confirmed(listed), line=params.line)
    if params.mode == "enforce" and confirmed:
        return not_met(said, numbers={"held_pct": held[graph.company]})
    return refer(said, numbers={"held_pct": held[graph.company]})


@dataclass(frozen=True, kw_only=True)
class ListedParentParams:
    """Percent held by a listed parent from which the company counts as listed."""

    line: Decimal = Decimal(50)
    lists: tuple[str, ...] = ("1260H",)
    sources: tuple[str, ...] = ("1260h",)


@rule(
    "SC-7",
    title="Chinese military companies (1260H)",
    basis="Section 1260H, NDAA for fiscal year 2021",
    effect=Effect.KNOCKOUT,
    audience=Audience.CHAIR,
    params=ListedParentParams,
    legal_effect="It binds the Department of Defense; here it is policy.",
)
def listed_parent(facts: QualificationFacts, params: ListedParentParams, *, on: date) -> Verdict:
    """Neither the company nor a holder of half of it is on the list of section 1260H."""
    hits = [
        hit
        for hit in facts.screening.hits
        if hit.list_code in params.lists or hit.source.upper() in params.lists
        if hit.disposition != "false_positive" and hit.is_in_force(on)
    ]
    if not hits and not _loaded(facts, params.sources):
        return not_applicable("The list of section 1260H is not loaded; nothing was compared.")
    own = [hit for hit in hits if hit.role in ("legal_name", "native_name", "dba", "former_name")]
    if confirmed := [hit for hit in own if hit.disposition == "true_match"]:
        return not_met(f"{confirmed[0].name} is on the list as {confirmed[0].matched_name}.")
    graph = ownership.graph_of(facts.supplier)
    owners = {ownership.party(hit.name): hit for hit in hits if hit.role in ("owner", "parent")}
    sure = [name for name, hit in owners.items() if hit.disposition == "true_match"]
    held = ownership.blocked(graph.stakes, sure, line=params.line)
    if graph.company in held:
        return not_met(f"Listed parties hold {percent(held[graph.company], None)}. {_ways(graph, sure)}")
    near = [hit for hit in hits if hit.wants_a_person and hit.is_open]
    if near:
        return refer(
            f"{near[0].name} is close to {near[0].matched_name} of the list.", fix="Decide the alert."
        )
    if sure:
        return refer(
            f"{graph.names.get(sure[0], '')} is listed and holds less than half. {_ways(graph, sure)}"
        )
    return met("Neither the company nor an owner is on the list.")


@dataclass(frozen=True, kw_only=True)
class ForeignEntityParams:
    """Covered nations, and the percent of seats, votes or equity from which their governments' hold counts."""

    nations: tuple[str, ...] = ("CN", "HK", "MO", "RU", "IR", "KP")
    line: Decimal = Decimal(25)


@rule(
    "SC-8",
    title="Foreign entity of concern",
    basis="DOE interpretation of May 6, 2024, 89 FR 37079",
    effect=Effect.KNOCKOUT,
    params=ForeignEntityParams,
    legal_effect="It binds recipients of federal money; here it is policy.",
)
def foreign_entity(facts: QualificationFacts, params: ForeignEntityParams, *, on: date) -> Verdict:
    """No covered nation’s government holds a quarter of the seats, votes or equity, or controls the company, and
    it is neither organized, led nor at work there.
    """
    supplier = facts.supplier
    if problem := _there(supplier, params):
        return not_met(problem)
    if not supplier.owners:
        return refer("No owner is given.", fix="Add every owner of 5% or more.")
    if problem := _controlled(supplier, params):
        return not_met(problem)
    kinds = {name: _government_share(supplier, params, name) for name in ("equity", "votes", "seats")}
    for name, share in kinds.items():
        if share >= params.line:
            return not_met(
                f"Governments of covered nations hold {percent(share, 1)} of the {name}; "
                f"{percent(params.line, None)} is the line.",
                numbers={f"{name}_pct": share.quantize(Decimal("0.001"))},
            )
    return _indirect(supplier, params)


def _there(supplier: SupplierFacts, params: ForeignEntityParams) -> str:
    """Organized, led or at work in a covered nation: in words, or blank."""
    if supplier.country in params.nations:
        return f"The company is registered in {_nation(supplier.country)}."
    if supplier.headquarters_country in params.nations:
        return f"The company is led from {_nation(supplier.headquarters_country)}."
    for site in supplier.sites:
        if site.country in params.nations:
            return f"The site {site.name or site.city} is in {_nation(site.country)}."
    return ""


def _nation(code: str) -> str:
    return COUNTRY_NAMES.get(code, code)


def _is_government(owner: OwnerFacts, params: ForeignEntityParams) -> bool:
    return owner.country in params.nations and (owner.is_government or owner.kind == "government")


def _controlled(supplier: SupplierFacts, params: ForeignEntityParams) -> str:
    for owner in supplier.owners:
        if owner.controls and owner.country in params.nations:
            return f"{owner.name} ({_nation(owner.country)}) controls the company by license or contract."
    return ""


def _government_share(supplier: SupplierFacts, params: ForeignEntityParams, kind: str) -> Decimal:
    """Percent of the company's equity, votes or board seats held directly by covered governments together."""
    total = Decimal(0)
    for owner in supplier.owners:
        if not owner.owns and _is_government(owner, params):
            total += _share(owner, kind)
    return total


def _share(owner: OwnerFacts, kind: str) -> Decimal:
    if kind == "equity":
        return owner.pct_equity or Decimal(0)
    if kind == "votes":
        return owner.pct_votes or Decimal(0)
    if not owner.board_seats or not owner.board_size:
        return Decimal(0)
    return Decimal(100 * owner.board_seats) / owner.board_size


def _indirect(supplier: SupplierFacts, params: ForeignEntityParams) -> Verdict:
    """What governments hold through others, counted in both ways that are in use; where they disagree a person
    decides. Private owners from covered nations are looked at too.
    """
    graph = ownership.graph_of(supplier)
    rows = ownership.owner_rows(supplier)
    governments = [
        name for name, owners in rows.items() if any(_is_government(row, params) for row in owners)
    ]
    multiplied = ownership.proportional(graph, dict.fromkeys(governments, Decimal(100)))
    majority = ownership.through_majorities(graph, governments)
    numbers = {"proportional_pct": multiplied.quantize(Decimal("0.001")), "majority_pct": majority}
    if multiplied >= params.line and majority >= params.line:
        return not_met(
            f"Through others, governments of covered nations hold {percent(majority, 1)} of the equity; "
            f"{percent(params.line, None)} is the line.",
            numbers=numbers,
        )
    if multiplied >= params.line or majority >= params.line:
        one, other = (percent_against(share, params.line) for share in (multiplied, majority))
        return refer(
            f"Through others, governments of covered nations hold {one} when shares are multiplied and {other} "
            f"when majorities are followed; the line is {percent(params.line, None)}.",
            numbers=numbers,
        )
    private = [
        row
        for owners in rows.values()
        for row in owners
        if row.country in params.nations and not _is_government(row, params)
    ]
    large = [
        row
        for row in private
        if max(_share(row, kind) for kind in ("equity", "votes", "seats")) >= params.line
    ]
    if large:
        return refer(
            f"{large[0].name} is from {_nation(large[0].country)} and holds "
            f"{percent(max(_share(large[0], kind) for kind in ('equity', 'votes', 'seats')), 1)}; it is private.",
            fix="Show that no government stands behind it.",
            numbers=numbers,
        )
    unknown = [name for name in governments if ownership.unknown_links(graph, [name])]
    if unknown:
        return refer(f"{graph.names[unknown[0]]} holds a share that is not told.", fix="Enter the share.")
    return met("No covered nation’s government holds a quarter or controls the company.", numbers=numbers)
