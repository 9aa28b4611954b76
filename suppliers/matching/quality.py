"""How good the matching is on pairs whose truth is known: cross-validated, with an interval. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from suppliers.matching.match import POSSIBLE

Scored = tuple[Decimal, bool]
Answer = tuple[bool, bool]
Interval = tuple[float, float]
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
    """`fixed` at the built-in threshold; `validated` with thresholds chosen on the other folds. The intervals bound
    F1 with 90 % (bootstrap over the pairs).
    """

    pairs: int
    fixed: Counts
    fixed_interval: Interval
    validated: Counts
    validated_interval: Interval


def judge(scored: Sequence[Scored], *, folds: int = 10, rounds: int = 2000, seed: int = 1) -> Quality:
    """Judge (score, is the same party) pairs. The same pairs and seed give the same answer.

    Raises ValueError for fewer pairs than folds.
    """
    if len(scored) < folds:
        raise ValueError(f"Provide at least {folds} pairs.")
    dice = random.Random(seed)
    shuffled = list(scored)
    dice.shuffle(shuffled)
    validated: list[Answer] = []
    for fold in range(folds):
        held_out = shuffled[fold::folds]
        others = [pair for index, pair in enumerate(shuffled) if index % folds != fold]
        line = best_threshold(others)
        validated += _answers(held_out, line)
    fixed = _answers(shuffled, POSSIBLE)
    return Quality(
        pairs=len(scored),
        fixed=_count(fixed),
        fixed_interval=_interval(fixed, dice, rounds),
        validated=_count(validated),
        validated_interval=_interval(validated, dice, rounds),
    )


def _interval(answers: Sequence[Answer], dice: random.Random, rounds: int) -> Interval:
    """The middle 90 % of F1 over as many answers drawn again."""
    spread = sorted(_count(dice.choices(answers, k=len(answers))).f1 for _ in range(rounds))
    return spread[rounds // 20], spread[rounds - 1 - rounds // 20]


def best_threshold(scored: Sequence[Scored]) -> Decimal:
    """The lowest threshold of the grid with the best F1."""
    return max(GRID, key=lambda line: (at(scored, line).f1, -line))


def at(scored: Sequence[Scored], line: Decimal) -> Counts:
    """What a threshold gives."""
    return _count(_answers(scored, line))


def _answers(scored: Sequence[Scored], line: Decimal) -> list[Answer]:
    return [(score >= line, truth) for score, truth in scored]


def _count(answers: Sequence[Answer]) -> Counts:
    return Counts(
        hits=sum(said and true for said, true in answers),
        false_alerts=sum(said and not true for said, true in answers),
        misses=sum(true and not said for said, true in answers),
    )
