"""Who owns a company, through any number of others; and who is blocked because listed parties own it. Pure.

Shares are percent. A party is known by its name, without regard to case and spacing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from suppliers.facts import OwnerFacts, SupplierFacts

HALF = Decimal(50)
Party = str


@dataclass(frozen=True, kw_only=True)
class Stake:
    """`owner` holds `pct` percent of `owned`; None when the share is not known."""

    owner: Party
    owned: Party
    pct: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Graph:
    """All stakes told in a profile. `names` gives each party as it was written, `company` the supplier's."""

    company: Party
    stakes: tuple[Stake, ...]
    names: Mapping[Party, str]
    countries: Mapping[Party, str]

    def into(self, owned: Party) -> list[Stake]:
        return [stake for stake in self.stakes if stake.owned == owned]


@lru_cache(maxsize=4096)
def party(name: str) -> Party:
    """What makes two mentions the same party."""
    return " ".join(name.casefold().split())


def graph_of(facts: SupplierFacts) -> Graph:
    """The stakes of a profile. Several rows of one owner in one company add up; `parent` adds a stake of an
    unknown share unless that share is told in a row of its own.
    """
    company = party(facts.legal_name)
    names = {company: facts.legal_name}
    countries = {company: facts.country}
    told: dict[tuple[Party, Party], Decimal | None] = {}
    for owner in facts.owners:
        key = (party(owner.name), party(owner.owns) if owner.owns else company)
        names.setdefault(key[0], owner.name)
        countries.setdefault(key[0], owner.country)
        told[key] = _added(told.get(key), owner.pct_equity)
    for owner in facts.owners:
        if owner.parent.strip():
            names.setdefault(party(owner.parent), owner.parent)
            told.setdefault((party(owner.parent), party(owner.name)), None)
    stakes = tuple(Stake(owner=owner, owned=owned, pct=pct) for (owner, owned), pct in told.items())
    return Graph(company=company, stakes=stakes, names=names, countries=countries)


def _added(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return other if one is None else one if other is None else one + other


def blocked(
    stakes: Iterable[Stake], listed: Iterable[Party], *, line: Decimal = HALF
) -> dict[Party, Decimal]:
    """Party → the percent of it that blocked parties hold directly, for every party that is blocked by what
    others hold; the listed ones themselves are not in it unless somebody blocked owns them too.

    A party is blocked when the direct stakes of blocked parties add up to `line` or more (OFAC's 50 Percent
    Rule, guidance of 13 August 2014 and FAQ 398 to 401): stakes are added, never multiplied, and control
    without ownership does not count. The smallest fixpoint: each round only adds, so it ends, cycles or not,
    and neither the order of stakes nor of parties matters.
    """
    all_stakes = tuple(stakes)
    seeds = frozenset(listed)
    found: dict[Party, Decimal] = {}
    while True:
        sums = held_by(all_stakes, seeds | found.keys())
        grown = {owned: pct for owned, pct in sums.items() if pct >= line}
        if grown == found:
            return found
        found = grown


def held_by(stakes: Iterable[Stake], owners: Iterable[Party]) -> dict[Party, Decimal]:
    """Party → the percent of it that these owners hold directly. Unknown shares count nothing."""
    holders = frozenset(owners)
    sums: dict[Party, Decimal] = {}
    for stake in stakes:
        if stake.owner in holders and stake.pct is not None and stake.owner != stake.owned:
            sums[stake.owned] = sums.get(stake.owned, Decimal(0)) + stake.pct
    return sums


def unknown_links(graph: Graph, owners: Iterable[Party]) -> list[Stake]:
    """Stakes of these owners whose share is not known, on a way to the company."""
    above = ancestors(graph, graph.company) | {graph.company}
    holders = frozenset(owners)
    return [
        stake
        for stake in graph.stakes
        if stake.owner in holders and stake.pct is None and stake.owned in above
    ]


def ancestors(graph: Graph, of: Party) -> frozenset[Party]:
    """Everybody who holds something of the party, directly or through others."""
    found: set[Party] = set()
    waiting = [of]
    while waiting:
        for stake in graph.into(waiting.pop()):
            if stake.owner not in found:
                found.add(stake.owner)
                waiting.append(stake.owner)
    return frozenset(found)


def cycles(graph: Graph) -> list[Party]:
    """Parties that own themselves through others, in the order of the profile."""
    return [name for name in graph.names if name in ancestors(graph, name)]


def disclosed(graph: Graph, of: Party) -> Decimal | None:
    """The percent of a party whose holders are told; None when no share is."""
    shares = [stake.pct for stake in graph.into(of) if stake.pct is not None]
    return sum(shares, Decimal(0)) if shares else None


def paths(graph: Graph, *, most: int = 40) -> list[tuple[Stake, ...]]:
    """Every way from somebody without owners of its own down to the company; a cycle is walked once."""
    found: list[tuple[Stake, ...]] = []
    for path in _walk(graph, graph.company, ()):
        found.append(path)
        if len(found) == most:
            break
    return found


def _walk(graph: Graph, of: Party, below: tuple[Stake, ...]) -> Iterator[tuple[Stake, ...]]:
    seen = {stake.owned for stake in below} | {of}
    above = [stake for stake in graph.into(of) if stake.owner not in seen]
    if not above and below:
        yield below
    for stake in above:
        yield from _walk(graph, stake.owner, (stake, *below))


def path_words(graph: Graph, path: Sequence[Stake]) -> str:
    """One way in words: "Ares Fund holds 60% of Ridge Holding, which holds 55% of Hock Works"."""
    first = path[0]
    said = f"{graph.names[first.owner]} {_holds(first)} {graph.names[first.owned]}"
    for stake in path[1:]:
        said += f", which {_holds(stake)} {graph.names[stake.owned]}"
    return said


def _holds(stake: Stake) -> str:
    return "holds a share not told of" if stake.pct is None else f"holds {stake.pct.normalize():f}% of"


def proportional(graph: Graph, shares: Mapping[Party, Decimal]) -> Decimal:
    """The percent of the company behind which these parties stand, multiplied along each way: 60% of 50% is
    30%. `shares` gives how much of each party counts, 0 to 100.
    """
    total = Decimal(0)
    for path in paths(graph, most=500):
        for index, stake in enumerate(path):
            if stake.owner in shares and not any(each.owner in shares for each in path[:index]):
                part = shares[stake.owner] / 100
                for each in path[index:]:
                    part *= (each.pct or Decimal(0)) / 100
                total += part * 100
                break
    return total


def through_majorities(graph: Graph, owners: Iterable[Party]) -> Decimal:
    """The percent of the company held by these owners or by whoever they own by half or more."""
    controlled = set(owners)
    while True:
        sums = held_by(graph.stakes, controlled)
        grown = controlled | {owned for owned, pct in sums.items() if pct >= HALF and owned != graph.company}
        if grown == controlled:
            return sums.get(graph.company, Decimal(0))
        controlled = grown


def owner_rows(facts: SupplierFacts) -> dict[Party, list[OwnerFacts]]:
    """Party → the rows about it."""
    rows: dict[Party, list[OwnerFacts]] = {}
    for owner in facts.owners:
        rows.setdefault(party(owner.name), []).append(owner)
    return rows
