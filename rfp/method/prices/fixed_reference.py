"""m·R/P, at most m if capped: independent of rivals."""

from __future__ import annotations

from fractions import Fraction

from rfp.method.prices.base import Offer, PriceFormula, Rivals


class _FixedReference(PriceFormula):
    def points(self, most: Fraction, offer: Offer, rivals: Rivals, *, cap: bool) -> Fraction:
        assert offer.reference is not None
        earned = most * offer.reference / offer.price
        return min(earned, most) if cap else earned


FORMULA = _FixedReference(
    name="fixed_reference",
    version=1,
    title="Compared with a reference price",
    words="Price points are the most points times the reference price, divided by the offer’s price.",
    parameters=("points", "reference", "cap"),
    needs_reference=True,
)
