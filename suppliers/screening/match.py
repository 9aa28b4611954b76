"""Screen names against listed parties: fast candidates, an explained score. Pure.

The score joins two views: the ratio of the sorted tokens (spelling as a whole) and the pairing of tokens
weighted by their rarity in the list (generic words count little). Names equal when written together score 1.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel, JaroWinkler

from suppliers.screening.names import Name, normalize
from suppliers.screening.party import ListedParty

STRONG = Decimal("0.90")
POSSIBLE = Decimal("0.75")
PEOPLE_AND_COMPANIES = frozenset(("entity", "individual"))
ORDERED_FLOOR = 72
TOKEN_FLOOR = 0.82
SHORT = 5
MOST_CANDIDATES = 60
ORDERED_PART = 0.4


@dataclass(frozen=True, slots=True)
class TokenPair:
    """One of our tokens beside a listed one, "" when alone; likeness and weight 0 to 1."""

    ours: str
    listed: str
    likeness: float
    weight: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A listed name close to a screened one. `score` 0 to 1, four places; `band` exact, strong or possible."""

    party: ListedParty
    name: str
    matched_name: str
    score: Decimal
    band: str
    pairs: tuple[TokenPair, ...]

    @property
    def why(self) -> str:
        """The pairs of tokens in words, heaviest first."""
        return ", ".join(_pair_in_words(pair) for pair in self.pairs)


def _pair_in_words(pair: TokenPair) -> str:
    if not pair.listed:
        return f"{pair.ours} only here"
    if not pair.ours:
        return f"{pair.listed} only on the list"
    return f"{pair.ours} in both" if pair.ours == pair.listed else f"{pair.ours} ~ {pair.listed}"


@dataclass(frozen=True, slots=True)
class _Entry:
    party: ListedParty
    name: Name
    weak: bool


