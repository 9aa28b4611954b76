"""A ranking as a weighted sum: the published weights as shares of 1, and the values they weigh.

A proposal's score is Σ share·value + offset, 0 to 100 without adjustments: its total, in percent of all weights. Price
is one more column, with the value 100·points/m.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from rfp.method.prices import FORMULAS
from scoring.calculation.facts import Criterion, Declined, Method
from scoring.calculation.recomputing import SetResults
from scoring.calculation.totals import ZERO, Row, Terms, most_technical, weighted_total

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]

PRICE = "price"


@dataclass(frozen=True, slots=True)
class Weighing:
    """`values` is N×C, in published order; `shares` has C, `offsets` and `scores` have N."""

    ids: Sequence[str]
    codes: Sequence[str]
    shares: Floats
    values: Floats
    offsets: Floats
    scores: Floats


def weighing(results: SetResults) -> Weighing:
    """The ranked rows of one set. Raises Declined where a total is no weighted sum of values."""
    import numpy as np

    _refuse_shares_over_stages(results)
    points = weight_points(results.criteria, results.method)
    whole = sum(points.values(), ZERO)
    if not whole:
        raise Declined("Stability needs a weight above 0.")
    ranked = results.ranked
    is_open = results.method.price_open
    values = np.array([[float(_value(row, code, results)) for code in points] for row in ranked], dtype=float)
    offsets = [100 * row.adjustment / whole if is_open else ZERO for row in ranked]
    stages = np.array([float(row.proposal.stage) for row in ranked])
    terms = Terms.of(results.criteria, results.method)
    exact = [
        100 * (weighted_total(row, row.technical, terms) if is_open else row.technical) / whole
        for row in ranked
    ]
    offset = np.array([float(offset) for offset in offsets])
    # No weights bring a proposal ahead of one in a later stage.
    apart = 2 * (np.abs(values).max(initial=0) + np.abs(offset).max(initial=0)) + 1
    ahead = apart * (stages - stages.min(initial=0))
    return Weighing(
        ids=[row.proposal.id for row in ranked],
        codes=list(points),
        shares=np.array([float(weight / whole) for weight in points.values()]),
        values=values.reshape(len(ranked), len(points)),
        offsets=offset + ahead,
        scores=np.array([float(score) for score in exact]) + ahead,
    )


def refuse_unless_weighted(method: Method) -> None:
    """Raises Declined for methods whose totals are no weighted sum."""
    if method.technical == "relative":
        raise Declined(
            "Stability does not apply to relative technical points, because weights would change them."
        )
    if FORMULAS[method.price.formula].gives == "total":
        raise Declined(
            f"Stability does not apply to {method.price.formula}, because its total isn’t a weighted sum."
        )


def _refuse_shares_over_stages(results: SetResults) -> None:
    """Raises Declined where one share of the weights would stand for different criteria in different rows."""
    if results.method.technical_share is not None and len({row.most for row in results.ranked}) > 1:
        raise Declined("Stability does not apply to shares while proposals are in different stages.")


def weight_points(criteria: Sequence[Criterion], method: Method) -> dict[str, Fraction]:
    """What a value of 100 adds to the total, by criterion and for price, as far as prices are open."""
    scale = Fraction(1)
    if method.price_open and method.technical_share is not None:
        scale = method.technical_share / most_technical(criteria)
    points = {}
    for criterion in criteria:
        if criterion.envelope == "technical":
            points[criterion.code] = criterion.weight * scale
        elif method.price_open:
            points[criterion.code] = criterion.weight
    if method.price_open and FORMULAS[method.price.formula].gives == "points":
        most = method.price.points or ZERO
        points[PRICE] = most if method.price_share is None else method.price_share
    return points


def _value(row: Row, code: str, results: SetResults) -> Fraction:
    if code != PRICE:
        return row.scores[code].value or ZERO
    most = results.method.price.points
    return 100 * (row.price_points or ZERO) / most if most else ZERO
