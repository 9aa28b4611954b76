"""One proposal through the calculation engine: its sheet → the engine's row → every line of its score.

The engine computes; here its fractions become the lines that pages show, to 12 places. Each line's points are what it
adds to the rounded sum, so that a trace always adds up and thirds that make a whole make it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scoring.calculation import facts as engine
from scoring.calculation import totals
from scoring.calculation.scales import Scale
from scoring.facts import (
    AgreedFacts,
    Anchor,
    AutomaticFacts,
    CriterionFacts,
    Exact,
    Line,
    ScoreResult,
    ScoreSheet,
)
from scoring.ranking import method as methods

ID = "proposal"


def score(sheet: ScoreSheet) -> ScoreResult:
    """Technical points and percent always; price mark and total only when the sheet holds a price that counts.

    An evaluator's missing or abstained mark leaves the aggregate of that criterion; a criterion without any mark
    contributes nothing and is counted as missing, and its weight stays.
    """
    read = evaluated(sheet)
    (row,) = totals.score_set(read.sets[0], read.criteria, _without_gates(read.method))
    lines = tuple(_lines(sheet, row, read))
    missing = [line for line in lines if line.is_missing]
    total = None if methods.needs_rivals(read) else row.total
    most = totals.most_technical(read.criteria)
    for_threshold = row.technical + totals.missing_weight(row.scores, read.criteria)
    exact = Exact(
        technical=row.technical,
        threshold_percent=100 * for_threshold / most if most else Fraction(0),
        total=total,
        values={code: each.value for code, each in row.scores.items()},
        below_minimum=totals.is_below_minimum(row.scores, read.criteria, read.method),
    )
    return ScoreResult(
        lines=lines,
        technical=rounded(row.technical),
        technical_weight=sum((line.weight for line in lines if line.envelope == "technical"), Decimal(0)),
        technical_percent=rounded(row.technical_percent or Fraction(0)),
        threshold_percent=rounded(exact.threshold_percent),
        price_mark=next((line.mark for line in lines if line.mode == "price"), None),
        total=None if total is None else rounded(total),
        marks_missing=sum(1 for line in missing if line.mode == "evaluator"),
        automatic_missing=sum(1 for line in missing if line.mode != "evaluator"),
        exact=exact,
    )


def rounded(exact: Fraction) -> Decimal:
    """To 12 places, half to even."""
    return Decimal(round(exact * 10**12)).scaleb(-12)


def _without_gates(method: engine.Method) -> engine.Method:
    """What is below a threshold has a total too; the ranking leaves it out."""
    return replace(method, threshold=None)


# ---- from the sheet to the engine -------------------------------------------------------------------------------


def evaluated(sheet: ScoreSheet) -> engine.Evaluation:
    """The engine's evaluation of this one proposal."""
    read = methods.reading(
        sheet.method, with_fallback(sheet), sheet.anchor_map, price_open=sheet.price is not None
    )
    by_code = {each.code: each for each in read.criteria}
    marks: dict[engine.Cell, list[engine.Mark]] = {}
    for code, evaluator, anchor in marks_that_stand(sheet):
        figure = None if anchor is None else Fraction(anchor)
        value = None if figure is None else by_code[code].scale.value(figure)
        status = "abstained" if figure is None else "given"
        marks.setdefault((ID, code), []).append(engine.Mark(evaluator, status, figure, value))
    one = engine.EvaluationSet(
        window=1,
        lot="",
        proposals=(_proposal(sheet, read.method),),
        marks=marks,
        automatic={
            (ID, each.criterion): None if each.value is None else Fraction(each.value)
            for each in sheet.automatic
            if each.criterion in by_code
        },
        consensus={
            (ID, each.criterion): by_code[each.criterion].scale.value(Fraction(each.anchor))
            for each in agreed_that_stands(sheet)
        },
    )
    return replace(read, sets=(one,))


def _proposal(sheet: ScoreSheet, method: engine.Method) -> engine.Proposal:
    price = sheet.price
    offered, reference = (
        usable(price.offered, price.reference, method.price.formula) if price else (None, None)
    )
    return engine.Proposal(
        id=ID,
        price=None if offered is None else Fraction(offered),
        reference=None if reference is None else Fraction(reference),
        adjustments=adjustments(asdict(each) for each in sheet.preferences) if price else (),
    )


def adjustments(preferences: Iterable[Mapping[str, Any]]) -> tuple[engine.Adjustment, ...]:
    """What preferences change, as the engine reads it; also from the rows that a score stores."""
    return tuple(
        engine.Adjustment(
            kind=each["kind"],
            value=Fraction(each["value"]),
            cap=None if each["cap"] is None else Fraction(each["cap"]),
        )
        for each in preferences
    )


def usable(
    price: Decimal | None, reference: Decimal | None, formula: str
) -> tuple[Decimal | None, Decimal | None]:
    """(price, reference) that count: neither where the formula lacks the reference it divides by."""
    if methods.FORMULAS[formula].needs_reference and not reference:
        return None, None
    return price, reference


