"""The score of one proposal: marks × weights, exactly. Pure.

Contributions are rounded to 12 places once, and the totals are their exact sums, so that a trace always adds up.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from scoring.facts import AutomaticFacts, CriterionFacts, Line, MarkFacts, ScoreResult, ScoreSheet
from scoring.methods.price import fixed_reference
from scoring.methods.value import PLACES


def score(sheet: ScoreSheet) -> ScoreResult:
    """Technical points and percent always; price mark and total only when the sheet holds a price.

    An evaluator's missing or abstained mark leaves the mean of that criterion; a criterion without any mark
    contributes nothing and is counted as missing, and its weight stays.
    """
    automatic = {mark.criterion: mark for mark in sheet.automatic}
    lines = tuple(
        _line(criterion, sheet, automatic.get(criterion.code))
        for criterion in sheet.criteria
        if criterion.envelope == "technical" or sheet.price is not None
    )
    technical = [line for line in lines if line.envelope == "technical"]
    weight = sum((line.weight for line in technical), Decimal(0))
    points = sum((line.points for line in technical), Decimal(0))
    price_marks = [line.mark for line in lines if line.mode == "price"]
    total = sum((line.points for line in lines), Decimal(0)) if sheet.price is not None else None
    missing = [line for line in lines if line.is_missing]
    return ScoreResult(
        lines=lines,
        technical=points,
        technical_weight=weight,
        technical_percent=(points / weight * 100).quantize(PLACES) if weight else Decimal(0),
        price_mark=price_marks[0] if price_marks else None,
        total=total,
        marks_missing=sum(1 for line in missing if line.mode == "evaluator"),
        automatic_missing=sum(1 for line in missing if line.mode != "evaluator"),
    )


def _line(criterion: CriterionFacts, sheet: ScoreSheet, automatic: AutomaticFacts | None) -> Line:
    marks: Mapping[str, int | None] = {}
    mode = criterion.mode
    if mode == "automatic" and automatic is not None and automatic.left_to_evaluators:
        mode = "evaluator"
    if mode == "evaluator":
        marks = _marks_of(criterion.code, sheet.marks)
        mark = _mean(marks, sheet.anchor_map)
    elif mode == "price":
        mark = fixed_reference.mark(sheet.price) if sheet.price else None
    else:
        mark = automatic.value if automatic else None
    points = (mark * criterion.weight / 100).quantize(PLACES) if mark is not None else Decimal(0)
    return Line(
        criterion=criterion.code,
        title=criterion.title,
        mode=mode,
        envelope=criterion.envelope,
        weight=criterion.weight,
        mark=mark,
        points=points,
        marks=marks,
        is_missing=mark is None,
    )


def _marks_of(criterion: str, marks: tuple[MarkFacts, ...]) -> dict[str, int | None]:
    return {mark.evaluator: mark.anchor for mark in marks if mark.criterion == criterion}


def _mean(marks: Mapping[str, int | None], anchor_map: Mapping[int, Decimal]) -> Decimal | None:
    given = [anchor_map[anchor] for anchor in marks.values() if anchor is not None]
    return (sum(given, Decimal(0)) / len(given)).quantize(PLACES) if given else None
