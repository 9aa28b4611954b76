"""Who would be where if the weights were drawn anew, thousands of times. float64 throughout; ranks are exact.

Most proposals are never near the top, so a draw does not rank them all. Scores of a few strong ones give a bound that
the top must reach; a second bound (Cauchy and Schwarz) leaves out proposals that can't reach it in any draw of a chunk.
What remains is one matrix product and one comparison, in chunks that fit a processor's cache. Chunks run in threads and
only counts leave them, so the result does not depend on how many run at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]
    Whole = np.ndarray[Any, np.dtype[np.int64]]

PUBLISHED = 50  # ranks that are reported, and proposals that are compared in pairs
CELLS = 1 << 18  # scores in a chunk: 2 MB
SLACK = 1e-9  # rounding of a score, well above 13 additions of numbers up to 100
STRONG, PILOTS, PER_PILOT = 64, 24, 12


@dataclass(frozen=True, slots=True)
class Problem:
    """Distinct proposals. `values` is N×C, `offsets` N, `copies` how many proposals have the same values, in all."""

    values: Floats
    offsets: Floats
    copies: Whole
    depth: int


@dataclass(frozen=True, slots=True)
class Counted:
    """`ranks` is N×depth: in how many draws the first copy had that rank. `firsts` is N×C: its weights, summed."""

    ranks: Whole
    firsts: Floats


def draw_weights(
    shares: Floats, kappa: float | None, draws: int, seed: int
) -> tuple[Floats, np.random.Generator]:
    """draws×C weights ~ Dirichlet(κ·shares), or uniform without κ. A weight of 0 stays 0."""
    import numpy as np

    generator = np.random.default_rng(seed)
    used = shares > 0
    weights = np.zeros((draws, len(shares)))
    alpha = np.ones(int(used.sum())) if kappa is None else kappa * shares[used]
    weights[:, used] = generator.dirichlet(alpha, size=draws)
    return weights, generator


def simulate(problem: Problem, weights: Floats) -> Counted:
    """Counts over all draws (M×C)."""
    import numpy as np

    # A draw's scores differ from those of the mean weights by δ·x, and Σδ = 0. So they differ by at most the length of
    # δ/√w times the weighted deviation of a proposal's values: its standard deviation if weights add up to 1.
    center = weights.mean(axis=0)
    inside = problem.values @ center
    middle = inside + problem.offsets
    spread = np.sqrt((problem.values - inside[:, None]) ** 2 @ center)
    used = center > 0
    apart = np.sqrt(((weights[:, used] - center[used]) ** 2 / center[used]).sum(axis=1))
    order = np.argsort(apart, kind="stable")
    strong = _strong(problem, middle, weights)
    size = max(16, min(512, CELLS // max(1, len(strong))))

    def of_chunk(start: int) -> Counted:
        chosen = order[start : start + size]
        drawn = weights[chosen]
        bound = _bound(problem, drawn, strong)
        near = np.flatnonzero(middle + (apart[chosen[-1]] + SLACK) * spread >= bound.min() - SLACK)
        return _count(problem, near, drawn, bound)

    return _added(of_chunk, range(0, len(weights), size))


def _added(of_chunk: Callable[[int], Counted], starts: Sequence[int]) -> Counted:
    """The counts of all chunks, added in their order."""
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as threads:
        found = threads.map(of_chunk, starts)
        total = next(found)
        for each in found:
            total.ranks.__iadd__(each.ranks)
            total.firsts.__iadd__(each.firsts)
    return total


def _strong(problem: Problem, middle: Floats, weights: Floats) -> Whole:
    """Proposals that are at the top with mean weights or in one of the first draws, at least `depth`."""
    import numpy as np

    pilots = weights[:PILOTS] @ problem.values.T + problem.offsets
    best = [_top(middle, max(STRONG, problem.depth)), *(_top(scores, PER_PILOT) for scores in pilots)]
    return np.unique(np.concatenate(best))


def _top(scores: Floats, number: int) -> Whole:
    import numpy as np

    if number >= len(scores):
        return np.arange(len(scores))
    return np.argpartition(scores, len(scores) - number)[-number:]


def _bound(problem: Problem, drawn: Floats, strong: Whole) -> Floats:
    """For each draw a score that `depth` proposals reach."""
    import numpy as np

    scores = drawn @ problem.values[strong].T + problem.offsets[strong]
    place = max(0, len(strong) - problem.depth)
    found: Floats = np.partition(scores, place, axis=1)[:, place]
    return found


def _count(problem: Problem, near: Whole, drawn: Floats, bound: Floats) -> Counted:
    """Ranks in each draw of a chunk, of those near enough to reach the bound; a block of proposals at a time."""
    import numpy as np

    width = max(64, CELLS // len(drawn))
    rows, places, scores = [], [], []
    for start in range(0, len(near), width):
        block = near[start : start + width]
        of_block = drawn @ problem.values[block].T
        of_block += problem.offsets[block]
        reached = np.flatnonzero(of_block >= (bound - SLACK)[:, None])
        row, column = np.divmod(reached, len(block))
        rows.append(row)
        places.append(block[column])
        scores.append(of_block.ravel()[reached])
    if len(rows) == 1:
        return tally(problem, drawn, rows[0], places[0], scores[0])
    # Blocks come in the order of the proposals' numbers; draws must come first.
    by_draw = np.argsort(np.concatenate(rows), kind="stable")
    row, place, score = (np.concatenate(parts)[by_draw] for parts in (rows, places, scores))
    return tally(problem, drawn, row, place, score)


def tally(problem: Problem, drawn: Floats, rows: Whole, places: Whole, scores: Floats) -> Counted:
    """Counts from the scores that matter: of draw `rows[k]`, proposal `places[k]` has `scores[k]`. Sorted by both.

    Equal scores keep the published order, which is that of the proposals' numbers.
    """
    import numpy as np

    sizes = np.bincount(rows, minlength=len(drawn))
    inside = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    table = np.full((len(drawn), int(sizes.max())), np.inf)
    table[rows, inside] = -scores
    who = np.zeros(table.shape, dtype=np.int64)
    who[rows, inside] = places
    ordered = np.argsort(table, axis=1, kind="stable")[:, : problem.depth]
    who = np.take_along_axis(who, ordered, axis=1)
    exists = ordered < sizes[:, None]
    ahead = np.cumsum(np.where(exists, problem.copies[who], 0), axis=1) - problem.copies[who]
    counts = exists & (ahead < problem.depth)
    ranks = np.bincount(
        who[counts] * problem.depth + ahead[counts], minlength=len(problem.values) * problem.depth
    )
    firsts = np.zeros((len(problem.values), drawn.shape[1]))
    np.add.at(firsts, who[:, 0], drawn)
    return Counted(ranks.reshape(len(problem.values), problem.depth), firsts)
