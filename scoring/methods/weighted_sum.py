"""The score of one proposal: marks × weights, exactly. Pure.

Sums are exact fractions, rounded to 12 places once; each contribution is what its criterion adds to the rounded
sum, so that a trace always adds up and thirds that make a whole make it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from scoring.facts import AutomaticFacts, CriterionFacts, Line, MarkFacts, ScoreResult, ScoreSheet
from scoring.methods.price import fixed_reference


def score(sheet: ScoreSheet) -> ScoreResult:
    """Technical points and percent always; price mark and total only when the sheet holds a price.

    An evaluator's missing or abstained mark leaves the mean of that criterion; a criterion without any mark
    contributes nothing and is counted as missing, and its weight stays.
    """
    automatic = {mark.criterion: mark for mark in sheet.automatic}
    drawn = [
        _line(criterion, sheet, automatic.get(criterion.code))
        for criterion in sheet.criteria
        if criterion.envelope == "technical" or sheet.price is not None
    ]
    lines = tuple(_with_points(drawn))
    technical = [line for line in lines if line.envelope == "technical"]
    weight = sum((line.weight for line in technical), Decimal(0))
    points = sum((line.points for line in technical), Decimal(0))
    exact = sum((part for line, part in drawn if line.envelope == "technical"), Fraction(0))
    price_marks = [line.mark for line in lines if line.mode == "price"]
    total = sum((line.points for line in lines), Decimal(0)) if sheet.price is not None else None
    missing = [line for line in lines if line.is_missing]
    # A missing input is not a zero yet: only what fails with full marks for it is below a threshold.
    unknown = sum(
        (line.weight for line in missing if line.mode == "automatic" and line.envelope == "technical"),
        Decimal(0),
    )
    best = exact + Fraction(unknown)
    return ScoreResult(
        lines=lines,
        technical=points,
        technical_weight=weight,
        technical_percent=_rounded(exact / Fraction(weight) * 100) if weight else Decimal(0),
        threshold_percent=_rounded(best / Fraction(weight) * 100) if weight else Decimal(0),
        price_mark=price_marks[0] if price_marks else None,
        total=total,
        marks_missing=sum(1 for line in missing if line.mode == "evaluator"),
        automatic_missing=sum(1 for line in missing if line.mode != "evaluator"),
    )


def _with_points(drawn: Iterable[tuple[Line, Fraction]]) -> Iterable[Line]:
    """The lines with their points: what each adds to the rounded sum of its envelope."""
    sums: dict[str, tuple[Fraction, Decimal]] = {}
    for line, part in drawn:
        exact, written = sums.get(line.envelope, (Fraction(0), Decimal(0)))
        exact += part
        upto = _rounded(exact)
        sums[line.envelope] = (exact, upto)
        yield line if line.is_missing else replace(line, points=upto - written)


def _rounded(exact: Fraction) -> Decimal:
    """To 12 places, half to even."""
    return Decimal(round(exact * 10**12)).scaleb(-12)


def _line(
    criterion: CriterionFacts, sheet: ScoreSheet, automatic: AutomaticFacts | None
) -> tuple[Line, Fraction]:
    """(line without its points, exact points)."""
    marks: Mapping[str, int | None] = {}
    exact: Fraction | None = None
    mode = criterion.mode
    if mode == "automatic" and automatic is not None and automatic.left_to_evaluators:
        mode = "evaluator"
    if mode == "evaluator":
        marks = _marks_of(criterion.code, sheet.marks)
        exact = _mean(marks, sheet.anchor_map)
        mark = None if exact is None else _rounded(exact)
    elif mode == "price":
        mark = fixed_reference.mark(sheet.price) if sheet.price else None
    else:
        mark = automatic.value if automatic else None
        if automatic is not None and automatic.stand_in:
            mode = automatic.stand_in
    if exact is None and mark is not None:
        exact = Fraction(mark)
    line = Line(
        criterion=criterion.code,
        title=criterion.title,
        mode=mode,
        envelope=criterion.envelope,
        weight=criterion.weight,
        mark=mark,
        points=Decimal(0),
        marks=marks,
        is_missing=mark is None,
    )
    return line, Fraction(0) if exact is None else exact * Fraction(criterion.weight) / 100


def _marks_of(criterion: str, marks: tuple[MarkFacts, ...]) -> dict[str, int | None]:
    return {mark.evaluator: mark.anchor for mark in marks if mark.criterion == criterion}


def _mean(marks: Mapping[str, int | None], anchor_map: Mapping[int, Decimal]) -> Fraction | None:
    given = [anchor_map[anchor] for anchor in marks.values() if anchor is not None]
    return Fraction(sum(given, Decimal(0))) / len(given) if given else None
