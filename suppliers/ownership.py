"""Who owns a company, through any number of others; and who is blocked because listed parties own it. Pure.

Shares are percent. A party is known by its name, without regard to case, spacing and punctuation.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import lru_cache

from suppliers.facts import OwnerFacts, SupplierFacts

HALF = Decimal(50)
ZERO = Decimal(0)
HUNDRED = Decimal(100)
EQUITY, VOTES, SEATS = KINDS = ("equity", "votes", "seats")
# Three seats of twelve are a quarter: thirds and sevenths are kept long, and sums rounded far behind any line.
LONG = Context(prec=60)
PLACES = Decimal("1E-20")
# What is written with or without inside a word: L.L.C., O'Brien.
_WITHIN_WORDS = frozenset(".'’‘`´")
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

    def into(self, owned: Party) -> list[Stake]:
        return [stake for stake in self.stakes if stake.owned == owned]


@lru_cache(maxsize=4096)
def party(name: str) -> Party:
    """What makes two mentions the same party: "Ridge Holding, L.L.C." is "RIDGE HOLDING LLC".

    Legal forms stay: a company and a partnership of one name may own each other.
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    plain = "".join(
        "" if letter in _WITHIN_WORDS else " " if unicodedata.category(letter).startswith("P") else letter
        for letter in text
    )
    return " ".join(plain.split()) or " ".join(text.split())


def graph_of(facts: SupplierFacts) -> Graph:
    """The stakes of a profile. Several rows of one owner in one company add up; `parent` adds a stake of an
    unknown share unless that share is told in a row of its own.
    """
    company = party(facts.legal_name)
    names = {company: facts.legal_name}
    told: dict[tuple[Party, Party], Decimal | None] = {}
    for owner in facts.owners:
        key = (party(owner.name), party(owner.owns) if owner.owns else company)
        names.setdefault(key[0], owner.name)
        told[key] = _added(told.get(key), owner.pct_equity)
    for owner in facts.owners:
        if owner.parent.strip():
            names.setdefault(party(owner.parent), owner.parent)
            told.setdefault((party(owner.parent), party(owner.name)), None)
    stakes = tuple(Stake(owner=owner, owned=owned, pct=pct) for (owner, owned), pct in told.items())
    return Graph(company=company, stakes=stakes, names=names)


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
    """Party → the percent of it that these owners hold directly. Unknown shares count nothing, nor do what a
    party holds of itself and shares below zero.
    """
    holders = frozenset(owners)
    sums: dict[Party, Decimal] = {}
    for stake in stakes:
        if stake.owner in holders and stake.pct is not None and stake.pct > 0 and stake.owner != stake.owned:
            sums[stake.owned] = sums.get(stake.owned, ZERO) + stake.pct
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


def unknown_ways(graph: Graph, owners: Iterable[Party]) -> list[Stake]:
    """Stakes of an unknown share on a way from these owners, through whoever, down to the company."""
    below = set(owners)
    while grown := {stake.owned for stake in graph.stakes if stake.owner in below} - below:
        below |= grown
    return unknown_links(graph, below)


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
    return "holds an undisclosed share of" if stake.pct is None else f"holds {stake.pct.normalize():f}% of"


Holdings = Mapping[Party, Mapping[Party, Decimal]]


def holdings(facts: SupplierFacts, kind: str) -> Holdings:
    """Party → its holders → the percent of its equity, votes or board seats.

    Where votes are not told, the equity stands for them: a share has a vote. Where the seats above the company
    are not told, so it does for them; on the company's own board only seats that are told count.
    """
    company = party(facts.legal_name)
    found: dict[Party, dict[Party, Decimal]] = {}
    for owner in facts.owners:
        owned = party(owner.owns) if owner.owns else company
        share = _told_share(owner, kind)
        if share is None and not (kind == SEATS and owned == company):
            share = _told_share(owner, VOTES) if kind == SEATS else None
            share = _told_share(owner, EQUITY) if share is None else share
        holders, name = found.setdefault(owned, {}), party(owner.name)
        if name != owned:
            holders[name] = holders.get(name, ZERO) + max(share or ZERO, ZERO)
    return found


def _told_share(owner: OwnerFacts, kind: str) -> Decimal | None:
    if kind == EQUITY:
        return owner.pct_equity
    if kind == VOTES:
        return owner.pct_votes
    if owner.board_seats is None or not owner.board_size:
        return None
    with localcontext(LONG):
        return HUNDRED * owner.board_seats / owner.board_size


def held_together(held: Holdings, of: Party, weights: Mapping[Party, Decimal]) -> Decimal:
    """Percent of a party held by these together, each counted with its weight, 0 to 1."""
    with localcontext(LONG):
        parts = (share * weights.get(owner, ZERO) for owner, share in held.get(of, {}).items())
        return sum(parts, ZERO).quantize(PLACES)


def multiplied(held: Holdings, of: Party, owners: Collection[Party]) -> Decimal:
    """Percent of a party behind which these owners stand when shares are multiplied along each way: 60% of 50%
    is 30%. Along a way through one of the owners the last of them counts whole.
    """
    weights = dict.fromkeys(owners, Decimal(1))
    # As many rounds as there are parties reach every end; what goes round in a circle is less each time.
    for _ in held:
        grown = {
            owned: min(held_together(held, owned, weights) / 100, Decimal(1))
            for owned in held
            if owned not in owners
        }
        if grown.items() <= weights.items():
            break
        weights |= grown
    return held_together(held, of, weights)


def controlled_by(facts: SupplierFacts, owners: Collection[Party]) -> frozenset[Party]:
    """These owners and whoever they hold half or more of, in equity, votes or seats; the company left out."""
    company = party(facts.legal_name)
    tables = [holdings(facts, kind) for kind in KINDS]
    found = frozenset(owners)
    while True:
        weights = dict.fromkeys(found, Decimal(1))
        grown = {owned for held in tables for owned in held if held_together(held, owned, weights) >= HALF}
        if grown - {company} <= found:
            return found
        found |= grown - {company}
