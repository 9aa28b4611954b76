"""Reference ÷ offered, at most full marks: independent of rivals, so a withdrawal reorders nobody. Pure."""

from __future__ import annotations

from decimal import Decimal

from scoring.facts import PriceFacts
from scoring.methods.value import PLACES


def mark(price: PriceFacts) -> Decimal | None:
    """100 × min(1, Σ reference × volume ÷ Σ offered × volume); None without both totals."""
    if not price.offered or not price.reference:
        return None
    return min(price.reference / price.offered * 100, Decimal(100)).quantize(PLACES)
