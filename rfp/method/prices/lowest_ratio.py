"""m·Pmin/P."""

from __future__ import annotations

from fractions import Fraction

from rfp.method.prices.base import Offer, PriceFormula, Rivals


class _LowestRatio(PriceFormula):
    def points(self, most: Fraction, offer: Offer, rivals: Rivals, *, cap: bool) -> Fraction:
        return most * rivals.lowest / offer.compared


FORMULA = _LowestRatio(
    name="lowest_ratio",
    version=1,
    title="Compared with the lowest price",
    words="Price points are the most points times the lowest price, divided by the offer’s price.",
    parameters=("points", "basis"),
    needs_rivals=True,
)
