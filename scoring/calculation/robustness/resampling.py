"""Evaluators drawn anew, jointly: one draw holds for every proposal and criterion, since the strict are strict on all.

For the mean it is the Bayesian bootstrap (weights ~ Dirichlet(1) over evaluators, renormalized over those who marked a
cell). Order statistics have no natural weights; for them evaluators are drawn with replacement. A cell keeps its
published value if it has a consensus or no marks that count, or if none of its evaluators was drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scoring.calculation.facts import Criterion, Method
from scoring.calculation.recomputing import SetResults

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Panel:
    """`marks` is N×C×E with the value 0 where `given` is False; `published` is N×C."""

    marks: Floats
    given: np.ndarray[Any, np.dtype[np.bool_]]
    published: Floats
    aggregate: str
    trim: Fraction


def panel_of(results: SetResults, codes: Sequence[str], published: Floats) -> Panel:
    """The marks behind the values of the ranked rows, for the columns `codes`."""
    import numpy as np

    by_code = {each.code: each for each in results.criteria}
    cells = [
        (
            row,
            column,
            [mark for mark in results.of.marks.get((proposal.proposal.id, code), ()) if mark.is_given],
        )
        for row, proposal in enumerate(results.ranked)
        for column, code in enumerate(codes)
        if code in by_code and _is_aggregated(results, proposal.proposal.id, by_code[code])
    ]
    evaluators = sorted({mark.evaluator for _, _, marks in cells for mark in marks})
    place = {who: index for index, who in enumerate(evaluators)}
    values = np.zeros((*published.shape, len(evaluators)))
    given = np.zeros(values.shape, dtype=bool)
    for row, column, marks in cells:
        for mark in marks:
            values[row, column, place[mark.evaluator]] = float(mark.value or 0)
            given[row, column, place[mark.evaluator]] = True
    method: Method = results.method
    return Panel(values, given, published, method.aggregate, method.trim)


def _is_aggregated(results: SetResults, proposal: str, criterion: Criterion) -> bool:
    """Whether the value comes from an aggregate of marks: neither agreed nor automatic."""
    cell = (proposal, criterion.code)
    if criterion.mode == "automatic" and (
        results.of.automatic.get(cell) is not None or not criterion.fallback
    ):
        return False
    return cell not in results.of.consensus


def draw_panels(panel: Panel, draws: int, generator: np.random.Generator) -> Floats:
    """draws×E: weights for the mean, counts for the other aggregates."""
    import numpy as np

    size = panel.marks.shape[2]
    if not size:
        return np.zeros((draws, 0))
    if panel.aggregate == "mean":
        return generator.dirichlet(np.ones(size), size=draws)
    return generator.multinomial(size, np.full(size, 1 / size), size=draws).astype(float)


def values_of(panel: Panel, drawn: Floats) -> Floats:
    """B×N×C values for B drawn panels (B×E)."""
    import numpy as np

    size = np.tensordot(drawn, panel.given.astype(float), axes=(1, 2))
    if panel.aggregate == "mean":
        sums = np.tensordot(drawn, panel.marks, axes=(1, 2))
    else:
        sums = _ordered_sums(panel, drawn, size)
    published = np.broadcast_to(panel.published, size.shape).copy()
    found: Floats = np.divide(sums, size, out=published, where=size > 0)
    return found


def _ordered_sums(panel: Panel, drawn: Floats, size: Floats) -> Floats:
    """The aggregate times the number of marks drawn, for the median, the trimmed and the winsorised mean."""
    import numpy as np

    order = np.argsort(panel.marks, axis=2, kind="stable")
    marks = np.take_along_axis(panel.marks, order, axis=2)
    given = np.take_along_axis(panel.given, order, axis=2)
    counts = drawn[:, order] * given
    upto = np.cumsum(counts, axis=3)
    if panel.aggregate == "median":
        low = np.maximum(np.floor((size - 1) / 2), 0)
        return size * (_at(marks, upto, low) + _at(marks, upto, np.floor(size / 2))) / 2
    cut = np.floor(float(panel.trim) * size + 1e-9)
    first, last = cut[..., None], (size - cut)[..., None]
    kept = np.clip(np.minimum(upto, last) - np.maximum(upto - counts, first), 0, None)
    inner: Floats = (kept * marks).sum(axis=3)
    if panel.aggregate == "trimmed_mean":
        trimmed: Floats = np.divide(inner * size, size - 2 * cut, out=np.zeros_like(inner), where=size > 0)
        return trimmed
    ends = _at(marks, upto, cut) + _at(marks, upto, np.maximum(size - 1 - cut, 0))
    return inner + cut * ends


def _at(marks: Floats, upto: Floats, position: Floats) -> Floats:
    """The mark at a position (from 0) of the marks that were drawn, in order of size."""
    import numpy as np

    index = np.argmax(upto > position[..., None], axis=3)
    found: Floats = np.take_along_axis(np.broadcast_to(marks, upto.shape), index[..., None], axis=3)[..., 0]
    return found
