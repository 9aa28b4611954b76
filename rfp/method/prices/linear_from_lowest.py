"""max(0, m·(1 − (P − Pmin)/Pmin)): no points at twice the lowest price."""

from __future__ import annotations

from fractions import Fraction

from rfp.method.prices.base import Offer, PriceFormula, Rivals


class _LinearFromLowest(PriceFormula):
    def points(self, most: Fraction, offer: Offer, rivals: Rivals, *, cap: bool) -> Fraction:
        above = (offer.compared - rivals.lowest) / rivals.lowest
        return max(Fraction(0), most * (1 - above))


FORMULA = _LinearFromLowest(
    name="linear_from_lowest",
    version=1,
    title="Percent above the lowest price",
    words="The lowest price earns the most points. Each percent above it costs one percent of them.",
    parameters=("points", "basis"),
    needs_rivals=True,
)
