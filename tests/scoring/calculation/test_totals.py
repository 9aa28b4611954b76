"""Technical points, thresholds, adjustments, shares and totals, each with a case worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.scoring.calculation.files import a_file, by_value, criterion, marks, one_set, priced, results

LOWEST = {"formula": "lowest_ratio", "points": "30"}


def test_the_smallest_file() -> None:
    found = results(priced({"A": "100", "B": "120"}, {"price": LOWEST}, {"A": "70", "B": "90"}))
    assert [
        (each, row["rank"], row["technical"], row["price_points"], row["total"])
        for each, row in found.items()
    ] == [
        ("B", 1, "63", "25", "88"),
        ("A", 2, "49", "30", "79"),
    ]


def standings(content: Any) -> dict[str, str]:
    return {each: row["standing"] for each, row in results(content).items()}


def test_a_threshold_is_tested_on_technical_percent_and_equal_passes() -> None:
    values = {"A": {"X": "80", "Y": "60"}, "B": {"X": "79.999", "Y": "60"}}
    content = by_value(values, {"X": "30", "Y": "10"}, {"threshold": "75"})
    assert standings(content) == {"A": "ranked", "B": "below_threshold"}
    row = results(content)["A"]
    assert (row["technical"], row["technical_percent"]) == ("30", "75")


def test_a_threshold_is_compared_exactly() -> None:
    """A third of 100, three times: 33.33… percent passes a third, not the next digit."""
    content = by_value(
        {"A": {"X": "100"}}, {"X": "1", "Y": "2"}, {"threshold": "33.3333333333333333333333333333"}
    )
    content["criteria"][1]["weight"] = "2"
    content["sets"][0]["marks"] += marks("A", "Y", "0")
    assert standings(content) == {"A": "ranked"}
    content["method"]["threshold"] = "33.3333333333333333333333333334"
    assert standings(content) == {"A": "below_threshold"}


def test_a_missing_input_counts_as_100_for_the_threshold_only() -> None:
    content = by_value({"A": {"X": "50"}, "B": {"X": "49"}}, {"X": "50", "Y": "50"}, {"threshold": "75"})
    found = results(content)
    assert (found["A"]["standing"], found["A"]["total"], found["A"]["flags"]) == (
        "ranked",
        "25",
        ["input_missing"],
    )
    assert found["B"]["standing"] == "below_threshold"


def test_minimums() -> None:
    values = {"A": {"X": "60", "Y": "0"}, "B": {"X": "59.9", "Y": "100"}, "C": {"Y": "10"}}
    content = by_value(values, {"X": "50", "Y": "50"})
    content["criteria"][0]["minimum"] = "60"
    assert standings(content) == {"A": "ranked", "C": "ranked", "B": "below_threshold"}


def test_relative_technical_points() -> None:
    """M·T / max T: 40 of 50 is the best that passes, so 30 counts as 37.5. A knocked-out 45 does not count."""
    values = {"A": {"X": "80"}, "B": {"X": "60"}, "K": {"X": "90"}}
    content = by_value(values, {"X": "50"}, {"technical": "relative"})
    content["sets"][0]["proposals"][2]["gate"] = "knocked_out"
    found = results(content)
    assert [(row["technical"], row["technical_final"], row["total"]) for row in found.values()] == [
        ("40", "50", "50"),
        ("30", "37.5", "37.5"),
        ("45", None, None),
    ]
    zero = by_value({"A": {"X": "0"}}, {"X": "50"}, {"technical": "relative"})
    assert results(zero)["A"]["technical_final"] == "0"


def test_a_proposal_without_a_price_can_still_be_the_best() -> None:
    """It is in and passes, so relative points look at it; it is not gated, so prices don't."""
    content = priced(
        {"A": "100", "B": None}, {"price": LOWEST, "technical": "relative"}, {"A": "50", "B": "100"}
    )
    found = results(content)
    assert (found["A"]["technical_final"], found["B"]["standing"]) == ("35", "not_scored")


def test_quality_and_cost_based_selection() -> None:
    """World Bank QCBS, 80:20: St = 90 and 75 of 100; Sf = 100·Pmin/P."""
    method = {"technical_share": "80", "price_share": "20", "price": {"formula": "lowest_ratio"}}
    found = results(priced({"A": "120", "B": "96"}, method, {"A": "90", "B": "75"}, weight="100"))
    assert [(each, row["price_points"], row["total"]) for each, row in found.items()] == [
        ("A", "80", "88"),
        ("B", "100", "80"),
    ]


