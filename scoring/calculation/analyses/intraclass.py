"""The six intraclass correlations of Shrout and Fleiss (1979), with 95 % confidence intervals.

Intervals as in McGraw and Wong (1996). Mean squares are exact, so a zero is a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scoring.calculation.analyses.undefined import too_small, undefined

LEVEL = 0.975  # the upper end of a two-sided interval at 95 %
NO_SPREAD = "The proposals do not differ."
ALL_EQUAL = "All marks are equal."
Interval = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Two-way analysis of variance of n proposals by k evaluators."""

    n: int
    k: int
    between: Fraction
    within: Fraction
    evaluators: Fraction
    error: Fraction


def mean_squares(rows: Sequence[Sequence[Fraction]]) -> MeanSquares:
    """Of complete rows: n at least 2, k at least 2."""
    n, k = len(rows), len(rows[0])
    sums = [sum(row, Fraction(0)) for row in rows]
    columns = [sum(column, Fraction(0)) for column in zip(*rows, strict=True)]
    center = sum(sums, Fraction(0)) ** 2 / (n * k)
    total = sum((mark * mark for row in rows for mark in row), Fraction(0)) - center
    between = sum((each * each for each in sums), Fraction(0)) / k - center
    evaluators = sum((each * each for each in columns), Fraction(0)) / n - center
    error = total - between - evaluators
    return MeanSquares(
        n=n,
        k=k,
        between=between / (n - 1),
        within=(total - between) / (n * (k - 1)),
        evaluators=evaluators / (k - 1),
        error=error / ((n - 1) * (k - 1)),
    )


def intraclass(rows: Sequence[Sequence[Fraction]], evaluators: int) -> dict[str, Any]:
    """`icc1` to `icc3k`, each `{"value", "low", "high"}` or `{"value": null, "reason"}`."""
    names = ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k")
    if reason := too_small(len(rows), evaluators):
        return {name: undefined(reason) for name in names}
    ms = mean_squares(rows)
    if not ms.between and not ms.within:
        return {name: undefined(ALL_EQUAL) for name in names}
    return {
        "icc1": _single(ms.between - ms.within, ms.between + (ms.k - 1) * ms.within, _interval1, ms),
        "icc2": _single(ms.between - ms.error, _spread2(ms), _interval2, ms),
        "icc3": _single(ms.between - ms.error, ms.between + (ms.k - 1) * ms.error, _interval3, ms),
        "icc1k": _single(ms.between - ms.within, ms.between, _averaged(_interval1), ms),
        "icc2k": _single(
            ms.between - ms.error,
            ms.between + (ms.evaluators - ms.error) / ms.n,
            _averaged(_interval2),
            ms,
        ),
        "icc3k": _single(ms.between - ms.error, ms.between, _averaged(_interval3), ms),
    }


def _spread2(ms: MeanSquares) -> Fraction:
    return ms.between + (ms.k - 1) * ms.error + ms.k * (ms.evaluators - ms.error) / ms.n


def _single(
    above: Fraction, below: Fraction, interval: Callable[[MeanSquares], Interval], ms: MeanSquares
) -> dict[str, Any]:
    if below <= 0:
        return undefined(NO_SPREAD)
    low, high = interval(ms)
    return {"value": float(above / below), "low": low, "high": high}


def _f(first: float, second: float) -> float:
    from scipy.special import fdtri

    return float(fdtri(first, second, LEVEL))


def _from_ratio(ratio: Fraction, first: int, second: int, k: int) -> Interval:
    """The interval of (F − 1)/(F + k − 1), from an F ratio with its degrees of freedom."""
    low, high = float(ratio) / _f(first, second), float(ratio) * _f(second, first)
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _interval1(ms: MeanSquares) -> Interval:
    if not ms.within:
        return 1.0, 1.0
    return _from_ratio(ms.between / ms.within, ms.n - 1, ms.n * (ms.k - 1), ms.k)


def _interval3(ms: MeanSquares) -> Interval:
    if not ms.error:
        return (1.0, 1.0) if ms.between else (None, None)
    return _from_ratio(ms.between / ms.error, ms.n - 1, (ms.n - 1) * (ms.k - 1), ms.k)


def _interval2(ms: MeanSquares) -> Interval:
    """With Satterthwaite's degrees of freedom."""
    n, k = ms.n, ms.k
    if not ms.error and not ms.evaluators:
        return 1.0, 1.0
    icc = (ms.between - ms.error) / _spread2(ms) if _spread2(ms) else Fraction(0)
    a, b = k * icc / (n * (1 - icc)), 1 + k * icc * (n - 1) / (n * (1 - icc))
    parts = (a * ms.evaluators) ** 2 / (k - 1) + (b * ms.error) ** 2 / ((n - 1) * (k - 1))
    if not parts:
        return None, None
    freedom = float((a * ms.evaluators + b * ms.error) ** 2 / parts)
    if freedom <= 0:
        return None, None
    between, evaluators, error = float(ms.between), float(ms.evaluators), float(ms.error)
    rest = k * evaluators + (k * n - k - n) * error
    upper, lower = _f(n - 1, freedom), _f(freedom, n - 1)
    low = n * (between - upper * error) / (upper * rest + n * between)
    high = n * (lower * between - error) / (rest + n * lower * between)
    return low, high


def _averaged(interval: Callable[[MeanSquares], Interval]) -> Callable[[MeanSquares], Interval]:
    """Spearman and Brown: the interval for the mean of k evaluators."""

    def of_mean(ms: MeanSquares) -> Interval:
        low, high = interval(ms)
        return _stepped_up(low, ms.k), _stepped_up(high, ms.k)

    return of_mean


def _stepped_up(value: float | None, k: int) -> float | None:
    if value is None or 1 + (k - 1) * value <= 0:
        return None
    return k * value / (1 + (k - 1) * value)
