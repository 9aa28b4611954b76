"""How good the matching is on pairs whose truth is known: cross-validated, with an interval. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from suppliers.screening.match import POSSIBLE

Scored = tuple[Decimal, bool]
GRID = tuple(Decimal(step) / 100 for step in range(50, 100))


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """True positives, false positives, false negatives."""

    hits: int
    false_alerts: int
    misses: int

    @property
    def precision(self) -> float:
        said = self.hits + self.false_alerts
        return self.hits / said if said else 0.0

    @property
    def recall(self) -> float:
        true = self.hits + self.misses
        return self.hits / true if true else 0.0

    @property
    def f1(self) -> float:
        total = 2 * self.hits + self.false_alerts + self.misses
        return 2 * self.hits / total if total else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """`fixed` at the built-in threshold; `validated` with thresholds chosen on the other folds; `low` and `high`
    bound F1 at the built-in threshold with 90 % (bootstrap over the pairs).
    """

    pairs: int
    fixed: Counts
    validated: Counts
    low: float
    high: float


def judge(scored: Sequence[Scored], *, folds: int = 10, rounds: int = 2000, seed: int = 1) -> Quality:
    """Judge (score, is the same party) pairs. The same pairs and seed give the same answer.

    Raises ValueError for fewer pairs than folds.
    """
    if len(scored) < folds:
        raise ValueError(f"At least {folds} pairs are needed.")
    dice = random.Random(seed)
    shuffled = list(scored)
    dice.shuffle(shuffled)
    answers: list[tuple[bool, bool]] = []
    for fold in range(folds):
        held_out = shuffled[fold::folds]
        others = [pair for index, pair in enumerate(shuffled) if index % folds != fold]
        line = best_threshold(others)
        answers += [(score >= line, truth) for score, truth in held_out]
    spread = sorted(at(dice.choices(shuffled, k=len(shuffled)), POSSIBLE).f1 for _ in range(rounds))
    return Quality(
        pairs=len(scored),
        fixed=at(scored, POSSIBLE),
        validated=_count(answers),
        low=spread[rounds // 20],
        high=spread[rounds - 1 - rounds // 20],
    )


def best_threshold(scored: Sequence[Scored]) -> Decimal:
    """The lowest threshold of the grid with the best F1."""
    return max(GRID, key=lambda line: (at(scored, line).f1, -line))


def at(scored: Sequence[Scored], line: Decimal) -> Counts:
    """What a threshold gives."""
    return _count([(score >= line, truth) for score, truth in scored])


def _count(answers: Sequence[tuple[bool, bool]]) -> Counts:
    return Counts(
        hits=sum(said and true for said, true in answers),
        false_alerts=sum(said and not true for said, true in answers),
        misses=sum(true and not said for said, true in answers),
    )
