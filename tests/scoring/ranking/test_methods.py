"""Value functions, the weighted sum and the price method, each with its edge."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from scoring.facts import (
    AnswerFacts,
    AutomaticFacts,
    CriterionFacts,
    MarkFacts,
    PriceFacts,
    ScoreSheet,
    ValueFunction,
)
from scoring.methods.value import automatic_mark, linear
from scoring.ranking.evaluation import score

ANCHORS = {anchor: D(anchor * 20) for anchor in range(6)}
TECHNICAL = CriterionFacts(code="T", title="Technical", weight=D(60), mode="evaluator")
COMPUTED = CriterionFacts(
    code="A", title="Computed", weight=D(20), mode="automatic", value=ValueFunction(source="requirement")
)
PRICE = CriterionFacts(code="P", title="Price", weight=D(20), mode="price", envelope="price")


@pytest.mark.parametrize(
    ("value", "start", "ideal", "mark"),
    [
        ("89.5781", "40", "85", "100"),
        ("40", "40", "85", "0"),
        ("62.5", "40", "85", "50"),
        ("76", "100", "70", "80"),
        ("6", "20", "5", "93.333333333333"),
        ("101", "100", "70", "0"),
        ("5", "5", "5", "100"),
        ("4", "5", "5", "0"),
    ],
)
def test_value_function_is_linear_and_clipped(value: str, start: str, ideal: str, mark: str) -> None:
    assert linear(D(value), D(start), D(ideal)) == D(mark)


@pytest.mark.parametrize(("value", "mark"), [("9", "100"), ("10", "100"), ("11", "0")])
def test_an_ideal_at_the_only_maximum_is_reached_from_below(value: str, mark: str) -> None:
    answer = AnswerFacts(
        requirement="R1", criterion="A", value=D(value), start=D(10), ideal=D(10), less_is_better=True
    )
    found, _trace = automatic_mark(COMPUTED, answers=[answer], numbers={})
    assert found.value == D(mark)


def price_mark(offered: D | None, reference: D | None) -> D | None:
    return score(sheet(price=PriceFacts(offered=offered, reference=reference))).price_mark


def test_reference_price_gives_at_most_full_marks() -> None:
    # 100, 125 and 150 thousand against a reference of 100 thousand, the textbook series at a weight of 35.
    marks = [price_mark(D(p), D(100)) for p in (100, 125, 150, 80)]
    assert [round(mark * 35 / 100, 1) for mark in marks if mark is not None] == [
        D("35.0"),
        D("28.0"),
        D("23.3"),
        D("35.0"),
    ]


@pytest.mark.parametrize(("offered", "reference"), [(None, D(1)), (D(1), None), (D(0), D(1))])
def test_price_mark_is_missing_without_both_totals(offered: D | None, reference: D | None) -> None:
    assert price_mark(offered, reference) is None


def test_answers_that_feed_a_criterion_are_averaged() -> None:
    answers = [
        AnswerFacts(requirement="R1", criterion="A", value=D(5), start=D(0), ideal=D(10)),
        AnswerFacts(requirement="R2", criterion="A", value=D(10), start=D(0), ideal=D(10)),
        AnswerFacts(requirement="R3", criterion="B", value=D(0), start=D(0), ideal=D(10)),
    ]
    mark, _trace = automatic_mark(COMPUTED, answers=answers, numbers={})
    assert mark == AutomaticFacts(criterion="A", value=D(75))


def test_unanswered_requirement_is_missing_not_zero() -> None:
    answers = [AnswerFacts(requirement="R1", criterion="A", value=None, start=D(0), ideal=D(10))]
    mark, trace = automatic_mark(COMPUTED, answers=answers, numbers={})
    assert (mark.value, mark.left_to_evaluators, trace["missing"]) == (None, False, "R1")


@pytest.mark.parametrize("fallback", [True, False])
def test_item_without_a_figure_is_left_to_evaluators_only_where_announced(fallback: bool) -> None:
    criterion = CriterionFacts(
        code="A",
        title="Computed",
        weight=D(20),
        mode="automatic",
        value=ValueFunction(source="requirement"),
        fallback_to_evaluator=fallback,
    )
    mark, _trace = automatic_mark(criterion, answers=[], numbers={})
    assert (mark.value, mark.left_to_evaluators) == (None, fallback)


def sheet(**changes: object) -> ScoreSheet:
    values: dict[str, object] = {
        "criteria": (TECHNICAL, COMPUTED, PRICE),
        "anchor_map": ANCHORS,
        "automatic": (AutomaticFacts(criterion="A", value=D(50)),),
        "marks": (
            MarkFacts(criterion="T", evaluator="e1", anchor=5),
            MarkFacts(criterion="T", evaluator="e2", anchor=0),
            MarkFacts(criterion="T", evaluator="e3", anchor=None),
        ),
    }
    return ScoreSheet(**{**values, **changes})  # type: ignore[arg-type]


def test_total_is_absent_until_price_is_open() -> None:
    result = score(sheet())
    assert (result.total, result.price_mark, [line.criterion for line in result.lines]) == (
        None,
        None,
        ["T", "A"],
    )
    assert result.technical_percent == D(50)


def test_contributions_add_up_to_the_total_exactly() -> None:
    result = score(sheet(price=PriceFacts(offered=D(3), reference=D(1))))
    assert result.total == sum((line.points for line in result.lines), D(0)) == D("46.666666666667")


def test_abstention_leaves_the_mean_and_a_zero_counts() -> None:
    result = score(sheet())
    assert result.lines[0].mark == D(50)
    assert result.lines[0].spread == D(100)


def test_criterion_without_any_mark_is_missing_and_keeps_its_weight() -> None:
    result = score(sheet(marks=()))
    assert (result.marks_missing, result.automatic_missing, result.technical_weight) == (1, 0, D(80))
    assert result.technical_percent == D("12.5")


def test_missing_automatic_mark_does_not_shrink_the_weights() -> None:
    result = score(sheet(automatic=(AutomaticFacts(criterion="A", value=None),)))
    assert (result.automatic_missing, result.technical_weight, result.technical) == (1, D(80), D(30))


def test_automatic_criterion_left_to_evaluators_takes_their_marks() -> None:
    left = AutomaticFacts(criterion="A", value=None, left_to_evaluators=True)
    marks = (
        MarkFacts(criterion="T", evaluator="e", anchor=5),
        MarkFacts(criterion="A", evaluator="e", anchor=4),
    )
    result = score(sheet(automatic=(left,), marks=marks))
    assert [line.mark for line in result.lines] == [D(100), D(80)]
    assert result.automatic_missing == 0
