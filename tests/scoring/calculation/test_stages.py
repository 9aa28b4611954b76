"""Stages: what a later stage asks counts only for the proposals that reached it, and they rank first."""

from __future__ import annotations

from typing import Any

import pytest

from scoring.calculation import Declined, analyse, recompute
from scoring.calculation.analysing import Analyses
from scoring.calculation.robustness.stability import Simulation, stability
from tests.scoring.calculation.files import a_file, criterion, loaded, marks, one_set, results

RESULTS = ("rank", "technical", "technical_percent", "total", "flags", "standing")


def staged(method: dict[str, Any] | None = None) -> dict[str, Any]:
    """A 90, B 80 and C 70 in writing (weight 80); B and C were heard (weight 20): 50 and 100."""
    proposals = [
        {"id": "A", "price": "100"},
        {"id": "B", "price": "120", "stage": 2},
        {"id": "C", "price": "150", "stage": "2"},
    ]
    rows = [*marks("A", "W", "90"), *marks("B", "W", "80"), *marks("C", "W", "70")]
    rows += [*marks("B", "P", "50"), *marks("C", "P", "100")]
    criteria = [criterion("W", "80"), criterion("P", "20", stage=2, minimum="40", quorum=1)]
    return a_file(criteria, one_set(proposals, rows), method=method)


def figures(content: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {each: tuple(row[key] for key in RESULTS) for each, row in results(content).items()}


def test_later_stages_rank_first_and_ask_nothing_of_earlier_ones() -> None:
    assert figures(staged({"threshold": "70"})) == {
        "C": (1, "76", "76", "76", [], "ranked"),
        "B": (2, "74", "74", "74", [], "ranked"),
        "A": (3, "72", "90", "72", [], "ranked"),
    }


def test_the_threshold_is_a_percent_of_what_was_asked() -> None:
    """74 of 100 misses 75 percent; 72 of 80 is 90."""
    standings = {each: row[-1] for each, row in figures(staged({"threshold": "75"})).items()}
    assert standings == {"C": "ranked", "A": "ranked", "B": "below_threshold"}


def test_a_mark_on_what_was_not_asked_counts_for_nothing() -> None:
    content = staged()
    content["sets"][0]["marks"] += marks("A", "P", "30")
    row = results(content)["A"]
    assert (row["rank"], row["total"], row["standing"]) == (3, "72", "ranked")
    assert row["criteria"][1] == {"code": "P", "n": 1, "value": None, "points": "0"}


def test_a_missing_mark_of_its_own_stage_is_flagged() -> None:
    content = staged()
    content["sets"][0]["marks"].pop()
    assert results(content)["C"]["flags"] == ["quorum", "input_missing"]


def test_ties_are_broken_within_a_stage() -> None:
    content = staged({"tie_chain": ["price"]})
    content["sets"][0]["proposals"] += [{"id": "D", "price": "90"}, {"id": "E", "price": "110", "stage": 2}]
    content["sets"][0]["marks"] += [*marks("D", "W", "90"), *marks("E", "W", "80"), *marks("E", "P", "50")]
    found = {each: (row["rank"], row["tie_step"]) for each, row in results(content).items()}
    assert found == {"C": (1, ""), "E": (2, ""), "B": (3, "price"), "D": (4, ""), "A": (5, "price")}


def test_relative_points_compare_within_a_stage() -> None:
    found = results(staged({"technical": "relative"}))
    assert {each: row["technical_final"] for each, row in found.items()} == {
        "C": "100",
        "B": "97.36842105263157894736842105",
        "A": "80",
    }


def test_shares_divide_by_what_was_asked() -> None:
    method = {
        "technical_share": "60",
        "price_share": "40",
        "price": {"formula": "lowest_ratio", "points": "100"},
    }
    found = results(staged(method))
    # A: 60 · 72/80 + 40 · 100/100; C: 60 · 76/100 + 40 · 100/150
    assert {each: row["total"] for each, row in found.items()} == {
        "B": "77.73333333333333333333333333",
        "C": "72.26666666666666666666666667",
        "A": "94",
    }
    assert [row["rank"] for row in found.values()] == [1, 2, 3]


def test_no_weights_bring_an_earlier_stage_ahead() -> None:
    evaluation = loaded(staged())
    (found,) = recompute(evaluation)
    drawn = stability(evaluation, found, Simulation(draws=500, kappa="uniform", top=2, seed=1))
    assert drawn["top"] == {"C": 1.0, "B": 1.0, "A": 0.0}
    assert drawn["rank_acceptability"]["A"] == [0.0, 0.0, 1.0]
    assert [each["weight_moved"] for each in drawn["flips"]][1] is None
    assert {who: each["order"] for who, each in drawn["leave_one_out"].items()} == {"E1": ["B", "C", "A"]}


def test_shares_over_two_stages_have_no_stability() -> None:
    method = {
        "technical_share": "60",
        "price_share": "40",
        "price": {"formula": "lowest_ratio", "points": "100"},
    }
    evaluation = loaded(staged(method))
    (found,) = recompute(evaluation)
    with pytest.raises(Declined, match="different stages"):
        stability(evaluation, found, Simulation(draws=10))


def test_a_stage_without_technical_weight_divides_by_nothing() -> None:
    content = staged({"price": {"formula": "price_per_quality"}, "threshold": "50"})
    content["criteria"][0]["stage"] = 2
    found = results(content)
    assert (found["A"]["standing"], found["A"]["technical_percent"]) == ("not_scored", None)
    assert analyse(loaded(content), Analyses(withdrawal=True))


@pytest.mark.parametrize("stage", ["0", 0, "1.5", -1, None])
def test_a_stage_is_a_whole_number_from_one(stage: Any) -> None:
    content = staged()
    content["criteria"][1]["stage"] = stage
    with pytest.raises(Exception, match=r"criteria\[1\].stage must be"):
        loaded(content)
