"""What each price formula gives three invented offers, to see before choosing one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rfp.method.prices import FORMULAS, Offer, PriceFormula, Rivals

PRICES = (Fraction(100_000), Fraction(125_000), Fraction(150_000))
REFERENCE = Fraction(125_000)
MOST = Fraction(35)
# Technical percents of the three, for formulas that make a total of price and quality.
TECHNICAL = (Fraction(70), Fraction(80), Fraction(90))


@dataclass(frozen=True, slots=True)
class Example:
    """One formula’s points for the three, or its totals (see `formula.gives`); None where it can't say."""

    formula: PriceFormula
    figures: tuple[Fraction | None, ...]

    @property
    def is_total(self) -> bool:
        return self.formula.gives == "total"


def examples(
    *,
    prices: Sequence[Fraction] = PRICES,
    reference: Fraction = REFERENCE,
    most: Fraction = MOST,
    cap: bool = True,
) -> list[Example]:
    """Every formula on the same offers. Prices and the reference are above 0."""
    return [
        Example(formula, tuple(_figures(formula, prices, reference, most, cap)))
        for formula in FORMULAS.values()
        if formula.gives != "nothing"
    ]


def _figures(
    formula: PriceFormula, prices: Sequence[Fraction], reference: Fraction, most: Fraction, cap: bool
) -> list[Fraction | None]:
    rivals = Rivals.of(prices)
    assert rivals is not None, "there are offers"
    offers = [
        Offer(price, price, reference, technical) for price, technical in zip(prices, TECHNICAL, strict=True)
    ]
    if formula.gives == "total":
        return [formula.total(offer) for offer in offers]
    return [formula.points(most, offer, rivals, cap=cap) for offer in offers]
