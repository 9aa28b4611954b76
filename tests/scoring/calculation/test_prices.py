"""Every price formula against figures computed by hand or published elsewhere."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from rfp.method.prices import FORMULAS
from tests.scoring.calculation.files import priced, results


def points(prices: dict[str, str | None], **price: Any) -> dict[str, Any]:
    rows = results(priced(prices, {"price": price}))
    return {
        each: None if row["price_points"] is None else Fraction(row["price_points"])
        for each, row in rows.items()
    }


def test_rcuh() -> None:
    """Research Corporation of the University of Hawaii: 100, 125 and 150 thousand at 35 points give 35, 28, 23.3."""
    found = points({"A": "100000", "B": "125000", "C": "150000"}, formula="lowest_ratio", points="35")
    assert (found["A"], found["B"], round(found["C"], 1)) == (35, 28, Fraction("23.3"))
    assert abs(found["C"] - Fraction(70, 3)) < Fraction(1, 10**20)


PRICES: dict[str, str | None] = {"A": "100", "B": "120", "C": "180", "D": "250"}


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ({"formula": "lowest_ratio", "points": "30"}, ["30", "25", "50/3", "12"]),
        ({"formula": "linear_from_lowest", "points": "30"}, ["30", "24", "6", "0"]),
        ({"formula": "linear_min_max", "points": "30"}, ["30", "26", "14", "0"]),
        # The mean is 162.5: 50 − 100·(P − 162.5)/162.5 percent of 30.
        ({"formula": "mean_50", "points": "30"}, ["345/13", "297/13", "153/13", "0"]),
        ({"formula": "fixed_reference", "points": "30", "reference": "150"}, ["30", "30", "25", "18"]),
        (
            {"formula": "fixed_reference", "points": "30", "reference": "150", "cap": False},
            ["45", "75/2", "25", "18"],
        ),
        ({"formula": "none"}, ["0", "0", "0", "0"]),
        ({"formula": "price_per_quality"}, [None] * 4),
        ({"formula": "adjusted_score", "reference": "150"}, [None] * 4),
    ],
)
def test_formulas(price: dict[str, Any], expected: list[str | None]) -> None:
    found = points(PRICES, **price)
    for each, value in zip("ABCD", expected, strict=True):
        if value is None:
            assert found[each] is None
        else:
            assert abs(found[each] - Fraction(value)) < Fraction(1, 10**20), each


def test_mean_50_is_clipped_at_both_ends() -> None:
    found = points({"A": "10", "B": "100", "C": "190"}, formula="mean_50", points="40")
    assert found == {"A": 40, "B": 20, "C": 0}  # 140 and −40 percent are clipped to 100 and 0


@pytest.mark.parametrize("formula", ["lowest_ratio", "linear_from_lowest", "linear_min_max"])
def test_equal_prices_all_earn_the_most(formula: str) -> None:
    assert set(points({"A": "70", "B": "70"}, formula=formula, points="30").values()) == {30}
    assert points({"A": "70"}, formula=formula, points="30") == {"A": 30}


@pytest.mark.parametrize("formula", ["lowest_ratio", "linear_from_lowest", "linear_min_max", "mean_50"])
def test_only_gated_prices_are_rivals(formula: str) -> None:
    """A knocked-out, a withdrawn, a weak, a free and an unpriced proposal change nobody's points."""
    method: dict[str, Any] = {"price": {"formula": formula, "points": "30"}, "threshold": "50"}
    alone = results(priced({"A": "100", "B": "130"}, method))
    others: dict[str, str | None] = {"K": "1", "W": "2", "L": "3", "Z": "0", "N": None, "M": "-5"}
    content = priced({"A": "100", "B": "130", **others}, method, {"L": "49.99"})
    content["sets"][0]["proposals"][2]["gate"] = "knocked_out"
    content["sets"][0]["proposals"][3]["gate"] = "withdrawn"
    found = results(content)
    assert {each: found[each] for each in "AB"} == alone
    assert [(each, row["standing"]) for each, row in found.items()][2:] == [
        ("L", "below_threshold"),
        ("K", "knocked_out"),
        ("W", "withdrawn"),
        ("M", "not_scored"),
        ("N", "not_scored"),
        ("Z", "not_scored"),
    ]
    assert all(
        found[each][key] is None
        for each in others
        for key in ("rank", "total", "technical_final", "price_points")
    )


def test_price_per_quality_is_ascending() -> None:
    """Price / technical percent: 100/80 = 1.25, 90/60 = 1.5, 120/100 = 1.2; nothing to divide by, nothing scored."""
    content = priced(
        {"A": "100", "B": "90", "C": "120", "D": "1"},
        {"price": {"formula": "price_per_quality"}},
        {"A": "80", "B": "60", "D": "0"},
    )
    found = results(content)
    assert [(each, row["total"], row["rank"]) for each, row in found.items()] == [
        ("C", "1.2", 1),
        ("A", "1.25", 2),
        ("B", "1.5", 3),
        ("D", None, None),
    ]
    assert found["D"]["standing"] == "not_scored"
    assert found["A"]["technical_final"] == "56"


def test_adjusted_score_is_descending_and_a_zero_counts() -> None:
    """Technical percent · R/P with R = 90: 80·90/100 = 72, 60·90/90 = 60, 0."""
    content = priced(
        {"A": "100", "B": "90", "D": "1"},
        {"price": {"formula": "adjusted_score", "reference": "90"}},
        {"A": "80", "B": "60", "D": "0"},
    )
    assert [(each, row["total"]) for each, row in results(content).items()] == [
        ("A", "72"),
        ("B", "60"),
        ("D", "0"),
    ]


def indexed(price: dict[str, Any], chain: list[str] | None = None) -> dict[str, Any]:
    content = priced({"A": "100", "B": "60", "C": "300"}, {"price": price, "tie_chain": chain or []})
    for proposal, reference in zip(content["sets"][0]["proposals"], ("200", "50", None), strict=True):
        proposal["reference"] = reference
    return content


def test_an_index_compares_offers_of_different_items() -> None:
    """Indexes .5, 1.2 and (method's reference 400) .75."""
    price = {"formula": "lowest_ratio", "points": "30", "basis": "index", "reference": "400"}
    found = results(indexed(price))
    assert [(each, row["price_points"]) for each, row in found.items()] == [
        ("A", "30"),
        ("C", "20"),
        ("B", "12.5"),
    ]
    found = results(
        indexed({"formula": "linear_min_max", "points": "70", "basis": "index", "reference": "400"})
    )
    assert [row["price_points"] for row in found.values()] == ["70", "45", "0"]


def test_the_tie_chain_compares_indexes_too() -> None:
    found = results(indexed({"formula": "none", "basis": "index", "reference": "400"}, ["price"]))
    assert [(each, row["tie_step"]) for each, row in found.items()] == [
        ("A", ""),
        ("C", "price"),
        ("B", "price"),
    ]


def test_a_fixed_reference_is_an_index_already() -> None:
    for basis in ("total", "index"):
        price = {"formula": "fixed_reference", "points": "30", "basis": basis, "reference": "400"}
        assert {each: row["price_points"] for each, row in results(indexed(price)).items()} == {
            "A": "30",
            "B": "25",
            "C": "30",
        }


def test_each_formula_says_what_it_is() -> None:
    for name, formula in FORMULAS.items():
        assert formula.name == name
        assert formula.version >= 1
        assert formula.words.endswith(".")
    assert {name for name, formula in FORMULAS.items() if formula.needs_rivals} == {
        "lowest_ratio",
        "linear_from_lowest",
        "linear_min_max",
        "mean_50",
    }
