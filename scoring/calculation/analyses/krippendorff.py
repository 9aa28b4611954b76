"""Krippendorff's alpha (Computing Krippendorff's Alpha-Reliability, 2011) for four levels of measurement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from scoring.calculation.analyses.undefined import undefined

Unit = Sequence[Fraction]
NO_PAIRS = "No proposal has two marks."
ALL_EQUAL = "All marks are equal."
NEGATIVE = "The ratio level needs marks of 0 or more."


def alphas(units: Sequence[Unit]) -> dict[str, Any]:
    """Alpha on all units with at least two marks; a number, or `{"value": null, "reason"}`."""
    paired = [unit for unit in units if len(unit) > 1]
    counts = Counter(mark for unit in paired for mark in unit)
    levels = ("nominal", "ordinal", "interval", "ratio")
    if not paired:
        return {level: undefined(NO_PAIRS) for level in levels}
    if len(counts) < 2:
        return {level: undefined(ALL_EQUAL) for level in levels}
    middles = _middle_ranks(counts)
    ranked = [[middles[mark] for mark in unit] for unit in paired]
    return {
        "nominal": _alpha(paired, _observed_unlike, _expected_unlike),
        "ordinal": _alpha(ranked, _observed_square, _expected_square),
        "interval": _alpha(paired, _observed_square, _expected_square),
        "ratio": undefined(NEGATIVE) if min(counts) < 0 else _alpha(paired, _observed_ratio, _expected_ratio),
    }


def _middle_ranks(counts: Mapping[Fraction, int]) -> dict[Fraction, Fraction]:
    """For each mark, how many are below it plus half of its own: the ordinal metric is their difference, squared."""
    found, below = {}, 0
    for mark in sorted(counts):
        found[mark] = below + Fraction(counts[mark], 2)
        below += counts[mark]
    return found


def _alpha(
    units: Sequence[Unit],
    observed: Callable[[Unit], Fraction | float],
    expected: Callable[[Counter[Fraction]], Fraction | float],
) -> float:
    """1 − Do/De. Both count ordered pairs: a unit's over its size − 1, all pairs over n − 1."""
    counts = Counter(mark for unit in units for mark in unit)
    disagreement = sum(observed(unit) / (len(unit) - 1) for unit in units)
    return float(1 - (counts.total() - 1) * disagreement / expected(counts))


def _observed_unlike(unit: Unit) -> Fraction:
    return Fraction(len(unit) ** 2 - sum(count**2 for count in Counter(unit).values()))


def _expected_unlike(counts: Counter[Fraction]) -> Fraction:
    return Fraction(counts.total() ** 2 - sum(count**2 for count in counts.values()))


def _observed_square(unit: Unit) -> Fraction:
    """Σ (a − b)² over ordered pairs is 2n·Σa² − 2(Σa)²."""
    return 2 * len(unit) * sum((mark * mark for mark in unit), Fraction(0)) - 2 * sum(unit, Fraction(0)) ** 2


def _expected_square(counts: Counter[Fraction]) -> Fraction:
    squares = sum((count * mark * mark for mark, count in counts.items()), Fraction(0))
    return (
        2 * counts.total() * squares
        - 2 * sum((count * mark for mark, count in counts.items()), Fraction(0)) ** 2
    )


def _observed_ratio(unit: Unit) -> float:
    return _ratio(Counter(unit))


def _expected_ratio(counts: Counter[Fraction]) -> float:
    return _ratio(counts)


def _ratio(counts: Counter[Fraction]) -> float:
    """Σ ((a − b)/(a + b))² over ordered pairs, a row of the table at a time; two zeros do not differ."""
    import numpy as np

    marks = np.array([float(mark) for mark in counts])
    weights = np.array(list(counts.values()), dtype=float)
    total = 0.0
    for mark, weight in zip(marks, weights, strict=True):
        sums = marks + mark
        apart = np.divide(marks - mark, sums, out=np.zeros_like(sums), where=sums > 0)
        total += float(weight * (weights @ (apart * apart)))
    return total