def test_shares_scale_points_of_any_size() -> None:
    """M = 50, m = 30: 70·40/50 + 30·(24/30) = 56 + 24. `points` stay as they are before shares."""
    method = {
        "technical_share": "70",
        "price_share": "30",
        "price": {"formula": "fixed_reference", "points": "30", "reference": "80"},
    }
    row = results(priced({"A": "100"}, method, {"A": "80"}, weight="50"))["A"]
    assert (row["technical_final"], row["price_points"], row["total"]) == ("40", "24", "80")
    assert row["criteria"][0]["points"] == "40"


def test_points_are_printed_as_they_are_where_totals_are_no_plain_sums() -> None:
    """Shares and relative points scale what is printed, so it can't add up and is not rounded."""
    shares = {"technical_share": "80", "price_share": "20", "price": {"formula": "lowest_ratio"}}
    for method in (shares, {"technical": "relative"}):
        content = priced({"A": "1"}, {**method, "rounding": {"places": 0}}, {"A": "80.5"}, weight="50")
        assert results(content)["A"]["criteria"][0]["points"] == "40.25"


def test_price_envelope_criteria_add_their_points_after_opening() -> None:
    content = by_value({"A": {"X": "50", "Z": "80"}, "B": {"X": "60", "Z": "10"}}, {"X": "60", "Z": "10"})
    content["criteria"][1]["envelope"] = "price"
    found = results(content)
    assert [
        (each, row["technical"], row["technical_percent"], row["total"]) for each, row in found.items()
    ] == [
        ("A", "30", "50", "38"),
        ("B", "36", "60", "37"),
    ]
    content["method"] = {"technical_share": "60", "price_share": "40"}
    assert {each: row["total"] for each, row in results(content).items()} == {"A": "38", "B": "37"}, (
        "unscaled"
    )
    content["method"] = {"price_open": False}
    found = results(content)
    assert [
        (each, row["technical_final"], row["total"], row["price_points"]) for each, row in found.items()
    ] == [
        ("B", "36", None, None),
        ("A", "30", None, None),
    ]


def test_sealed_prices_may_be_absent() -> None:
    content = priced({"A": None, "B": None}, {"price": LOWEST, "price_open": False}, {"A": "10", "B": "20"})
    content["criteria"].append(criterion("Z", "5", envelope="price", mode="automatic", minimum="10"))
    found = results(content)
    assert [(each, row["rank"], row["flags"]) for each, row in found.items()] == [("B", 1, []), ("A", 2, [])]


def test_a_sealed_criterion_neither_fails_nor_decides() -> None:
    content = by_value({"A": {"X": "50", "Z": "5"}, "B": {"X": "50", "Z": "90"}}, {"X": "60", "Z": "10"})
    content["criteria"][1] |= {"envelope": "price", "minimum": "10"}
    content["method"] = {"price_open": False, "tie_chain": ["Z"]}
    assert [(each, row["rank"], row["tie_step"]) for each, row in results(content).items()] == [
        ("A", 1, ""),
        ("B", 1, "none"),
    ]
    content["method"]["price_open"] = True
    assert standings(content) == {"B": "ranked", "A": "below_threshold"}


def adjusted(*adjustments: dict[str, str], method: dict[str, Any] | None = None) -> dict[str, Any]:
    content = priced(
        {"A": "1000", "B": "1000"},
        method or {"price": {"formula": "fixed_reference", "points": "30", "reference": "900"}},
        {"A": "50", "B": "50"},
    )
    content["sets"][0]["proposals"][0]["adjustments"] = list(adjustments)
    return results(content)["A"]


