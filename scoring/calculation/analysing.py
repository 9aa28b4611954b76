"""The analyses that somebody asked for, over all sets. Each runs only if asked, and loads numpy or scipy only then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from scoring.calculation.facts import Evaluation
from scoring.calculation.recomputing import SetResults, recompute


@dataclass(frozen=True, slots=True)
class Simulation:
    """How to draw weights. `kappa` is how close they stay to the published ones; `top` is the size of the shortlist."""

    draws: int = 10_000
    kappa: Fraction | Literal["uniform"] = Fraction(100)
    top: int | None = None
    seed: int = 1
    bootstrap: bool = False


@dataclass(frozen=True, slots=True)
class Analyses:
    """Which analyses to do."""

    agreement: bool = False
    effects: bool = False
    stability: Simulation | None = None
    withdrawal: bool = False
    portfolio: bool = False


def analyse(
    evaluation: Evaluation, wanted: Analyses, results: Sequence[SetResults] | None = None
) -> dict[str, Any]:
    """`{"sets": [{"window", "lot", "results", "analysis"}], "portfolio"}`, ready for JSON.

    What is exact is a decimal string; what is floating point is a number. Raises Declined.
    """
    results = recompute(evaluation) if results is None else results
    found: dict[str, Any] = {
        "sets": [
            {
                "window": each.of.window,
                "lot": each.of.lot,
                "results": each.as_json(),
                "analysis": _of_set(evaluation, each, wanted),
            }
            for each in results
        ]
    }
    if wanted.portfolio:
        from scoring.calculation.coverage.portfolio import portfolio

        found["portfolio"] = portfolio(evaluation, results)
    return found


def _of_set(evaluation: Evaluation, results: SetResults, wanted: Analyses) -> dict[str, Any]:
    analysis: dict[str, Any] = {}
    if wanted.agreement:
        from scoring.calculation.analyses.agreement import agreement

        analysis["agreement"] = agreement(results)
    if wanted.effects:
        from scoring.calculation.analyses.effects import effects

        analysis["effects"] = effects(results)
    if wanted.stability:
        from scoring.calculation.robustness.stability import stability

        analysis["stability"] = stability(evaluation, results, wanted.stability)
    if wanted.withdrawal:
        from scoring.calculation.analyses.withdrawal import withdrawals

        analysis["withdrawal"] = withdrawals(results)
    return analysis
