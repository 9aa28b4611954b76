"""Screen names against listed parties: fast candidates, an explained score. Pure.

The score joins two views: the ratio of the sorted tokens (spelling as a whole) and the pairing of tokens
weighted by their rarity in the list (generic words count little). Names equal when written together score 1.
Candidates come from an inverted index over tokens, their sounds and three-letter pieces; nothing is scanned.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Indel

from suppliers.matching.names import Name, listed_variants, sound, sounds, variants
from suppliers.matching.party import ListedParty
from suppliers.matching.tokens import GENERIC_WEIGHT, SYNONYMS, TokenPair, Weights, paired
from suppliers.reference.generic_words import COUNTRY_WORDS, GENERIC, TRADES, VEHICLES

STRONG = Decimal("0.90")
POSSIBLE = Decimal("0.75")
LOGGED = Decimal("0.70")
NOT_COMPARED = frozenset(("vessel", "aircraft"))
SHORT = 5
MOST_CANDIDATES = 40
LEAST_SHARED = 0.25
WHOLE_PART = 0.4
BOTH_SIDES = 1.25
UNLIKE = 0.6999
# Kept on record, but nobody is asked.
SISTER = 0.7499
# Asked about, and no more: the next number of a listed fund.
NEXT = 0.76
# How alike the letters must be that two spellings of a name split otherwise.
RESPLIT = 0.7
# How many letters it takes to compare sounds: two or three may be initials.
SPOKEN = 4
_NEVER = Decimal(0)
DISGUISED = Decimal("0.98")


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A listed name close to a screened one. `score` 0 to 1, four places; `band` exact, strong, possible, logged
    or blank."""

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

    @property
    def listed_band(self) -> str:
        """The band with "exact" as the strongest of "strong", for output that knows three."""
        return "strong" if self.band == "exact" else self.band


def _pair_in_words(pair: TokenPair) -> str:
    if not pair.listed:
        return f"{pair.ours} only here"
    if not pair.ours:
        return f"{pair.listed} only on the list"
    return f"{pair.ours} in both" if pair.ours == pair.listed else f"{pair.ours} ~ {pair.listed}"


def band_of(score: Decimal, *, same: bool = False) -> str:
    """exact, strong, possible, logged, or blank below all."""
    if same:
        return "exact"
    for least, band in ((STRONG, "strong"), (POSSIBLE, "possible"), (LOGGED, "logged")):
        if score >= least:
            return band
    return ""


@dataclass(frozen=True, slots=True)
class _Entry:
    party: ListedParty
    name: Name
    weak: bool


class NameIndex:
    """The names and aliases of a set of parties, ready to be screened against. Built once, then only read."""

    def __init__(self, parties: Iterable[ListedParty]) -> None:
        compared = (party for party in parties if party.kind not in NOT_COMPARED)
        self._entries = [entry for party in compared for entry in _entries(party)]
        self._weights = Weights(entry.name for entry in self._entries)
        postings: dict[str, array[int]] = defaultdict(lambda: array("i"))
        # All letters of a name as one: what is only spaced otherwise is found whatever else it shares.
        self._solid: dict[str, list[int]] = defaultdict(list)
        for place, entry in enumerate(self._entries):
            self._solid[entry.name.solid].append(place)
            for feature in _features(entry.name):
                postings[feature].append(place)
        size = max(len(self._entries), 2)
        self._postings = {
            feature: np.frombuffer(places, dtype=np.int32) for feature, places in postings.items()
        }
        self._rarity = {
            feature: math.log(1 + size / len(places)) for feature, places in self._postings.items()
        }
        self._lengths = self._norms()

    def __len__(self) -> int:
        return len(self._entries)

    def matches(self, raw: str, *, floor: Decimal = POSSIBLE) -> tuple[Match, ...]:
        """The best match per listed party at or above `floor`, best first."""
        best: dict[tuple[str, str], Match] = {}
        for name in variants(raw):
            for place in {*self._candidates(name), *self._solid.get(name.solid, ())}:
                entry = self._entries[place]
                match = _match(name, entry, self._weights, raw=raw)
                key = (entry.party.list_code, entry.party.record_id)
                known = best.get(key)
                if match.score >= floor and (known is None or match.score > known.score):
                    best[key] = match
        return tuple(sorted(best.values(), key=lambda m: (-m.score, m.party.record_id)))

    def _norms(self) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        squares = np.zeros(len(self._entries), dtype=np.float32)
        for feature, places in self._postings.items():
            squares[places] += self._rarity[feature] ** 2
        return np.sqrt(np.maximum(squares, 1e-6))

    def _candidates(self, name: Name) -> list[int]:
        """The entries that share most: the cosine of the rarities of shared features, the best first."""
        if not self._entries:
            return []
        features = [feature for feature in _features(name) if feature in self._postings]
        if not features:
            return []
        shared = np.zeros(len(self._entries), dtype=np.float32)
        total = 0.0
        for feature in features:
            square = self._rarity[feature] ** 2
            total += square
            shared[self._postings[feature]] += square
        likeness = shared / (self._lengths * math.sqrt(total))
        # Nearly all share nothing: those are left out before the rest is put in order.
        near = np.flatnonzero(likeness >= LEAST_SHARED)
        if len(near) > MOST_CANDIDATES:
            near = near[np.argpartition(likeness[near], -MOST_CANDIDATES)[-MOST_CANDIDATES:]]
        return [int(place) for place in near]


