"""Competition ranks, every step of the tie chain, and what nulls do."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from scoring.calculation.ties import Contender, rank
from tests.scoring.calculation.files import by_value, priced, results

NONE = {"price": {"formula": "none"}}


def places(content: Any) -> list[tuple[Any, ...]]:
    return [(each, row["rank"], row["shared"], row["tie_step"]) for each, row in results(content).items()]


def tied(chain: list[str], **proposals: dict[str, Any]) -> Any:
    content = priced(dict.fromkeys(proposals, "100"), {**NONE, "tie_chain": chain})
    for proposal, more in zip(content["sets"][0]["proposals"], proposals.values(), strict=True):
        proposal.update(more)
    return content


def test_competition_ranks() -> None:
    content = priced(dict.fromkeys("ABCD", "1"), NONE, {"A": "50", "B": "90", "C": "90", "D": "10"})
    assert places(content) == [
        ("B", 1, True, ""),
        ("C", 1, True, "none"),
        ("A", 3, False, ""),
        ("D", 4, False, ""),
    ]


def test_price_then_receipt_then_draw() -> None:
    content = tied(
        ["price", "received_at", "draw"],
        A={"received_at": "2026-03-01T12:00:00Z", "draw": 2},
        B={"received_at": "2026-03-01T07:00:00-05:00", "draw": "1"},
        C={"received_at": "2026-03-01T12:59:59.999999999+01:00"},
        D={"price": "99.99"},
        E={"received_at": "2026-03-01T12:00:00+00:00", "draw": 2},
        F={},
        G={},
    )
    assert places(content) == [
        ("D", 1, False, ""),
        ("C", 2, False, "price"),
        ("B", 3, False, "received_at"),
        ("A", 4, True, "draw"),
        ("E", 4, True, "none"),
        ("F", 6, True, "received_at"),
        ("G", 6, True, "none"),
    ]


def test_a_draw_of_null_is_last_and_equals_null() -> None:
    content = tied(["draw"], A={"draw": None}, B={"draw": "3"}, C={})
    assert places(content) == [("B", 1, False, ""), ("A", 2, True, "draw"), ("C", 2, True, "none")]


def test_technical_points_decide_between_equal_totals() -> None:
    method = {
        "price": {"formula": "fixed_reference", "points": "30", "reference": "30"},
        "tie_chain": ["technical"],
    }
    content = priced({"A": "60", "B": "100"}, method, {"A": "50", "B": "60"}, weight="60")
    content["method"]["price"]["points"] = "15"  # 30 + 7.5 and 36 + 4.5
    assert places(content) == [("B", 1, False, ""), ("A", 2, False, "")]
    content["sets"][0]["proposals"][0]["adjustments"] = [{"kind": "points", "value": "3"}]
    assert places(content) == [("B", 1, False, ""), ("A", 2, False, "technical")]


def test_a_criterion_decides_by_its_value_and_no_value_is_last() -> None:
    values = {"A": {"X": "40", "Y": "60"}, "B": {"X": "60", "Y": "40"}, "C": {"Y": "100"}}
    content = by_value(values, {"X": "50", "Y": "50"}, {"tie_chain": ["X"]})
    assert places(content) == [("B", 1, False, ""), ("A", 2, False, "X"), ("C", 3, False, "X")]


def test_no_price_is_last() -> None:
    assert places(tied(["price"], A={"price": None}, B={}))[1] == ("A", 2, False, "price")


def test_sealed_prices_decide_nothing() -> None:
    content = tied(["price", "draw"], A={"price": "5", "draw": 2}, B={"price": "9", "draw": 1})
    content["method"]["price_open"] = False
    assert places(content) == [("B", 1, False, ""), ("A", 2, False, "draw")]


def test_the_step_is_that_against_the_row_above() -> None:
    content = tied(
        ["received_at", "draw"],
        A={"draw": 1},
        B={"draw": 2},
        C={"received_at": "2026-01-01T00:00Z", "draw": 9},
    )
    assert places(content) == [("C", 1, False, ""), ("A", 2, False, "received_at"), ("B", 3, False, "draw")]


def test_what_floats_can_not_tell_apart_is_no_tie() -> None:
    """0.1 + 0.2 against 0.3, and a difference in the 25th digit."""
    values = {"A": {"X": "0.1", "Y": "0.2"}, "B": {"X": "0.3", "Y": "0"}}
    assert places(by_value(values, {"X": "100", "Y": "100"})) == [("A", 1, True, ""), ("B", 1, True, "none")]
    marks = {"A": "50", "B": "50.0000000000000000000000001", "C": "50.0000000000000000000000002"}
    content = priced(dict.fromkeys(marks, "1"), NONE, marks)
    assert places(content) == [("C", 1, False, ""), ("B", 2, False, ""), ("A", 3, False, "")]
    content["sets"][0]["proposals"].reverse()
    assert [each[0] for each in places(content)] == ["C", "B", "A"]


def naive(contenders: list[Contender]) -> list[tuple[str, int]]:
    ordered = sorted(contenders, key=lambda each: (-each.ranked_on, -each.technical, each.id))
    return [
        (each.id, 1 + sum((x.ranked_on, x.technical) > (each.ranked_on, each.technical) for x in contenders))
        for each in ordered
    ]


@pytest.mark.parametrize("seed", range(5))
def test_ranks_are_those_of_plain_sorting(seed: int) -> None:
    chance = random.Random(seed)
    contenders = [
        Contender(f"P{index:03}", Fraction(chance.randrange(9), 7), Fraction(chance.randrange(3)))
        for index in range(200)
    ]
    assert [(place.id, place.rank) for place in rank(contenders, ["technical"])] == naive(contenders)


@pytest.mark.parametrize(("distinct", "most"), [(10**9, 0), (1, 75)])
def test_five_thousand_are_ranked_with_few_exact_comparisons(
    distinct: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`most` for each proposal: none where floats decide, and no more than a sort takes where all totals are equal."""
    chance = random.Random(1)
    contenders = [
        Contender(f"P{index}", Fraction(chance.randrange(distinct), 3 * 10**7), Fraction(0), draw=Fraction(0))
        for index in range(5000)
    ]
    compared = 0

    def counted(name: str) -> Callable[[Fraction, object], Any]:
        plain = getattr(Fraction, name)

        def compare(self: Fraction, other: object) -> Any:
            nonlocal compared
            compared += 1
            return plain(self, other)

        return compare

    for name in ("__lt__", "__gt__", "__eq__"):
        monkeypatch.setattr(Fraction, name, counted(name))
    assert len(rank(contenders, ["technical", "price", "received_at", "draw"])) == 5000
    assert compared <= most * 5000
