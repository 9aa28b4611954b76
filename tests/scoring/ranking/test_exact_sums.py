"""Thirds that add up: a threshold and a tie are decided on the exact sums, not on what rounding left of them."""

from __future__ import annotations

from decimal import Decimal as D

from scoring.facts import CriterionFacts, MarkFacts, ScoreResult, ScoreSheet
from scoring.ranking.evaluation import score

ANCHORS = {anchor: D(anchor * 20) for anchor in range(6)}


def marked(*given: tuple[int, ...], weight: int = 20) -> ScoreResult:
    """A sheet of equal criteria, each with the anchors its evaluators gave."""
    criteria = tuple(
        CriterionFacts(code=f"T{at}", title=f"T{at}", weight=D(weight), mode="evaluator")
        for at in range(len(given))
    )
    marks = tuple(
        MarkFacts(criterion=f"T{at}", evaluator=f"E{who}", anchor=anchor)
        for at, anchors in enumerate(given)
        for who, anchor in enumerate(anchors, start=1)
    )
    return score(ScoreSheet(criteria=criteria, anchor_map=ANCHORS, marks=marks))


def test_three_thirds_reach_the_threshold_they_reach() -> None:
    # Means of 66.67, 66.67 and 46.67: exactly 60 percent.
    result = marked((3, 3, 4), (3, 3, 4), (2, 2, 3))
    assert (result.technical_percent, result.technical) == (D(60), D(36))


def test_equal_scores_stay_equal_whatever_they_are_made_of() -> None:
    assert (
        marked((3, 3, 4), (3, 3, 4), (2, 2, 3)).technical == marked((3, 3, 3), (3, 3, 3), (3, 3, 3)).technical
    )


def test_contributions_of_thirds_still_add_up_to_the_total() -> None:
    result = marked((1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0), weight=7)
    assert sum((line.points for line in result.lines), D(0)) == result.technical
    assert all(abs(line.points - D(7) / 15) < D("1E-11") for line in result.lines)
