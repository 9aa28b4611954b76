"""Several evaluators' values to one. Values are 0 to 100, exact, at least one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

Values = Sequence[Fraction]


def mean(values: Values, trim: Fraction) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def median(values: Values, trim: Fraction) -> Fraction:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def trimmed_mean(values: Values, trim: Fraction) -> Fraction:
    """The mean without floor(trim·n) values at each end."""
    cut = _cut(values, trim)
    return mean(sorted(values)[cut : len(values) - cut], trim)


def winsorised_mean(values: Values, trim: Fraction) -> Fraction:
    """The mean with floor(trim·n) values at each end moved to the nearest value that stays."""
    ordered, cut = sorted(values), _cut(values, trim)
    low, high = ordered[cut], ordered[len(ordered) - 1 - cut]
    return mean([min(max(value, low), high) for value in ordered], trim)


def _cut(values: Values, trim: Fraction) -> int:
    return int(trim * len(values))


AGGREGATES: Mapping[str, Callable[[Values, Fraction], Fraction]] = {
    "mean": mean,
    "median": median,
    "trimmed_mean": trimmed_mean,
    "winsorised_mean": winsorised_mean,
}