class NameIndex:
    """The names and aliases of a set of parties, ready to be screened against. Built once, then only read."""

    def __init__(
        self, parties: Iterable[ListedParty], *, kinds: frozenset[str] = PEOPLE_AND_COMPANIES
    ) -> None:
        self._entries = [entry for party in parties if party.kind in kinds for entry in _entries(party)]
        self._ordered = [entry.name.ordered for entry in self._entries]
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._holding: dict[str, list[int]] = defaultdict(list)
        frequency: Counter[str] = Counter()
        for place, entry in enumerate(self._entries):
            self._exact[entry.name.joined].append(place)
            frequency.update(set(entry.name.tokens))
            for token in set(entry.name.tokens):
                self._holding[token].append(place)
        size = max(len(self._entries), 2)
        self._rarity = {token: math.log(1 + size / count) for token, count in frequency.items()}
        self._rarest = math.log(1 + size)

    def __len__(self) -> int:
        return len(self._entries)

    def matches(self, raw: str, *, floor: Decimal = POSSIBLE) -> tuple[Match, ...]:
        """The best match per listed party at or above `floor`, best first."""
        name = normalize(raw)
        if not name.tokens:
            return ()
        best: dict[str, Match] = {}
        for place in self._candidates(name):
            entry = self._entries[place]
            match = self._match(name, entry)
            known = best.get(entry.party.record_id)
            if match is not None and match.score >= floor and (known is None or match.score > known.score):
                best[entry.party.record_id] = match
        return tuple(sorted(best.values(), key=lambda m: (-m.score, m.party.record_id)))

    def _candidates(self, name: Name) -> set[int]:
        found = set(self._exact.get(name.joined, ()))
        close = process.extract(
            name.ordered, self._ordered, scorer=fuzz.ratio, score_cutoff=ORDERED_FLOOR, limit=MOST_CANDIDATES
        )
        found.update(place for _, _, place in close)
        found.update(self._sharing_rare_tokens(name))
        return found

    def _sharing_rare_tokens(self, name: Name) -> Iterable[int]:
        """Entries that share the most weight of rare tokens, so a long added word does not hide a name."""
        weight: dict[int, float] = defaultdict(float)
        rare = sorted(set(name.tokens) & self._holding.keys(), key=lambda token: -self._rarity[token])
        for token in rare[:4]:
            holders = self._holding[token]
            if len(holders) > 500:
                break
            for place in holders:
                weight[place] += self._rarity[token]
        return heapq.nlargest(MOST_CANDIDATES, weight, key=weight.__getitem__)

    def _match(self, name: Name, entry: _Entry) -> Match | None:
        same = name.joined == entry.name.joined or name.ordered == entry.name.ordered
        if (entry.weak or _is_weak(name)) and not same:
            return None
        pairs = _one_pair(name, entry.name) if same else self._pairs(name.tokens, entry.name.tokens)
        score = Decimal(1) if same else Decimal(str(round(self._score(name, entry.name, pairs), 4)))
        band = "exact" if same else "strong" if score >= STRONG else "possible"
        return Match(
            party=entry.party,
            name=name.raw,
            matched_name=entry.name.raw,
            score=score,
            band=band,
            pairs=pairs,
        )

    def _score(self, ours: Name, listed: Name, pairs: Sequence[TokenPair]) -> float:
        whole = fuzz.ratio(ours.ordered, listed.ordered) / 100
        # Spacing is the cheapest disguise: compared without blanks it vanishes.
        whole = max(whole, Indel.normalized_similarity(ours.joined, listed.joined))
        total = sum(pair.weight * (2 if pair.ours and pair.listed else 1) for pair in pairs)
        paired = sum(2 * pair.weight * pair.likeness for pair in pairs if pair.ours and pair.listed)
        by_rarity = paired / total if total else 0.0
        # Never quite 1: only names that are the same after normalizing are.
        return min(ORDERED_PART * whole + (1 - ORDERED_PART) * by_rarity, 0.9999)

    def _pairs(self, ours: Sequence[str], listed: Sequence[str]) -> tuple[TokenPair, ...]:
        """Tokens paired greedily by likeness, heaviest pairs first, what stays alone at the end."""
        likely = sorted(
            (
                (_likeness(mine, theirs), place, other)
                for place, mine in enumerate(ours)
                for other, theirs in enumerate(listed)
            ),
            key=lambda found: (-found[0], found[1], found[2]),
        )
        taken: set[int] = set()
        used: set[int] = set()
        pairs: list[TokenPair] = []
        for likeness, place, other in likely:
            if likeness < TOKEN_FLOOR:
                break
            if place in taken or other in used:
                continue
            taken.add(place)
            used.add(other)
            weight = (self._weight(ours[place]) + self._weight(listed[other])) / 2
            pairs.append(TokenPair(ours[place], listed[other], likeness, weight))
        alone = [TokenPair(t, "", 0.0, self._weight(t)) for i, t in enumerate(ours) if i not in taken]
        alone += [TokenPair("", t, 0.0, self._weight(t)) for i, t in enumerate(listed) if i not in used]
        return tuple(sorted(pairs, key=lambda pair: -pair.weight) + alone)

    def _weight(self, token: str) -> float:
        """Rarity from 0 to 1; a token the list never holds is as rare as can be."""
        return self._rarity.get(token, self._rarest) / self._rarest


def _entries(party: ListedParty) -> list[_Entry]:
    primary = normalize(party.name)
    named = [(primary, False)]
    named += [(alias, _is_weak(alias)) for alias in map(normalize, party.aliases)]
    return [_Entry(party, name, weak) for name, weak in named if name.tokens]


def _one_pair(ours: Name, listed: Name) -> tuple[TokenPair, ...]:
    return (TokenPair(" ".join(ours.tokens), " ".join(listed.tokens), 1.0, 1.0),)


def _is_weak(name: Name) -> bool:
    """One short token says too little to be matched by likeness."""
    return len(name.tokens) == 1 and len(name.tokens[0]) < SHORT


def _likeness(ours: str, listed: str) -> float:
    if ours == listed:
        return 1.0
    if ours.isdigit() or listed.isdigit() or min(len(ours), len(listed)) < 3:
        return 0.0
    return (JaroWinkler.similarity(ours, listed) + Indel.normalized_similarity(ours, listed)) / 2
