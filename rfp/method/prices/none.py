"""Price does not count."""

from __future__ import annotations

from fractions import Fraction

from rfp.method.prices.base import Offer, PriceFormula, Rivals


class _None(PriceFormula):
    def points(self, most: Fraction, offer: Offer, rivals: Rivals, *, cap: bool) -> Fraction:
        return Fraction(0)


FORMULA = _None(
    name="none",
    version=1,
    title="Price doesn’t count",
    words="Price does not earn points.",
    needs_price=False,
    gives="nothing",
)