@pytest.mark.parametrize(
    ("adjustments", "price_points", "total"),
    [
        ([], "27", "62"),
        ([{"kind": "price_percent", "value": "4"}], "28.125", "63.125"),  # 960
        (
            [{"kind": "price_percent", "value": "4", "cap": "25"}],
            "27.69230769230769230769230769",
            None,
        ),  # 975
        (
            [{"kind": "price_percent", "value": "2"}, {"kind": "price_percent", "value": "2"}],
            "28.125",
            "63.125",
        ),
        (
            [{"kind": "price_percent", "value": "5", "cap": "20"}, {"kind": "price_percent", "value": "2"}],
            "28.125",
            "63.125",
        ),
        ([{"kind": "price_percent", "value": "-20"}], "22.5", "57.5"),  # 1200
        ([{"kind": "price_percent", "value": "-50", "cap": "200"}], "22.5", "57.5"),
        ([{"kind": "points", "value": "3"}, {"kind": "points", "value": "-0.5"}], "27", "64.5"),
        ([{"kind": "points", "value": "3", "cap": "2"}], "27", "64"),
    ],
)
def test_adjustments(adjustments: list[dict[str, str]], price_points: str, total: str | None) -> None:
    row = adjusted(*adjustments)
    assert row["price_points"] == price_points
    assert total is None or row["total"] == total


def test_adjusted_prices_are_compared() -> None:
    """Two prices of 1000; 10 % off makes 900, which is the lowest and earns the most."""
    row = adjusted({"kind": "price_percent", "value": "10"}, method={"price": LOWEST})
    assert row["price_points"] == "30"


def test_a_price_adjusted_to_nothing_is_not_scored() -> None:
    assert adjusted({"kind": "price_percent", "value": "100"})["standing"] == "not_scored"


def test_adjustments_add_unscaled_to_shares() -> None:
    method = {"technical_share": "80", "price_share": "20", "price": {"formula": "lowest_ratio"}}
    assert adjusted({"kind": "points", "value": "5"}, method=method)["total"] == "65"  # 40 + 20 + 5


def test_rounding_comes_before_comparing() -> None:
    values = {"A": {"X": "80.004"}, "B": {"X": "79.996"}, "C": {"X": "79.995"}, "D": {"X": "79.994"}}
    content = by_value(values, {"X": "100"}, {"rounding": {"places": 2}})
    found = results(content)
    assert [(each, row["rank"], row["shared"], row["total"]) for each, row in found.items()] == [
        ("A", 1, True, "80"),
        ("B", 1, True, "80"),
        ("C", 1, True, "80"),
        ("D", 4, False, "79.99"),
    ]
    assert found["C"]["technical"] == "79.995"
    content["method"] = {}
    assert [row["rank"] for row in results(content).values()] == [1, 2, 3, 4]


def test_a_method_without_weights_ranks_on_price_alone() -> None:
    content = a_file(
        [], one_set([{"id": "A", "price": "3"}, {"id": "B", "price": "2"}], []), method={"price": LOWEST}
    )
    assert [(each, row["total"], row["technical_percent"]) for each, row in results(content).items()] == [
        ("B", "30", None),
        ("A", "20", None),
    ]


def test_standings_follow_in_their_order() -> None:
    content = priced(
        dict.fromkeys("FEDCBA", "10"), {"threshold": "50", "price": LOWEST}, {"D": "1", "C": "2"}
    )
    by_id = {each["id"]: each for each in content["sets"][0]["proposals"]}
    by_id["A"]["price"] = None
    by_id["B"]["gate"], by_id["E"]["gate"] = "withdrawn", "knocked_out"
    assert list(standings(content).items()) == [
        ("F", "ranked"),
        ("C", "below_threshold"),
        ("D", "below_threshold"),
        ("E", "knocked_out"),
        ("B", "withdrawn"),
        ("A", "not_scored"),
    ]


def test_printed_points_add_up_where_divisions_do_not_end() -> None:
    rows = [row for code in "XYZ" for row in marks("A", code, "1")]
    content = a_file(
        [criterion(code, "10", scale={"max": "3"}) for code in "XYZ"],
        one_set([{"id": "A", "price": "7", "adjustments": [{"kind": "points", "value": "91.5"}]}], rows),
        method={"price": {"formula": "fixed_reference", "points": "20", "reference": "3"}},
    )
    row = results(content)["A"]
    printed = [each["points"] for each in row["criteria"]]
    assert printed[0] == "3." + "3" * 26
    assert sum(map(Fraction, [*printed, row["price_points"], "91.5"])) == Fraction(row["total"])


def test_sets_do_not_touch_each_other() -> None:
    content = priced({"A": "100"}, {"price": LOWEST})
    other = one_set([{"id": "A", "price": "50"}], marks("A", "T", "0"), window=2, lot="L2")
    content["sets"].append(other)
    assert (results(content, 0)["A"]["total"], results(content, 1)["A"]["total"]) == ("100", "30")