def compare(query: str, candidate: str) -> Match:
    """Two names against each other, without a list: what is rare is known from generic words only."""
    entries = _entries(ListedParty(record_id="", name=candidate))
    found = [_match(name, entry, _NO_LIST, raw=query) for name in variants(query) for entry in entries]
    if not found:
        return Match(
            party=ListedParty(record_id="", name=candidate),
            name=query,
            matched_name=candidate,
            score=_NEVER,
            band="",
            pairs=(),
        )
    return max(found, key=lambda match: match.score)


_NO_LIST = Weights()


def _features(name: Name) -> set[str]:
    """Tokens, their sounds, and the three-letter pieces of the name written together."""
    padded = f"^{name.joined}$"
    pieces = {padded[at : at + 3] for at in range(len(padded) - 2)}
    return (
        pieces
        | {f"t:{token}" for token in name.tokens}
        | {f"s:{heard}" for token in name.tokens for heard in sounds(token)}
    )


def _entries(party: ListedParty) -> list[_Entry]:
    weak = set(party.weak_aliases)
    return [
        _Entry(party, name, alias in weak or (alias is not party.name and _is_weak(name)))
        for alias in (party.name, *party.aliases)
        for name in listed_variants(alias)
    ]


def _match(name: Name, entry: _Entry, weights: Weights, *, raw: str) -> Match:
    listed = entry.name
    reordered = name.ordered == listed.ordered
    same = name.joined == listed.joined or (reordered and not _initials_differ(name, listed))
    pairs: tuple[TokenPair, ...] = ()
    score = Decimal(1)
    if same:
        pairs = (TokenPair(" ".join(name.tokens), " ".join(listed.tokens), 1.0, 1.0),)
    elif name.solid == listed.solid and len(name.solid) >= SHORT:
        # The same letters, otherwise spaced or with digits for some of them: no accident.
        pairs = (TokenPair(" ".join(name.tokens), " ".join(listed.tokens), 1.0, 1.0),)
        score = DISGUISED
    elif entry.weak or _is_weak(name):
        score = _NEVER
    else:
        pairs = paired(name.tokens, listed.tokens, weights)
        score = Decimal(str(round(_score(name, entry, pairs), 4)))
    return Match(
        party=entry.party,
        name=raw,
        matched_name=listed.raw,
        score=score,
        band=band_of(score, same=same),
        pairs=pairs,
    )


def _score(ours: Name, entry: _Entry, pairs: Sequence[TokenPair]) -> float:
    listed = entry.name
    together = max(
        Indel.normalized_similarity(ours.joined, listed.joined),
        Indel.normalized_similarity(ours.solid, listed.solid)
        if len(ours.tokens) != len(listed.tokens)
        else 0,
    )
    whole = max(fuzz.ratio(ours.ordered, listed.ordered) / 100, together)
    by_rarity = _by_rarity(pairs)
    # Spacing is the cheapest disguise: long names nearly equal when written together are alike, however split.
    resplit = (
        len(ours.tokens) != len(listed.tokens)
        and together >= 0.9
        and len(listed.joined) >= 10
        # A whole word more is no spacing.
        and abs(len(ours.joined) - len(listed.joined)) <= 3
        and _is_split_otherwise(pairs)
    )
    contradicts = _contradicts(pairs)
    if resplit and not contradicts:
        by_rarity = max(by_rarity, together)
    score = WHOLE_PART * whole + (1 - WHOLE_PART) * by_rarity
    if len(ours.tokens) == len(listed.tokens) == 1:
        score = min(score, _single(ours.tokens[0], listed.tokens[0]))
    if entry.party.kind == "individual" and ours.has_form and score < 0.9:
        # A company is no person; only the very name of one is worth a look.
        score = min(score, UNLIKE)
    if contradicts or (not resplit and _only_generic(pairs)):
        score = min(score, UNLIKE)
    if _is_next_of(pairs):
        # A listed fund that is registered again takes the next number.
        score = max(score, NEXT)
    if ours.ordered == listed.ordered:
        score = min(score, UNLIKE)
    if _other_trade(pairs):
        score = min(score, SISTER)
    # Never quite 1: only names that are the same after normalizing are.
    return min(score, 0.9999)


