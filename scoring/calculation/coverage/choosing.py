"""Choosing proposals under limits, by scipy's HiGHS, with answers that hold exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from scoring.calculation.coverage.quiet import silent

LARGEST = 1e5  # totals are scaled to this: HiGHS stops within 1e-6 of the best
INFEASIBLE = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    lot: str
    total: Fraction
    price: Fraction | None
    categories: frozenset[str]
    state: str
    supplier: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One named limit: Σ weights ≤ `most`, or at least `least` groups have a member, or `most_each` in each group."""

    name: str
    most: Fraction | None = None
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    least: int | None = None
    most_each: int | None = None
    groups: tuple[tuple[str, ...], ...] = ()

    @property
    def is_slot(self) -> bool:
        return self.name == "slots" or self.name.startswith("slots:")

    def holds(self, chosen: frozenset[str]) -> bool:
        """Whether a choice respects it, exactly."""
        if self.most is not None:
            return (
                sum((each for key, each in self.weights.items() if key in chosen), Fraction(0)) <= self.most
            )
        members = [sum(each in chosen for each in group) for group in self.groups]
        if self.least is not None:
            return sum(count > 0 for count in members) >= self.least
        return all(count <= (self.most_each or 0) for count in members)


class Program:
    """The rows of a mixed-integer program over the candidates, and a variable for each source with several of them."""

    def __init__(self, candidates: Sequence[Candidate], limits: Sequence[Limit]) -> None:
        self.place = {each.id: index for index, each in enumerate(candidates)}
        self.size = len(candidates)
        self.rows: list[tuple[Mapping[int, float], float, float]] = []
        for limit in limits:
            self._add(limit)

    def _add(self, limit: Limit) -> None:
        if limit.most is not None:
            # Scaled to a right side of 1, so that the solver's tolerance is relative.
            scale = limit.most if limit.most > 0 else max(limit.weights.values(), default=Fraction(1))
            weights = {self.place[key]: float(each / scale) for key, each in limit.weights.items()}
            self.rows.append((weights, -float("inf"), float(limit.most / scale)))
        elif limit.least is not None:
            self.rows.append((self._sources(limit.groups), limit.least, float("inf")))
        else:
            for group in limit.groups:
                row = {self.place[each]: 1.0 for each in group}
                self.rows.append((row, -float("inf"), float(limit.most_each or 0)))

    def _sources(self, groups: Sequence[Sequence[str]]) -> dict[int, float]:
        """Σ over groups of "has a member": the only candidate, or a variable that is at most the sum of its members."""
        found: dict[int, float] = {}
        for group in groups:
            if len(group) == 1:
                found[self.place[group[0]]] = 1.0
                continue
            source, self.size = self.size, self.size + 1
            found[source] = 1.0
            members = {self.place[each]: 1.0 for each in group}
            self.rows.append(({**members, source: -1.0}, 0.0, float("inf")))
        return found

    def at_most(self, ids: Sequence[str], most: float, minus: Sequence[str] = ()) -> None:
        """Σ ids − Σ minus ≤ most."""
        row = {self.place[each]: 1.0 for each in ids} | {self.place[each]: -1.0 for each in minus}
        self.rows.append((row, -float("inf"), most))

    def solve(self, gains: Sequence[float], fixed: Mapping[str, int]) -> frozenset[str] | None:
        """The ids of a best choice, with some ids fixed to 0 or 1; None if there is none."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        low, high = np.zeros(self.size), np.ones(self.size)
        for each, value in fixed.items():
            low[self.place[each]] = high[self.place[each]] = value
        if any(least > 0 and not row for row, least, _ in self.rows):
            return None
        if not self.size:
            return frozenset()
        entries = [
            (index, at, weight) for index, (row, _, _) in enumerate(self.rows) for at, weight in row.items()
        ]
        constraints: list[Any] = []
        if entries:
            index, at, weights = zip(*entries, strict=True)
            matrix = csr_array((weights, (index, at)), shape=(len(self.rows), self.size))
            constraints.append(
                LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows])
            )
        objective = np.zeros(self.size)
        objective[: len(gains)] = -np.asarray(gains)
        with silent():
            found = milp(
                objective,
                integrality=np.ones(self.size),
                bounds=Bounds(low, high),
                constraints=constraints,
                options={"mip_rel_gap": 0},
            )
        if found.status == INFEASIBLE:
            return None
        if found.x is None:
            raise RuntimeError(f"HiGHS found no portfolio: {found.message}")
        return frozenset(key for key, at in self.place.items() if found.x[at] > 0.5)


class _Choice:
    """Solves until what HiGHS answers holds exactly."""

    def __init__(self, candidates: Sequence[Candidate], limits: Sequence[Limit]) -> None:
        self.candidates, self.limits = candidates, limits
        self.program = Program(candidates, limits)
        largest = max((abs(float(each.total)) for each in candidates), default=0.0) or 1.0
        self.gains = [float(each.total) * (LARGEST / largest) for each in candidates]

    def solve(self, fixed: Mapping[str, int]) -> frozenset[str] | None:
        while True:
            chosen = self.program.solve(self.gains, fixed)
            broken = None if chosen is None else next((x for x in self.limits if not x.holds(chosen)), None)
            if chosen is None or broken is None:
                return chosen
            # Within the solver's tolerance, not exactly: these can't all be chosen.
            members = sorted(each for each in chosen if broken.weights.get(each))
            self.program.at_most(members, len(members) - 1)

    def total(self, chosen: frozenset[str]) -> Fraction:
        return sum((each.total for each in self.candidates if each.id in chosen), Fraction(0))


def is_possible(candidates: Sequence[Candidate], limits: Sequence[Limit]) -> bool:
    """Whether any choice respects all limits."""
    choice = _Choice(candidates, limits)
    choice.gains = [0.0] * len(candidates)
    return choice.solve({}) is not None


def best_choice(
    candidates: Sequence[Candidate], limits: Sequence[Limit], *, any_will_do: bool = False
) -> frozenset[str] | None:
    """The ids of a choice with the highest total, None if no choice is possible.

    Among equal totals the lowest ids win, unless `any_will_do` because only the total matters.
    """
    choice = _Choice(candidates, limits)
    best = choice.solve({})
    if best is None or any_will_do:
        return best
    # Is there another choice that is as good? Usually not, and one more solution says so.
    rival = _Choice(candidates, limits)
    others = [each.id for each in candidates if each.id not in best]
    rival.program.at_most(sorted(best), len(best) - 1, others)
    second = rival.solve({})
    if second is None or choice.total(second) < choice.total(best):
        return best
    return _lowest_ids(choice, max(best, second, key=choice.total))


def _lowest_ids(choice: _Choice, best: frozenset[str]) -> frozenset[str]:
    """Id by id, from the lowest: keep it in the choice if an equally good one has it."""
    fixed: dict[str, int] = {}
    for candidate in choice.candidates:
        if candidate.id not in best:
            other = choice.solve({**fixed, candidate.id: 1})
            if other is not None and choice.total(other) >= choice.total(best):
                best = other
        fixed[candidate.id] = int(candidate.id in best)
    return best
