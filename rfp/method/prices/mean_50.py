"""m·(50 − 100·(P − mean)/mean)/100, clipped to 0…m: half the points at the mean price."""

from __future__ import annotations

from fractions import Fraction

from rfp.method.prices.base import Offer, PriceFormula, Rivals


class _Mean50(PriceFormula):
    def points(self, most: Fraction, offer: Offer, rivals: Rivals, *, cap: bool) -> Fraction:
        above = (offer.compared - rivals.mean) / rivals.mean
        earned = most * (50 - 100 * above) / 100
        return min(max(earned, Fraction(0)), most)


FORMULA = _Mean50(
    name="mean_50",
    version=1,
    title="Compared with the average price",
    words="The mean price earns half the points. Each percent above or below it costs or earns one percent of them.",
    parameters=("points", "basis"),
    needs_rivals=True,
)
