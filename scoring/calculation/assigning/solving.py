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


def _flow(problem: Problem, submissions: Sequence[Submission], wanted: dict[str, int]) -> Solved:
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    people = problem.reviewers
    need = sum(wanted.values())
    share = max((need + sum(load_before(problem, each) for each in people)) / max(len(people), 1), 1)
    cells: list[Cell] = []
    costs: list[float] = []
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, submission in enumerate(submissions):
        for place, reviewer in enumerate(people):
            if not may_take(problem, submission, reviewer):
                continue
            column = len(cells)
            cells.append((submission.id, reviewer.id))
            costs.append(_cost(submission, reviewer, share))
            rows += [row, len(submissions) + place]
            columns += [column, column]
            values += [1, 1]
    bounds = [(0.0, 1.0)] * len(cells)
    for row, submission in enumerate(submissions):  # what nobody takes
        rows.append(row)
        columns.append(len(costs))
        values.append(1)
        costs.append(SHORT * share)
        bounds.append((0.0, float(wanted[submission.id])))
    for place, reviewer in enumerate(people):  # a reviewer's places, each dearer than the last
        before, left = load_before(problem, reviewer), places_left(problem, reviewer)
        for step in range(len(submissions) if left is None else min(left, len(submissions))):
            rows.append(len(submissions) + place)
            columns.append(len(costs))
            values.append(-1)
            costs.append(float(before + step))
            bounds.append((0.0, 1.0))
    right = [float(wanted[each.id]) for each in submissions] + [0.0] * len(people)
    matrix = coo_array((values, (rows, columns)), shape=(len(right), len(costs))).tocsr()
    found = linprog(np.array(costs), A_eq=matrix, b_eq=np.array(right), bounds=bounds, method="highs-ds")
    assert found.success, found.message
    chosen = frozenset(cell for cell, part in zip(cells, found.x, strict=False) if part > 0.5)
    lacking = found.x[len(cells) : len(cells) + len(submissions)]
    return Solved(
        chosen,
        {each.id: round(float(part)) for each, part in zip(submissions, lacking, strict=True) if part > 0.5},
    )


def _cost(submission: Submission, reviewer: Reviewer, share: float) -> float:
    mixed = zlib.crc32(f"{submission.id} {reviewer.id}".encode()) % 1000 / 1000
    return (0.0 if submission.lot in reviewer.knows else EXPERT * share) + NOISE * mixed
