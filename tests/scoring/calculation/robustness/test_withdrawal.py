"""Withdrawing a proposal: the textbook reversal, and what can't reverse anything."""

from __future__ import annotations

from typing import Any

from scoring.calculation import Analyses, analyse
from tests.scoring.calculation.files import loaded, priced, results


def withdrawals(content: Any) -> dict[str, Any]:
    rows = analyse(loaded(content), Analyses(withdrawal=True))["sets"][0]["analysis"]["withdrawal"]
    return {row.pop("withdrawn"): row for row in rows}


def test_the_lowest_price_decides_between_two_others() -> None:
    """With C (20): A 48 + 8, B 60 + 5.3. Without C: A 48 + 40 = 88, B 60 + 26.7 = 86.7."""
    content = priced(
        {"A": "100", "B": "150", "C": "20"},
        {"price": {"formula": "lowest_ratio", "points": "40"}},
        {"A": "80", "B": "100", "C": "1"},
        weight="60",
    )
    assert list(results(content)) == ["B", "A", "C"]  # 65.3, 56, 40.6
    found = withdrawals(content)
    assert found["C"] == {"order_changed": True, "now_before": [["A", "B"]]}
    assert found["A"] == found["B"] == {"order_changed": False, "now_before": []}


def test_coming_to_share_a_rank_is_a_change_too() -> None:
    """Without C, the best price is 100 and both have 90: 60 + 30 and 70 + 20."""
    content = priced(
        {"A": "100", "B": "150", "C": "50"},
        {"price": {"formula": "lowest_ratio", "points": "30"}},
        {"A": "60", "B": "70", "C": "0"},
        weight="100",
    )
    assert withdrawals(content)["C"] == {"order_changed": True, "now_before": []}


def test_a_proposal_that_takes_no_part_is_not_withdrawn() -> None:
    content = priced({"A": "1", "B": "2"}, {"price": {"formula": "mean_50", "points": "30"}})
    content["sets"][0]["proposals"][1]["gate"] = "knocked_out"
    assert list(withdrawals(content)) == ["A"]


def test_relative_technical_points_look_at_rivals() -> None:
    """With C: A 40 + 29, B 46 + 20. Without C, technical points are relative to 46: A 87 + 29, B 100 + 20."""
    content = priced(
        {"A": "100", "B": "145", "C": None},
        {
            "technical": "relative",
            "price": {"formula": "fixed_reference", "points": "29", "reference": "100"},
        },
        {"A": "40", "B": "46", "C": "100"},
        weight="100",
    )
    assert list(results(content)) == ["A", "B", "C"]
    assert withdrawals(content)["C"] == {"order_changed": True, "now_before": [["B", "A"]]}
