"""The price formulas, by name. A new one is a module here and its line in the registry."""

from __future__ import annotations

from collections.abc import Mapping

from rfp.method.prices import (
    adjusted_score,
    fixed_reference,
    linear_from_lowest,
    linear_min_max,
    lowest_ratio,
    mean_50,
    none,
    price_per_quality,
)
from rfp.method.prices.base import Offer, PriceFormula, Rivals

FORMULAS: Mapping[str, PriceFormula] = {
    module.FORMULA.name: module.FORMULA
    for module in (
        none,
        fixed_reference,
        lowest_ratio,
        linear_from_lowest,
        linear_min_max,
        mean_50,
        price_per_quality,
        adjusted_score,
    )
}

__all__ = ["FORMULAS", "Offer", "PriceFormula", "Rivals"]
