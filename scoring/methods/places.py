"""Competition ranks within a lot, with a tie chain. Pure.

The order: higher score; then higher technical score; then lower price; then received earlier. What is equal through
all of it shares a rank (1, 1, 3). Scores are compared unrounded, as Decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from scoring.facts import Contender, Place

TIE_STEPS = ("score", "technical score", "price", "received earlier")


def rank(contenders: Sequence[Contender]) -> list[Place]:
    """Places of one lot's contenders, in order. O(n log n)."""
    ordered = sorted(contenders, key=_key)
    keys = [_key(contender) for contender in ordered]
    places = []
    first_at = 0
    for index, (contender, key) in enumerate(zip(ordered, keys, strict=True)):
        is_new = index == 0 or key != keys[index - 1]
        if is_new:
            first_at = index
        shared = not is_new or (index + 1 < len(keys) and key == keys[index + 1])
        places.append(
            Place(key=contender.key, rank=first_at + 1, shared=shared, tie_step=_tie_step(keys, index))
        )
    return places


def _key(contender: Contender) -> tuple[Any, ...]:
    price = contender.price if contender.price is not None else Decimal("Infinity")
    return (-contender.score, -contender.technical, price, contender.received_at)


def _tie_step(keys: list[tuple[Any, ...]], index: int) -> str:
    """Which step parted this one from the one before it; blank where the score did, "none" where nothing did."""
    if index == 0 or keys[index][0] != keys[index - 1][0]:
        return ""
    for step, mine, before in zip(TIE_STEPS[1:], keys[index][1:], keys[index - 1][1:], strict=True):
        if mine != before:
            return step
    return "none"
