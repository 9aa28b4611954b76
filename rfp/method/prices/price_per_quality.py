"""P / technical percent, the lowest first."""

from __future__ import annotations

from fractions import Fraction

from rfp.method.prices.base import Offer, PriceFormula


class _PricePerQuality(PriceFormula):
    def total(self, offer: Offer) -> Fraction | None:
        return offer.compared / offer.technical_percent if offer.technical_percent else None


FORMULA = _PricePerQuality(
    name="price_per_quality",
    version=1,
    title="Price divided by the technical score",
    words="The total is the price divided by the technical score in percent. The lowest total is first.",
    parameters=("basis",),
    gives="total",
    ascending=True,
)
