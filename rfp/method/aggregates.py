"""Several evaluators' values to one. Values are 0 to 100, exact, at least one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

Values = Sequence[Fraction]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A way to make one value of several. `words` is what a solicitation publishes; `trims` says if it reads `trim`."""

    name: str
    title: str
    words: str
    of: Callable[[Values, Fraction], Fraction]
    trims: bool = False

    def __call__(self, values: Values, trim: Fraction) -> Fraction:
        return self.of(values, trim)


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


AGGREGATES: Mapping[str, Aggregate] = {
    each.name: each
    for each in (
        Aggregate("mean", "The average", "Each criterion counts the average of its marks.", mean),
        Aggregate("median", "The median", "Each criterion counts the median of its marks.", median),
        Aggregate(
            "trimmed_mean",
            "The average without the extremes",
            "Each criterion counts the average of its marks, without the highest and the lowest {trim} of them.",
            trimmed_mean,
            trims=True,
        ),
        Aggregate(
            "winsorised_mean",
            "The average with softened extremes",
            "Each criterion counts the average of its marks. The highest and the lowest {trim} of them are first moved "
            "to the nearest mark that stays.",
            winsorised_mean,
            trims=True,
        ),
    )
}