def _is_split_otherwise(pairs: Sequence[TokenPair]) -> bool:
    """Whether what is not shared word for word has nearly the same letters. A long generic word in both, or glued to
    something on one side, makes no two names alike: "BMW Manufacturing" is not "L&M Manufacturing".
    """
    ours = [pair.ours for pair in pairs if not pair.listed]
    listed = [pair.listed for pair in pairs if not pair.ours]
    # In their order, and in order of letters: of a word that is there twice, the other one may stand alone.
    return _is_spelled_alike(ours, listed) or _is_spelled_alike(sorted(ours), sorted(listed))


def _is_spelled_alike(ours: Sequence[str], listed: Sequence[str]) -> bool:
    """Whether the words have nearly the same letters, the generic ones in both left out; short ones the very same,
    or the same sound: "al Daawa" is "Aldawa".
    """
    mine, theirs = "".join(ours), "".join(listed)
    for word in (*ours, *listed):
        if word in GENERIC and word in mine and word in theirs:
            mine, theirs = mine.replace(word, "", 1), theirs.replace(word, "", 1)
    if min(len(mine), len(theirs)) < SHORT:
        return mine == theirs or (min(len(mine), len(theirs)) >= SPOKEN and _sound_alike(mine, theirs))
    return Indel.normalized_similarity(mine, theirs) >= RESPLIT


def _sound_alike(ours: str, listed: str) -> bool:
    return not set(sounds(ours)).isdisjoint(sounds(listed))


def _is_next_of(pairs: Sequence[TokenPair]) -> bool:
    """Whether two vehicles differ by one number only, and that is the next one, or the one before."""
    ours = [pair.ours for pair in pairs if not pair.listed]
    listed = [pair.listed for pair in pairs if not pair.ours]
    if len(ours) != 1 or len(listed) != 1 or not _is_small(ours[0]) or not _is_small(listed[0]):
        return False
    both = [pair for pair in pairs if pair.ours and pair.listed]
    same = all(pair.likeness >= SYNONYMS for pair in both) and any(pair.ours in VEHICLES for pair in both)
    return same and abs(int(ours[0]) - int(listed[0])) == 1


def _is_small(token: str) -> bool:
    """A number of two digits at most; long ones are addresses."""
    return token.isdigit() and len(token) <= 2


def _by_rarity(pairs: Sequence[TokenPair]) -> float:
    """The paired weight in all weight; words alone on both sides count more than on one, they contradict."""
    ours = sum(pair.weight for pair in pairs if not pair.listed)
    listed = sum(pair.weight for pair in pairs if not pair.ours)
    alone = (ours + listed) * (BOTH_SIDES if ours and listed else 1)
    both = [pair for pair in pairs if pair.ours and pair.listed]
    total = alone + sum(2 * pair.weight for pair in both)
    return sum(2 * pair.weight * pair.likeness for pair in both) / total if total else 0.0


def _only_generic(pairs: Sequence[TokenPair]) -> bool:
    """Nothing but generic words is shared, and something else is not."""
    alone = any(not (pair.ours and pair.listed) for pair in pairs)
    return alone and not any(pair.ours and pair.listed and pair.weight > GENERIC_WEIGHT for pair in pairs)


def _contradicts(pairs: Sequence[TokenPair]) -> bool:
    """Another country or another number on each side: sisters, not the same."""
    ours = {pair.ours for pair in pairs if not pair.listed}
    listed = {pair.listed for pair in pairs if not pair.ours}
    return bool(ours & COUNTRY_WORDS and listed & COUNTRY_WORDS) or _numbers_differ(pairs)


def _other_trade(pairs: Sequence[TokenPair]) -> bool:
    """Each side has a line of business that the other lacks, and nothing else sets them apart."""
    ours = {pair.ours for pair in pairs if not pair.listed}
    listed = {pair.listed for pair in pairs if not pair.ours}
    return bool(ours and listed) and ours <= TRADES and listed <= TRADES


def _numbers_differ(pairs: Sequence[TokenPair]) -> bool:
    """A number stands alone on one side: the second fund is not the first."""
    return any(_is_small(pair.ours or pair.listed) for pair in pairs if not (pair.ours and pair.listed))


def _single(ours: str, listed: str) -> float:
    """The most that two names of one word each can score: short ones must be the same, long ones nearly."""
    longest = max(len(ours), len(listed))
    if min(len(ours), len(listed)) >= SHORT and ours[0] == listed[0] and sound(ours) == sound(listed):
        return 0.9999
    allowed = 0 if longest < 7 else 1 if longest < 11 else 2
    return 0.9999 if OSA.distance(ours, listed) <= allowed else UNLIKE


def _initials_differ(ours: Name, listed: Name) -> bool:
    """Initials in another order beside nothing but generic words: "J&S Chemical" is not "S&J Chemical"."""
    mine, theirs = ([token for token in name.tokens if len(token) == 1] for name in (ours, listed))
    return mine != theirs and all(len(token) == 1 or token in GENERIC for token in ours.tokens)


def _is_weak(name: Name) -> bool:
    """One short token says too little to be matched by likeness."""
    return len(name.tokens) == 1 and len(name.tokens[0]) < SHORT
