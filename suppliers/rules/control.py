"""Whose company is it? Listed owners by OFAC's 50 Percent Rule, BIS affiliates, section 1260H.

What a supplier reads here depends on what it told itself, never on a hit.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from portal.kit.compliance import (
    Audience,
    Effect,
    Outcome,
    Verdict,
    met,
    not_applicable,
    not_met,
    refer,
    rule,
)
from portal.kit.formats import day, percent
from portal.kit.parameters import setting
from suppliers import ownership
from suppliers.facts import OWN_NAMES, HitFacts, QualificationFacts
from suppliers.lists.sources import ListEffect, code_of, codes_that, source_of, sources_that
from suppliers.ownership import Graph, Party
from suppliers.rules.screening import stale_setting, unscreened

COMPLETE = Decimal(100)
# Three owners of a third each are written 33.33% or 33.34%: as much as may be over may be missing.
ROUNDING = Decimal("100.01")
LEAST = COMPLETE - (ROUNDING - COMPLETE)
ADD_OWNERS = "Add each owner of 5% or more, with their share."


@dataclass(frozen=True, kw_only=True)
class OwnershipParams:
    """Percent of the company that listed parties hold. A custom list can replace OFAC’s lists."""

    blocked: Decimal = setting(
        Decimal(50),
        "Share that blocks the company",
        unit="%",
        basis="50 Percent Rule",
        as_of=date(2014, 8, 13),
    )
    near: Decimal = setting(Decimal(25), "Share that triggers a review", unit="%", up_to="blocked")
    lists: tuple[str, ...] = setting(codes_that(ListEffect.BLOCKS_OWNED), "Lists that count")
    sources: tuple[str, ...] = setting(sources_that(ListEffect.BLOCKS_OWNED), "Sources that hold these lists")
    stale: int = stale_setting()


@rule(
    "SC-3",
    title="Ownership",
    basis="OFAC guidance of August 13, 2014 (50 Percent Rule)",
    effect=Effect.KNOCKOUT,
    params=OwnershipParams,
    legal_effect="OFAC blocking binds U.S. persons.",
    answered_in="owners",
    waivable=False,
    numbers=("disclosed_pct", "held_pct", "hits"),
)
def fifty_percent(facts: QualificationFacts, params: OwnershipParams, *, on: date) -> Sequence[Verdict]:
    """All owners are disclosed, and listed parties hold less than half, directly or through companies they own."""
    graph = ownership.graph_of(facts.supplier)
    listed = _listed(facts, graph, params.lists, on)
    problem = unscreened(facts.screening, params.stale, on)
    if not problem and not _loaded(facts, params.sources):
        problem = "Not screened: no list of OFAC’s blocked parties is loaded."
    verdict = _unless(problem, _listed_verdict(graph, listed, params))
    held = verdict.but(part="listed", title="Ownership by listed parties", audience=Audience.CHAIR)
    return [_told(graph), held]


def _unless(problem: str, verdict: Verdict) -> Verdict:
    """The verdict; what was found stands, but nothing is met by a list that was not read."""
    if problem and verdict.outcome is Outcome.MET:
        return refer(problem, fix="Load the current lists.")
    return verdict


def _told(graph: Graph) -> Verdict:
    """Whether the profile tells the whole of it; every reader sees this."""
    verdict = _told_verdict(graph)
    return verdict.but(part="told", title="Owners disclosed", effect=Effect.ADVISORY)


def _told_verdict(graph: Graph) -> Verdict:
    share = ownership.disclosed(graph, graph.company)
    if share is None:
        return refer("No ownership shares are listed.", fix=ADD_OWNERS)
    shares = {name: ownership.disclosed(graph, name) for name in graph.names}
    for owned, total in shares.items():
        if total is not None and total > ROUNDING:
            return not_met(
                f"The shares in {graph.names[owned]} add up to {percent(total, None)}, more than 100%.",
                fix="Correct the shares.",
                numbers={"disclosed_pct": total},
            )
    if circle := ownership.cycles(graph):
        names = ", ".join(graph.names[each] for each in circle)
        return refer(f"{names} own each other in a loop.", fix="Check who owns what.")
    # The company first; of the others those whose owners somebody began to tell.
    for owned, total in shares.items():
        if total is not None and total < LEAST:
            of = "" if owned == graph.company else f" of {graph.names[owned]}"
            return refer(
                f"Disclosed owners hold {percent(total, None)}{of}. {percent(COMPLETE - total, None)} is missing.",
                fix="Add the other owners, or explain why you don’t know them.",
                numbers={"disclosed_pct": total},
            )
    return met("All owners of the company are disclosed.", numbers={"disclosed_pct": share})


def _listed(
    facts: QualificationFacts, graph: Graph, lists: Collection[str], on: date
) -> dict[Party, HitFacts]:
    """Owners, near and far, with a confirmed or an open hit on these lists: party → its hit, the confirmed one
    first. Who is an owner follows from the profile: one who is an officer too is screened under one role.
    """
    found: dict[Party, HitFacts] = {}
    for hit in facts.screening.hits:
        key = ownership.party(hit.name)
        if key == graph.company or key not in graph.names or not _counts(hit, on):
            continue
        wanted = code_of(hit.source, hit.list_code) in lists
        if wanted and (key not in found or hit.disposition == "true_match"):
            found[key] = hit
    return found


def _counts(hit: HitFacts, on: date) -> bool:
    """A listing in force, confirmed or close enough to be decided; a distant name is kept, not acted on."""
    if not hit.is_in_force(on):
        return False
    return hit.disposition == "true_match" or (hit.is_open and hit.wants_a_person)


def _loaded(facts: QualificationFacts, sources: Sequence[str]) -> bool:
    return any(source_of(each.source).code in sources for each in facts.screening.lists)


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
            f"Listed parties hold {percent(share, None)}. At {percent(params.blocked, None)} or more, the company "
            f"is blocked. {_ways(graph, confirmed)}",
            numbers={"held_pct": share},
        )
    if unknown := ownership.unknown_links(graph, (*confirmed, *held)):
        return refer(
            f"{graph.names[unknown[0].owner]} is listed and holds an undisclosed share.",
            numbers={"held_pct": share},
        )
    if open_ones := [name for name, hit in listed.items() if hit.is_open]:
        return refer(
            f"An owner’s name is similar to a listed name: {graph.names.get(open_ones[0], listed[open_ones[0]].name)}.",
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
    return " ".join(f"{way.rstrip('.')}." for way in dict.fromkeys(ways))


@dataclass(frozen=True, kw_only=True)
class AffiliateParams:
    """In red_flag mode, a person decides. In enforce mode, the rule excludes. The rule is suspended until
    November 9, 2026.
    """

    mode: str = setting("red_flag", "Mode")
    line: Decimal = setting(Decimal(50), "Share that counts", unit="%")
    lists: tuple[str, ...] = setting(codes_that(ListEffect.COUNTS_AFFILIATES), "Lists that count")
    sources: tuple[str, ...] = setting(
        sources_that(ListEffect.COUNTS_AFFILIATES), "Sources that hold these lists"
    )
    as_of: date = setting(date(2026, 5, 1), "Last checked on")
    stale: int = stale_setting()


@rule(
    "SC-4",
    title="Affiliates of BIS-listed parties",
    basis="15 CFR 744, affiliates rule of September 29, 2025, suspended November 10, 2025",
    audience=Audience.CHAIR,
    params=AffiliateParams,
    legal_effect="BIS lists restrict exports to a party, not purchases from it.",
    answered_in="owners",
    waivable=False,
    numbers=("held_pct",),
)
def affiliates(facts: QualificationFacts, params: AffiliateParams, *, on: date) -> Verdict:
    """Parties on the Entity List or the Military End-User List hold less than half."""
    graph = ownership.graph_of(facts.supplier)
    listed = _listed(facts, graph, params.lists, on)
    if not listed and not _loaded(facts, params.sources):
        return not_applicable("No list of BIS-listed parties is loaded, so we compared nothing.")
    if not facts.supplier.owners:
        return refer("No owners are listed.", fix=ADD_OWNERS)
    problem = _stale(facts, params.sources, params.stale, on)
    return _unless(problem, _affiliates_verdict(graph, listed, params))


def _stale(facts: QualificationFacts, sources: Collection[str], stale: int, on: date) -> str:
    """Why these sources say nothing, or blank."""
    used = tuple(each for each in facts.screening.lists if source_of(each.source).code in sources)
    return unscreened(replace(facts.screening, lists=used), stale, on)


def _affiliates_verdict(graph: Graph, listed: dict[Party, HitFacts], params: AffiliateParams) -> Verdict:
    held = ownership.blocked(graph.stakes, listed, line=params.line)
    known = f"as of {day(params.as_of)}"
    if graph.company in held:
        confirmed = graph.company in ownership.blocked(graph.stakes, _confirmed(listed), line=params.line)
        who = "BIS-listed parties" if confirmed else "Parties with names similar to BIS-listed ones"
        said = f"{who} hold {percent(held[graph.company], None)} ({known}). {_ways(graph, list(listed))}"
        numbers = {"held_pct": held[graph.company]}
        if params.mode == "enforce" and confirmed:
            return not_met(said, numbers=numbers).but(effect=Effect.KNOCKOUT)
        return refer(said, numbers=numbers)
    if unknown := ownership.unknown_links(graph, (*listed, *held)):
        return refer(
            f"{graph.names[unknown[0].owner]} is BIS-listed, similar to a listed name, or owned by such a party, and "
            "holds an undisclosed share."
        )
    return met(f"No BIS-listed party holds {percent(params.line, None)} or more ({known}).")


@dataclass(frozen=True, kw_only=True)
class ListedParentParams:
    """Percent held by a listed parent at which the company counts as listed."""

    line: Decimal = setting(Decimal(50), "Share of a listed parent that counts", unit="%")
    lists: tuple[str, ...] = setting(codes_that(ListEffect.COUNTS_PARENTS), "Lists that count")
    sources: tuple[str, ...] = setting(
        sources_that(ListEffect.COUNTS_PARENTS), "Sources that hold these lists"
    )
    stale: int = stale_setting()


@rule(
    "SC-7",
    title="Chinese military companies (1260H)",
    basis="Section 1260H, NDAA for fiscal year 2021",
    effect=Effect.KNOCKOUT,
    audience=Audience.CHAIR,
    params=ListedParentParams,
    legal_effect="It binds the Department of Defense. Here it is policy.",
    answered_in="owners",
    waivable=False,
    numbers=("held_pct",),
)
def listed_parent(facts: QualificationFacts, params: ListedParentParams, *, on: date) -> Verdict:
    """Neither the company nor an owner of half or more of it is on the section 1260H list."""
    hits = [
        hit
        for hit in facts.screening.hits
        if hit.list_code in params.lists or hit.source in params.sources
        if _counts(hit, on)
    ]
    if not hits and not _loaded(facts, params.sources):
        return not_applicable("The section 1260H list is not loaded, so we compared nothing.")
    problem = _stale(facts, params.sources, params.stale, on)
    return _unless(problem, _parent_verdict(ownership.graph_of(facts.supplier), hits, params))


def _parent_verdict(graph: Graph, hits: Sequence[HitFacts], params: ListedParentParams) -> Verdict:
    sure = [hit for hit in hits if hit.disposition == "true_match"]
    if own := [hit for hit in sure if hit.role in OWN_NAMES]:
        return not_met(f"{own[0].name} is on the list as {own[0].matched_name}.")
    parents = [name for hit in sure if (name := ownership.party(hit.name)) in graph.names]
    held = ownership.blocked(graph.stakes, parents, line=params.line)
    if graph.company in held:
        return not_met(
            f"Listed parties hold {percent(held[graph.company], None)}. The limit is {percent(params.line, None)}. "
            f"{_ways(graph, parents)}",
            numbers={"held_pct": held[graph.company]},
        )
    if near := [hit for hit in hits if hit.is_open]:
        return refer(
            f"{near[0].name} is similar to {near[0].matched_name} on the list.", fix="Decide the alert."
        )
    if unknown := ownership.unknown_links(graph, (*parents, *held)):
        return refer(
            f"{graph.names[unknown[0].owner]} is listed, or owned by a listed party, and holds an "
            "undisclosed share."
        )
    if parents:
        return refer(f"{graph.names[parents[0]]} is listed and holds less than half. {_ways(graph, parents)}")
    if not graph.stakes:
        return refer("No owners are listed.", fix=ADD_OWNERS)
    return met("Neither the company nor any owner is on the list.")
