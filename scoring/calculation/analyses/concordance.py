"""Kendall's coefficient of concordance W, corrected for ties, with the p value of Friedman's test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from scoring.calculation.analyses.undefined import too_small, undefined

ALL_TIED = "No evaluator tells the proposals apart."


def kendall(rows: Sequence[Sequence[Fraction]], evaluators: int) -> dict[str, Any]:
    """`kendall_w` and `kendall_p` of complete rows (a proposal each); p from chi-squared with n − 1 degrees."""
    if reason := too_small(len(rows), evaluators):
        return {"kendall_w": undefined(reason), "kendall_p": undefined(reason)}
    n, m = len(rows), evaluators
    columns = list(zip(*rows, strict=True))
    ranks = [_middle_ranks(column) for column in columns]
    sums = [sum(each, Fraction(0)) for each in zip(*ranks, strict=True)]
    spread = sum((each * each for each in sums), Fraction(0)) - Fraction(m * m * n * (n + 1) ** 2, 4)
    ties = sum(count**3 - count for column in columns for count in Counter(column).values())
    most = m * m * (n**3 - n) - m * ties
    if not most:
        return {"kendall_w": undefined(ALL_TIED), "kendall_p": undefined(ALL_TIED)}
    from scipy.special import chdtrc

    w = 12 * spread / most
    return {"kendall_w": float(w), "kendall_p": float(chdtrc(n - 1, float(m * (n - 1) * w)))}


def _middle_ranks(column: Sequence[Fraction]) -> list[Fraction]:
    """Ranks from 1; equal marks share the middle of theirs."""
    counts = Counter(column)
    found, below = {}, 0
    for mark in sorted(counts):
        found[mark] = below + Fraction(counts[mark] + 1, 2)
        below += counts[mark]
    return [found[mark] for mark in column]
