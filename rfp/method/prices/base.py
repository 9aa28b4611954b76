"""What a price formula knows about itself, and what it's given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Offer:
    """One proposal's price, after adjustments. `compared` is the same, or price / reference on an index basis."""

    price: Fraction
    compared: Fraction
    reference: Fraction | None
    technical_percent: Fraction | None


@dataclass(frozen=True, slots=True)
class Rivals:
    """The compared prices of the set's gated proposals. At least one."""

    lowest: Fraction
    highest: Fraction
    mean: Fraction

    @classmethod
    def of(cls, prices: Sequence[Fraction]) -> Rivals | None:
        if not prices:
            return None
        return cls(min(prices), max(prices), sum(prices, Fraction(0)) / len(prices))


@dataclass(frozen=True, slots=True)
class PriceFormula:
    """A way to count price. `title` is what is chosen, `words` is what a solicitation publishes.

    `parameters` are the terms of the evaluation file that it reads: a formula with "basis" compares the prices of
    offers with each other. `gives` is "points" (added to the technical points), "total" (in their place) or "nothing".
    """

    name: str
    version: int
    title: str
    words: str
    parameters: tuple[str, ...] = ()
    needs_rivals: bool = False
    needs_reference: bool = False
    needs_price: bool = True
    gives: str = "points"
    ascending: bool = False

    def points(self, most: Fraction, offer: Offer, rivals: Rivals, *, cap: bool) -> Fraction:
        """Price points, 0 to `most` (above it only for an uncapped fixed reference)."""
        raise NotImplementedError

    def total(self, offer: Offer) -> Fraction | None:
        """The total of a method that has one of its own; None where it would divide by zero."""
        raise NotImplementedError
