"""Swaps until every lot's reviewers are connected: marks of people who share no proposal, even through others, can't be
compared (see `analyses/effects.py`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from scoring.calculation.assigning.facts import Cell, Problem

TRIES = 400  # swaps tried before two groups are left apart


def components(cells: Iterable[Cell]) -> list[list[Cell]]:
    """The pairs in groups that share reviewers or proposals, directly or through others; the largest first."""
    parent: dict[str | int, str | int] = {}

    def root(node: str | int) -> str | int:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    listed = sorted(cells)
    for submission, reviewer in listed:
        parent[root(submission)] = root(reviewer)
    groups: dict[str | int, list[Cell]] = defaultdict(list)
    for cell in listed:
        groups[root(cell[0])].append(cell)
    return sorted(groups.values(), key=lambda group: (-len(group), group))


def connect(problem: Problem, cells: Iterable[Cell]) -> tuple[set[Cell], set[Cell], list[str]]:
    """(pairs after the swaps, pairs that a swap made, lots that stay apart). Kept pairs stay."""
    lots = {each.id: each.lot for each in problem.submissions}
    by_lot: dict[str, set[Cell]] = defaultdict(set)
    for cell in cells:
        by_lot[lots[cell[0]]].add(cell)
    moved: set[Cell] = set()
    apart = []
    for lot in sorted(by_lot):
        by_lot[lot], new = _connect_lot(problem, lot, by_lot[lot])
        moved |= new
        if len(components(by_lot[lot])) > 1:
            apart.append(lot)
    return set().union(*by_lot.values()), moved, apart


def _connect_lot(problem: Problem, lot: str, cells: set[Cell]) -> tuple[set[Cell], set[Cell]]:
    moved: set[Cell] = set()
    groups = components(cells)
    while len(groups) > 1:
        better = _first_better(problem, lot, cells, groups)
        if better is None:
            break
        cells, new = better
        moved = (moved & cells) | new
        groups = components(cells)
    return cells, moved


def _first_better(
    problem: Problem, lot: str, cells: set[Cell], groups: list[list[Cell]]
) -> tuple[set[Cell], set[Cell]] | None:
    """The first swap, the one that loses least expertise before others, that leaves fewer groups."""
    experts = {each.id for each in problem.reviewers if lot in each.knows}

    def loss(swap: tuple[Cell, Cell]) -> int:
        (_first, left), (_second, right) = swap
        return abs((left in experts) - (right in experts))

    candidates = sorted(islice(_swaps(problem, cells, groups), TRIES), key=loss)
    for (first, left), (second, right) in candidates:
        new = {(first, right), (second, left)}
        after = (cells - {(first, left), (second, right)}) | new
        if len(components(after)) < len(groups):
            return after, new
    return None


def _swaps(problem: Problem, cells: set[Cell], groups: list[list[Cell]]) -> Iterator[tuple[Cell, Cell]]:
    """Two pairs of two groups whose reviewers may change places."""
    for at, group in enumerate(groups):
        for other in groups[at + 1 :]:
            for first in group:
                for second in other:
                    crossed = {(first[0], second[1]), (second[0], first[1])}
                    if problem.kept & {first, second} or crossed & (problem.barred | cells):
                        continue
                    yield first, second
