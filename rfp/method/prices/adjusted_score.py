"""Technical percent · R/P, the highest first."""

from __future__ import annotations

from fractions import Fraction

from rfp.method.prices.base import Offer, PriceFormula


class _AdjustedScore(PriceFormula):
    def total(self, offer: Offer) -> Fraction | None:
        assert offer.reference is not None and offer.technical_percent is not None
        return offer.technical_percent * offer.reference / offer.price


FORMULA = _AdjustedScore(
    name="adjusted_score",
    version=1,
    title="Technical score adjusted by a reference price",
    words="The total is the technical score in percent times the reference price, divided by the offer’s price.",
    parameters=("reference",),
    needs_reference=True,
    gives="total",
)
