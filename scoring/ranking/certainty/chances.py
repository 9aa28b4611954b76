"""How sure a lot's ranking is, in words and as small bars: advice beside the published ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.safestring import mark_safe

from portal.kit import formats
from scoring.panel.access import Conflicts
from scoring.ranking.models import Ranking, Stability

ROBUST = 0.95  # from here on in, and below 1 minus this out; between them contested
NAMED = 6  # contested proposals that the sentence names
NOT_COMPUTED = "Not computed for this ranking yet"
EARLIER = "From an earlier ranking. An update is on its way."
WIDTH, HEIGHT = 10, 18  # of one rank's bar, of ten


@dataclass(frozen=True)
class Chance:
    """One proposal's chance to be among the first places, and of each rank, as two paths in a box 100 wide, 18 high."""

    words: str
    is_contested: bool
    inside: str
    outside: str


@dataclass(frozen=True, kw_only=True)
class Certainty:
    """What the ranking page says of one lot. `is_behind`: a newer ranking is stored or on its way."""

    head: str
    sentence: str
    basis: str
    computed_at: datetime
    is_behind: bool
    places: int
    shows_chances: bool
    contested: frozenset[str]

    def chance(self, number: str, figures: Sequence[float] | None) -> Chance | None:
        """What one row shows; `figures` as in `RankChance`."""
        if not figures:
            return None
        return chance_from(figures, places=self.places, is_contested=number in self.contested)

    @property
    def cut(self) -> int:
        """Where the line after the last place stands, of 100."""
        return min(self.places, 10) * WIDTH


def certainty_of(stored: Stability | None, ranking: Ranking, conflicts: Conflicts) -> Certainty | None:
    """What is stored, without suppliers that are hidden from the reader. None while nothing is."""
    if stored is None or conflicts.everybody:
        return None
    shown = [each for each in stored.contested if each["supplier"] not in conflicts.suppliers]
    return Certainty(
        head=f"In top {stored.places}",
        sentence=stored.declined or sentence(shown, places=stored.places, ranked=stored.ranked),
        basis="" if stored.declined else basis(stored),
        computed_at=stored.computed_at,
        is_behind=ranking.is_stale or stored.served != ranking.served,
        places=stored.places,
        shows_chances=not stored.declined,
        contested=frozenset(each["number"] for each in shown),
    )


def certainty_of_all(stored: Sequence[Stability], ranking: Ranking, conflicts: Conflicts) -> Certainty | None:
    """The same of several lots in one list: only what stands in rows, without a sentence."""
    each = [found for one in stored if (found := certainty_of(one, ranking, conflicts))]
    if not each:
        return None
    return replace(
        each[0],
        sentence="",
        basis="",
        is_behind=any(one.is_behind for one in each),
        shows_chances=any(one.shows_chances for one in each),
        contested=frozenset().union(*(one.contested for one in each)),
    )


def chance_of(row: Any, conflicts: Conflicts) -> tuple[str, Chance, int] | None:
    """(head, chance, where the line after the last place stands) of one row that `queries.row_with_chance` found.

    None while nothing is stored, or for a ranking that is behind.
    """
    sure = row.sure
    if not sure or not sure["chances"] or sure["served"] != row.ranking.served or row.ranking.is_stale:
        return None
    if conflicts.everybody or row.supplier_id in conflicts.suppliers:
        return None
    places, figures = sure["places"], sure["chances"]
    contested = 1 - ROBUST < figures[0] < ROBUST
    return (
        f"In top {places}",
        chance_from(figures, places=places, is_contested=contested),
        min(places, 10) * WIDTH,
    )


ChanceCells = tuple[Decimal | None, str, str]
"""Percent, "Contested" or blank, and why there is no chance or what to know of it."""


def cells_of(
    stored: Iterable[Stability], ranking: Ranking, conflicts: Conflicts
) -> Callable[[Any], ChanceCells]:
    """What a file says of a row that came with `chances`: the figure as the page shows it, or why there is none."""
    sure = {each.lot_id: certainty_of(each, ranking, conflicts) for each in stored}

    def told(row: Any) -> ChanceCells:
        found = sure.get(row.lot_id)
        if row.rank is None:
            return None, "", "Not ranked"
        if found is not None and not found.shows_chances:
            return None, "", found.sentence
        chance = found.chance(row.proposal_number, row.chances) if found else None
        if found is None or chance is None:
            return None, "", NOT_COMPUTED
        percent = Decimal(chance.words.rstrip("%"))
        return percent, "Contested" if chance.is_contested else "", EARLIER if found.is_behind else ""

    return told


def sentence(contested: Sequence[Mapping[str, Any]], *, places: int, ranked: int) -> str:
    """Which places are contested, and between whom."""
    if ranked <= places:
        are = "is" if ranked == 1 else "are"
        return f"No place is contested: the shortlist has room for {places}, and {ranked} {are} ranked."
    if not contested:
        return f"No place is contested: the top {places} are the same in almost every draw."
    ranks = list(dict.fromkeys(each["rank"] for each in contested))
    named = [f"{each['name']} {formats.share(each['chance'], 0)}" for each in contested[:NAMED]]
    if len(contested) > NAMED:
        named.append(f"and {len(contested) - NAMED} more")
    verb = "is" if len(ranks) == 1 else "are"
    return f"{_places(ranks)} {verb} contested. Chance to be in the top {places}: {', '.join(named)}."


def _places(ranks: Sequence[int]) -> str:
    """ "Place 3", "Places 2 and 3", "Places 2 to 5", or "Places 2, 4, and 7"."""
    if len(ranks) == 1:
        return f"Place {ranks[0]}"
    if len(ranks) == 2:
        return f"Places {ranks[0]} and {ranks[1]}"
    if ranks[-1] - ranks[0] == len(ranks) - 1:
        return f"Places {ranks[0]} to {ranks[-1]}"
    return f"Places {', '.join(map(str, ranks[:-1]))}, and {ranks[-1]}"


def basis(stored: Stability) -> str:
    """What the chances rest on: how many draws, of what, and how far off they can be."""
    points = formats.number(stored.error * 100, 1)
    return (
        f"From {formats.number(stored.draws)} draws of weights close to the published ones, "
        f"over {formats.count_of(stored.ranked, 'ranked proposal')}. "
        f"Standard error: at most {points} percentage points. The published weights decide."
    )


def chance_from(figures: Sequence[float], *, places: int, is_contested: bool) -> Chance:
    """What one row shows; `figures` as in `RankChance`."""
    top, *ranks = figures
    paths: tuple[list[str], list[str]] = ([], [])
    for index, chance in enumerate(ranks[:10]):
        if chance > 0.002:
            # The power keeps small chances visible beside one that is nearly certain, as `bars.rank_strip` does.
            tall = max(1.5, chance**0.7 * HEIGHT)
            bar = f"M{index * WIDTH + 1} {HEIGHT}v-{tall:.1f}h{WIDTH - 2}v{tall:.1f}z"
            paths[0 if index < places else 1].append(bar)
    inside, outside = (mark_safe("".join(each)) for each in paths)
    return Chance(formats.share(top, 0), is_contested, inside, outside)
