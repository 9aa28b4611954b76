"""Competition ranks (1, 1, 3) and the tie chain.

Totals sort by their nearest float first. Rounding to the nearest float never reverses an order, so fractions are
compared only where their floats are equal. That keeps 5,000 proposals fast and every comparison exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from rfp.method.ties import TIE_STEPS
from scoring.calculation.draws import positions_in

WORDS = tuple(TIE_STEPS)
Key = tuple[int, Fraction]
NULL: Key = (1, Fraction(0))


@dataclass(frozen=True, slots=True)
class Contender:
    """What the order of one proposal depends on. `ranked_on`: higher first. `values`: of criteria, by code."""

    id: str
    ranked_on: Fraction
    technical: Fraction
    price: Fraction | None = None
    received_at: Fraction | None = None
    draw: Fraction | None = None
    values: Mapping[str, Fraction | None] | None = None
    stage: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """`tie_step` is what decided against the row above with an equal total; "none" if they share a rank; else ""."""

    id: str
    rank: int
    shared: bool
    tie_step: str


def _higher(value: Fraction | None) -> Key:
    return NULL if value is None else (0, -value)


def _lower(value: Fraction | None) -> Key:
    return NULL if value is None else (0, value)


STEPS: Mapping[str, Callable[[Contender], Key]] = {
    "technical": lambda contender: _higher(contender.technical),
    "price": lambda contender: _lower(contender.price),
    "received_at": lambda contender: _lower(contender.received_at),
    "draw": lambda contender: _lower(contender.draw),
}


def step_key(contender: Contender, step: str) -> Key:
    """How one step of the chain orders a proposal: lower first, nulls last."""
    if step in STEPS:
        return STEPS[step](contender)
    return _higher((contender.values or {}).get(step))


def rank(contenders: Sequence[Contender], chain: Sequence[str]) -> list[Place]:
    """The places of one set's contenders, in order: later stages first. Equal throughout: a shared rank, by id."""
    places: list[Place] = []
    for stage in sorted({each.stage for each in contenders}, reverse=True):
        places += _rank_stage([each for each in contenders if each.stage == stage], len(places), chain)
    return places


def rank_with_draws(
    contenders: Sequence[Contender], chain: Sequence[str], drawn: Sequence[Mapping[str, int]]
) -> list[Place]:
    """The places, where `drawn` holds the orders of recorded draws (proposal → place in it), the oldest first."""
    places = rank(contenders, chain)
    found = drawn_among(places, drawn) if "draw" in chain and drawn else {}
    if not found:
        return places
    with_draws = [
        replace(each, draw=Fraction(found[each.id])) if each.id in found else each for each in contenders
    ]
    return rank(with_draws, chain)


def drawn_among(places: Iterable[Place], drawn: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Proposal → its place in the draw that decides its tie. Whoever is tied with one that was not drawn stays tied."""
    tied: dict[int, list[str]] = {}
    for place in places:
        if place.shared:
            tied.setdefault(place.rank, []).append(place.id)
    found: dict[str, int] = {}
    for members in tied.values():
        found |= positions_in(drawn, members)
    return found


def _rank_stage(contenders: Sequence[Contender], above: int, chain: Sequence[str]) -> list[Place]:
    """The places of the contenders of one stage, below `above` others."""
    floats = [float(each.ranked_on) for each in contenders]
    order = sorted(range(len(contenders)), key=floats.__getitem__, reverse=True)
    places: list[Place] = []
    for start, end in _runs([floats[index] for index in order]):
        close = [contenders[index] for index in order[start:end]]
        if len(close) > 1:
            close.sort(key=lambda each: each.ranked_on, reverse=True)
        for first, last in _runs([each.ranked_on for each in close]) if len(close) > 1 else [(0, 1)]:
            places += _placed(close[first:last], above + start + first, chain)
    return places


def _runs(keys: Sequence[object]) -> list[tuple[int, int]]:
    """Where equal neighbors start and end."""
    starts = [index for index in range(len(keys)) if index == 0 or keys[index] != keys[index - 1]]
    return list(zip(starts, [*starts[1:], len(keys)], strict=False))


def _placed(tied: Sequence[Contender], above: int, chain: Sequence[str]) -> list[Place]:
    """The places of proposals with equal totals, below `above` others."""
    if len(tied) == 1:
        return [Place(tied[0].id, above + 1, False, "")]
    keyed = [(tuple(step_key(each, step) for step in chain), each.id) for each in tied]
    keyed.sort()
    keys = [key for key, _ in keyed]
    places = []
    for start, end in _runs(keys):
        for index in range(start, end):
            step = "" if index == 0 else _decided(keys[index - 1], keys[index], chain)
            places.append(Place(keyed[index][1], above + start + 1, end - start > 1, step))
    return places


def _decided(before: tuple[Key, ...], after: tuple[Key, ...], chain: Sequence[str]) -> str:
    return next((step for step, a, b in zip(chain, before, after, strict=True) if a != b), "none")