def with_fallback(sheet: ScoreSheet) -> list[CriterionFacts]:
    """The criteria; those that are left to reviewers take their marks."""
    left = sheet.left_to_evaluators
    return [
        replace(each, fallback_to_evaluator=True) if each.code in left else each for each in sheet.criteria
    ]


def marks_that_stand(sheet: ScoreSheet) -> Iterable[tuple[str, str, Anchor | None]]:
    """(criterion, evaluator, anchor) of the criteria that reviewers mark on this proposal."""
    left = sheet.left_to_evaluators
    asked = {each.code for each in sheet.criteria if each.mode == "evaluator" or each.code in left}
    for mark in sheet.marks:
        if mark.criterion in asked:
            yield mark.criterion, mark.evaluator, mark.anchor


def agreed_that_stands(sheet: ScoreSheet) -> list[AgreedFacts]:
    """The agreed marks on the criteria that reviewers mark on this proposal."""
    left = sheet.left_to_evaluators
    asked = {each.code for each in sheet.criteria if each.mode == "evaluator" or each.code in left}
    return [each for each in sheet.agreed if each.criterion in asked]


# ---- from the engine's row to lines -----------------------------------------------------------------------------


def _lines(sheet: ScoreSheet, row: totals.Row, read: engine.Evaluation) -> Iterable[Line]:
    """A line for each criterion whose envelope is open, in the order of the RFP."""
    shown = [each for each in sheet.criteria if each.envelope == "technical" or sheet.price is not None]
    exact = {each.code: _exact(each, row, read) for each in shown}
    automatic = {mark.criterion: mark for mark in sheet.automatic}
    points = _points([(each, exact[each.code][1]) for each in shown])
    given: dict[str, dict[str, Anchor | None]] = {}
    for code, evaluator, anchor in marks_that_stand(sheet):
        given.setdefault(code, {})[evaluator] = anchor
    scales = {each.code: each.scale for each in read.criteria}
    agreed = {each.criterion: each.anchor for each in agreed_that_stands(sheet)}
    for each in shown:
        value = exact[each.code][0]
        yield Line(
            criterion=each.code,
            title=each.title,
            mode=_mode(each, automatic.get(each.code)),
            envelope=each.envelope,
            weight=each.weight,
            mark=None if value is None else rounded(value),
            points=points[each.code],
            marks=given.get(each.code, {}),
            is_missing=row.total is None if each.mode == "price" else value is None,
            spread=_spread(given.get(each.code, {}).values(), scales.get(each.code)),
            agreed=agreed.get(each.code),
        )
    yield from _preference_lines(sheet, sum(points.values(), Decimal(0)))


def _preference_lines(sheet: ScoreSheet, before: Decimal) -> Iterable[Line]:
    """A line for each preference that adds points; what it adds to the rounded sum, `before`."""
    running = Fraction(before)
    for each in sheet.preferences:
        if each.kind == "points":
            running += Fraction(each.value)
            after = rounded(running)
            yield Line(
                criterion=each.code,
                title=each.title,
                mode="preference",
                envelope="price",
                weight=Decimal(0),
                mark=None,
                points=after - before,
            )
            before = after


def _spread(given: Iterable[Anchor | None], scale: Scale | None) -> Decimal | None:
    """The range of what the marks are worth; None below two marks."""
    values = [scale.value(Fraction(anchor)) for anchor in given if anchor is not None] if scale else []
    return rounded(max(values) - min(values)) if len(values) > 1 else None


def _exact(
    criterion: CriterionFacts, row: totals.Row, read: engine.Evaluation
) -> tuple[Fraction | None, Fraction]:
    """(value from 0 to 100, points) of one criterion. The price's value is its share of the most it can earn.

    Price has no line of its own where its points depend on rivals, or where the formula gives the total.
    """
    if criterion.mode != "price":
        scored = row.scores[criterion.code]
        return scored.value, scored.points or Fraction(0)
    price = read.method.price
    has_points = methods.FORMULAS[price.formula].gives == "points" and not methods.needs_rivals(read)
    if not has_points or row.price_points is None or not price.points:
        return None, Fraction(0)
    return 100 * row.price_points / price.points, row.price_points


def _points(parts: list[tuple[CriterionFacts, Fraction]]) -> Mapping[str, Decimal]:
    """What each criterion adds to the rounded running sum, technical criteria first."""
    running, written = Fraction(0), Decimal(0)
    found = {}
    for criterion, part in sorted(parts, key=lambda each: each[0].envelope != "technical"):
        running += part
        upto = rounded(running)
        found[criterion.code] = upto - written
        written = upto
    return found


def _mode(criterion: CriterionFacts, automatic: AutomaticFacts | None) -> str:
    """Where the mark came from: the criterion's mode, "evaluator" if left to reviewers, or what stands in."""
    if criterion.mode == "automatic" and automatic is not None:
        if automatic.left_to_evaluators:
            return "evaluator"
        return automatic.stand_in or criterion.mode
    return criterion.mode
