"""The cheapest assignment as a minimum-cost flow, solved by HiGHS.

A unit of flow is one review: from its proposal to a reviewer, then through one of the reviewer's places, each of which
costs more than the one before. Costs are convex, so work spreads evenly. The matrix is totally unimodular: a vertex of
the linear program is whole, and the simplex method ends at one.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scoring.calculation.assigning.facts import Cell, Problem, Reviewer, Submission

SHORT = 1e5  # a missing review costs more than any detour
EXPERT = 0.5  # of a fair share: how uneven work may become before expertise gives way
NOISE = 1e-3  # mixes the teams, so that reviewers share proposals with different people


@dataclass(frozen=True, slots=True)
class Solved:
    """`chosen`: the new pairs. `short`: proposal → reviews that nobody can take."""

    chosen: frozenset[Cell]
    short: dict[str, int]


def solve(problem: Problem) -> Solved:
    """The new pairs beside those that are kept, and what is left short."""
    kept = Counter(submission for submission, _reviewer in problem.kept)
    wanted = {each.id: max(problem.each - kept[each.id], 0) for each in problem.submissions}
    open_ones = [each for each in problem.submissions if wanted[each.id]]
    if not open_ones:
        return Solved(frozenset(), {})
    return _flow(problem, open_ones, wanted)


def places_left(problem: Problem, reviewer: Reviewer) -> int | None:
    """How many more proposals the reviewer may take; None for no limit."""
    if reviewer.cap is None:
        return None
    return max(reviewer.cap - load_before(problem, reviewer), 0)


def load_before(problem: Problem, reviewer: Reviewer) -> int:
    """What the reviewer has already, here and elsewhere."""
    here = sum(1 for _submission, who in problem.kept if who == reviewer.id)
    return here + problem.load.get(reviewer.id, 0)


def may_take(problem: Problem, submission: Submission, reviewer: Reviewer) -> bool:
    cell = (submission.id, reviewer.id)
    return cell not in problem.barred and cell not in problem.kept


class _Network:
    """A minimum-cost flow: a column for each arc, with its cost and its bounds, in the rows of its two ends."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.bounds: list[tuple[float, float]] = []
        self.entries: list[tuple[float, int, int]] = []  # value, row, column

    def arc(self, cost: float, most: float, *ends: tuple[int, float]) -> None:
        """`ends`: (row, how much of the arc counts there)."""
        self.entries += [(value, row, len(self.costs)) for row, value in ends]
        self.costs.append(cost)
        self.bounds.append((0.0, most))

    def solve(self, right: Sequence[float]) -> Sequence[float]:
        import numpy as np
        from scipy.optimize import linprog
        from scipy.sparse import coo_array

        values, rows, columns = zip(*self.entries, strict=True)
        matrix = coo_array((values, (rows, columns)), shape=(len(right), len(self.costs))).tocsr()
        found = linprog(
            np.array(self.costs), A_eq=matrix, b_eq=np.array(right), bounds=self.bounds, method="highs-ds"
        )
        assert found.success, found.message
        flows: Sequence[float] = found.x
        return flows


def _flow(problem: Problem, submissions: Sequence[Submission], wanted: dict[str, int]) -> Solved:
    people, first = problem.reviewers, len(submissions)  # rows: submissions, then reviewers
    need = sum(wanted.values())
    share = max((need + sum(load_before(problem, each) for each in people)) / max(len(people), 1), 1)
    network = _Network()
    cells: list[Cell] = []
    for row, submission in enumerate(submissions):
        for place, reviewer in enumerate(people):
            if may_take(problem, submission, reviewer):
                cells.append((submission.id, reviewer.id))
                network.arc(_cost(submission, reviewer, share), 1.0, (row, 1), (first + place, 1))
    for row, submission in enumerate(submissions):  # what nobody takes
        network.arc(SHORT * share, float(wanted[submission.id]), (row, 1))
    for place, reviewer in enumerate(people):  # a reviewer's places, each dearer than the last
        before, left = load_before(problem, reviewer), places_left(problem, reviewer)
        for step in range(first if left is None else min(left, first)):
            network.arc(float(before + step), 1.0, (first + place, -1))
    flows = network.solve([float(wanted[each.id]) for each in submissions] + [0.0] * len(people))
    lacking = flows[len(cells) : len(cells) + first]
    return Solved(
        frozenset(cell for cell, part in zip(cells, flows, strict=False) if part > 0.5),
        {each.id: round(float(part)) for each, part in zip(submissions, lacking, strict=True) if part > 0.5},
    )


def _cost(submission: Submission, reviewer: Reviewer, share: float) -> float:
    mixed = zlib.crc32(f"{submission.id} {reviewer.id}".encode()) % 1000 / 1000
    return (0.0 if submission.lot in reviewer.knows else EXPERT * share) + NOISE * mixed
