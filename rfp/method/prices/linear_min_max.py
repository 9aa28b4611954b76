"""m·(Pmax − P)/(Pmax − Pmin); m if all prices are equal."""

from __future__ import annotations

from fractions import Fraction

from rfp.method.prices.base import Offer, PriceFormula, Rivals


class _LinearMinMax(PriceFormula):
    def points(self, most: Fraction, offer: Offer, rivals: Rivals, *, cap: bool) -> Fraction:
        if rivals.highest == rivals.lowest:
            return most
        return most * (rivals.highest - offer.compared) / (rivals.highest - rivals.lowest)


FORMULA = _LinearMinMax(
    name="linear_min_max",
    version=1,
    title="Between the lowest and the highest price",
    words="The lowest price earns the most points and the highest none. Prices between them lie on a straight line.",
    parameters=("points", "basis"),
    needs_rivals=True,
)
