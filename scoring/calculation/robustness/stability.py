"""How sure a ranking is: what happens to it if the weights, or the evaluators, were others. Advice; it ranks nobody."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring.calculation.analysing import Simulation
from scoring.calculation.facts import Evaluation
from scoring.calculation.recomputing import SetResults
from scoring.calculation.robustness.closed_forms import flips, leave_one_out, weight_intervals
from scoring.calculation.robustness.weighing import Weighing, refuse_unless_weighted, weighing

if TYPE_CHECKING:
    from scoring.calculation.robustness.resampling import Panel
    from scoring.calculation.robustness.simulation import Counted, Floats, Problem, Whole

SHORTLIST = 3  # where neither the command nor the file says how many are chosen


def stability(evaluation: Evaluation, results: SetResults, asked: Simulation) -> dict[str, Any]:
    """`analysis.stability` of one set; see docs/evaluation-file.md for its keys. Raises Declined."""
    refuse_unless_weighted(results.method)
    _one_thread_per_product()
    weighed = weighing(results)
    kappa = None if asked.kappa == "uniform" else float(asked.kappa)
    return {
        "seed": asked.seed,
        "draws": asked.draws,
        "kappa": "uniform" if kappa is None else kappa,
        "error": 0.5 / asked.draws**0.5,
        **_drawn(results, weighed, asked, _shortlist(evaluation, results, asked), kappa),
        "weight_intervals": weight_intervals(weighed),
        "flips": flips(weighed),
        "leave_one_out": leave_one_out(results, evaluation.evaluators),
    }


def _one_thread_per_product() -> None:
    """Chunks already run in threads of their own. OpenBLAS reads this when numpy is first imported."""
    if "numpy" not in sys.modules:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _shortlist(evaluation: Evaluation, results: SetResults, asked: Simulation) -> int:
    if asked.top is not None:
        return asked.top
    slots = evaluation.portfolio.slots if evaluation.portfolio else SHORTLIST
    return slots if isinstance(slots, int) else slots.get(results.of.lot, 0)


def _drawn(
    results: SetResults, weighed: Weighing, asked: Simulation, top: int, kappa: float | None
) -> dict[str, Any]:
    """What the draws say."""
    import numpy as np

    from scoring.calculation.robustness.resampling import draw_panels, panel_of
    from scoring.calculation.robustness.simulation import PUBLISHED, Problem, draw_weights, simulate

    if not weighed.ids:
        return {"rank_acceptability": {}, "top": {}, "central_weights": {}, "pairwise": {}}
    weights, generator = draw_weights(weighed.shares, kappa, asked.draws, asked.seed)
    panel = panel_of(results, weighed.codes, weighed.values) if asked.bootstrap else None
    kept, group = _distinct(weighed, panel)
    copies = np.bincount(group, minlength=len(kept))
    depth = min(max(PUBLISHED, top), len(weighed.ids))
    problem = Problem(weighed.values[kept], weighed.offsets[kept], copies, depth)
    first = min(PUBLISHED, len(weighed.ids))
    if panel is None:
        counted = simulate(problem, weights)
        scores = weights @ problem.values.T[:, group[:first]] + weighed.offsets[:first]
        scores = scores[:, _first_of(group[:first])]
        wins = _wins(scores)
    else:
        drawn = draw_panels(panel, asked.draws, generator)
        counted, wins = _resampled(problem, panel, weights, drawn, kept, group[:first])
    return _told(results, weighed, asked.draws, top, _Found(counted, group, wins))


@dataclass(frozen=True, slots=True)
class _Found:
    """Counts of distinct proposals, which of them each proposal is, and the wins among the first 50."""

    counted: Counted
    group: Whole
    wins: Floats


def _distinct(weighed: Weighing, panel: Panel | None) -> tuple[Whole, Whole]:
    """Numbers of the first of equal proposals, and for each proposal which of them it equals.

    Equal proposals score the same with any weights; computed apart, the last bit of a float could tell them apart.
    """
    import numpy as np

    seen: dict[bytes, int] = {}
    kept: list[int] = []
    group: list[int] = []
    for row in range(len(weighed.ids)):
        key = weighed.values[row].tobytes() + weighed.offsets[row].tobytes()
        if panel is not None:
            key += panel.marks[row].tobytes() + panel.given[row].tobytes()
        if key not in seen:
            seen[key] = len(kept)
            kept.append(row)
        group.append(seen[key])
    return np.array(kept), np.array(group)


def _first_of(group: Whole) -> list[int]:
    """For each of the first proposals, the first that equals it."""
    first: dict[int, int] = {}
    return [first.setdefault(int(each), index) for index, each in enumerate(group)]


def _wins(scores: Floats) -> Floats:
    """Among the columns: in how many draws each beats each. A tie is half a win."""
    import numpy as np

    size = scores.shape[1]
    wins = np.zeros((size, size))
    for one in range(size):
        mine = scores[:, one : one + 1]
        wins[one] = (mine > scores).sum(axis=0) + (mine == scores).sum(axis=0) / 2
    return wins


def _resampled(
    problem: Problem, panel: Panel, weights: Floats, drawn: Floats, kept: Whole, leading: Whole
) -> tuple[Counted, Floats]:
    """The same counts, with the evaluators of each draw: values differ from draw to draw, so nothing is left out."""
    import numpy as np

    from scoring.calculation.robustness.resampling import Panel, values_of
    from scoring.calculation.robustness.simulation import Counted, tally

    of_kept = Panel(panel.marks[kept], panel.given[kept], panel.published[kept], panel.aggregate, panel.trim)
    cells = of_kept.published.size * (1 if panel.aggregate == "mean" else max(1, panel.marks.shape[2]))
    size = max(1, min(len(weights), (1 << 20) // max(1, cells)))
    counted, wins = None, np.zeros((len(leading), len(leading)))
    for start in range(0, len(weights), size):
        chunk = weights[start : start + size]
        scores = np.einsum("bnc,bc->bn", values_of(of_kept, drawn[start : start + size]), chunk)
        scores += problem.offsets
        depth = min(problem.depth, scores.shape[1])
        bound = np.partition(scores, scores.shape[1] - depth, axis=1)[:, scores.shape[1] - depth]
        rows, places = np.nonzero(scores >= bound[:, None])
        found = tally(problem, chunk, rows, places, scores[rows, places])
        wins += _wins(scores[:, leading])
        if counted is None:
            counted = Counted(found.ranks, found.firsts)
        else:
            counted.ranks.__iadd__(found.ranks)
            counted.firsts.__iadd__(found.firsts)
    assert counted is not None
    return counted, wins


def _told(results: SetResults, weighed: Weighing, draws: int, top: int, found: _Found) -> dict[str, Any]:
    """Counts of distinct proposals as shares of the draws, for every proposal."""
    from scoring.calculation.robustness.simulation import PUBLISHED

    acceptability, in_top, central = {}, {}, {}
    for index, (proposal, behind) in enumerate(zip(weighed.ids, _behind(results, found.group), strict=True)):
        of_group = found.counted.ranks[found.group[index]]
        ranks = [0] * min(behind, len(of_group)) + of_group[: max(0, len(of_group) - behind)].tolist()
        acceptability[proposal] = [count / draws for count in ranks[:PUBLISHED]]
        in_top[proposal] = sum(ranks[:top]) / draws
        firsts = ranks[0] if ranks else 0
        weights = found.counted.firsts[found.group[index]]
        central[proposal] = (
            dict(zip(weighed.codes, (weights / firsts).tolist(), strict=True)) if firsts else None
        )
    first = weighed.ids[: len(found.wins)]
    pairwise = {
        one: {other: found.wins[row, column] / draws for column, other in enumerate(first) if other != one}
        for row, one in enumerate(first)
    }
    return {
        "rank_acceptability": acceptability,
        "top": in_top,
        "central_weights": central,
        "pairwise": pairwise,
    }


def _behind(results: SetResults, group: Sequence[int] | Whole) -> list[int]:
    """How many equal proposals the tie chain puts ahead of each; those that share a rank have the same number."""
    found: list[int] = []
    seen: dict[int, list[int]] = {}
    for place, each in zip(results.places.values(), group, strict=True):
        before = seen.setdefault(int(each), [])
        found.append(sum(rank < place.rank for rank in before))
        before.append(place.rank)
    return found
