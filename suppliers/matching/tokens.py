"""The words of two names paired by likeness, and how much each word says. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, Indel, JaroWinkler

from suppliers.matching.names import Name, skeleton, sounds
from suppliers.reference.generic_words import COUNTRY_OF, COUNTRY_WORDS, GENERIC

TOKEN_FLOOR = 0.78
# Two words that sound the same, or a country and its people.
SYNONYMS = 0.95
# Two spellings with the same consonants, and how many of their letters may differ.
OTHER_VOWELS = 0.85
VOWELS = 3
GENERIC_WEIGHT = 0.4
COUNTRY_WEIGHT = 0.55


@dataclass(frozen=True, slots=True)
class TokenPair:
    """One of our tokens beside a listed one, "" when alone; likeness and weight 0 to 1."""

    ours: str
    listed: str
    likeness: float
    weight: float


class Weights:
    """How much a token says: 1 for what no listed name holds, little for what many do or what is generic."""

    def __init__(self, names: Iterable[Name] = ()) -> None:
        frequency: Counter[str] = Counter()
        size = 2
        for size, name in enumerate(names, start=2):  # noqa: B007  (the last number is the size)
            frequency.update(set(name.tokens))
        self._rarest = math.log(1 + size)
        self._known = {
            token: self._weight(token, math.log(1 + size / count)) for token, count in frequency.items()
        }

    def __call__(self, token: str) -> float:
        """0 to 1."""
        known = self._known.get(token)
        return self._weight(token, self._rarest) if known is None else known

    def _weight(self, token: str, rarity: float) -> float:
        weight: float = rarity / self._rarest
        if token in COUNTRY_WORDS:
            return COUNTRY_WEIGHT
        if token in GENERIC or len(token) == 1:
            return min(weight, GENERIC_WEIGHT)
        return weight


def paired(ours: Sequence[str], listed: Sequence[str], weights: Weights) -> tuple[TokenPair, ...]:
    """Tokens paired greedily by likeness, heaviest pairs first, what stays alone at the end."""
    ours, listed = _reglued(ours, listed), _reglued(listed, ours)
    likely = [
        (likeness, place, other)
        for place, mine in enumerate(ours)
        for other, theirs in enumerate(listed)
        if (likeness := _likeness(mine, theirs)) >= TOKEN_FLOOR
    ]
    likely.sort(key=lambda found: (-found[0], found[1], found[2]))
    taken: set[int] = set()
    used: set[int] = set()
    pairs: list[TokenPair] = []
    for likeness, place, other in likely:
        if place in taken or other in used:
            continue
        taken.add(place)
        used.add(other)
        weight = (weights(ours[place]) + weights(listed[other])) / 2
        if likeness < 1:
            # A misspelled word is as rare as can be, but only because it is misspelled.
            weight = min(weights(ours[place]), weights(listed[other]))
        pairs.append(TokenPair(ours[place], listed[other], likeness, weight))
    alone = [TokenPair(t, "", 0.0, weights(t)) for i, t in enumerate(ours) if i not in taken]
    alone += [TokenPair("", t, 0.0, weights(t)) for i, t in enumerate(listed) if i not in used]
    return tuple(sorted(pairs, key=lambda pair: -pair.weight) + alone)


def _reglued(tokens: Sequence[str], others: Sequence[str]) -> Sequence[str]:
    """Neighbours written apart here and together there, as one: "al omgy" beside "alomgy"."""
    known = set(others)
    kept: list[str] = []
    for token in tokens:
        if kept and token not in known and kept[-1] not in known and kept[-1] + token in known:
            kept[-1] += token
        else:
            kept.append(token)
    return kept


@lru_cache(maxsize=1 << 18)
def _likeness(ours: str, listed: str) -> float:
    """How alike two tokens are, 0 to 1; numbers and very short tokens are the same or not."""
    if ours == listed:
        return 1.0
    shortest = min(len(ours), len(listed))
    if ours.isdigit() or listed.isdigit() or shortest < 3:
        return 0.0
    if shortest >= 4 and not set(sounds(ours)).isdisjoint(sounds(listed)):
        return SYNONYMS
    if COUNTRY_OF.get(ours, ours) == COUNTRY_OF.get(listed, listed):
        return SYNONYMS
    if ours in COUNTRY_WORDS and listed in COUNTRY_WORDS:
        # Iraq is no misspelling of Iran.
        return 0.0
    spelled = (JaroWinkler.similarity(ours, listed) + Indel.normalized_similarity(ours, listed)) / 2
    mistakes = OSA.distance(ours, listed)
    if mistakes <= VOWELS and len(skeleton(ours)) > 2 and skeleton(ours) == skeleton(listed):
        return max(spelled, OTHER_VOWELS)
    return spelled if mistakes <= _mistakes(shortest, same_start=ours[0] == listed[0]) else 0.0


def _mistakes(length: int, *, same_start: bool) -> int:
    """How many letters of a word may be mistaken; people seldom mistake the first."""
    allowed = 0 if length < 4 else 1 if length < 7 else 2 if length < 11 else 3
    return allowed if same_start else min(allowed, 1) if length >= 6 else 0
