"""From marks to a criterion's value: scales, aggregates, quorum, consensus, automatic values and their fallback."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import pytest

from rfp.method.aggregates import AGGREGATES
from scoring.calculation.scales import OffTheScale, Scale
from tests.scoring.calculation.files import a_file, criterion, marks, one_set, results

ANCHORS = {"anchors": {"0": "0", "1": "20", "2.0": "45", "4": "80", "5": "100"}}


@pytest.mark.parametrize(
    ("scale", "mark", "value"),
    [
        (Scale(high=F(10)), "7", "70"),
        (Scale(low=F(1), high=F(5)), "2", "25"),
        (Scale(low=F(-5), high=F(5)), "0", "50"),
        (Scale(anchors={F(4): F(80), F(5): F(100)}), "4", "80"),
    ],
)
def test_a_mark_has_a_value(scale: Scale, mark: str, value: str) -> None:
    assert scale.value(F(mark)) == F(value)


@pytest.mark.parametrize(
    ("scale", "mark"), [(Scale(high=F(10)), 11), (Scale(low=F(1)), 0), (Scale(anchors={F(4): F(80)}), 3)]
)
def test_a_mark_off_the_scale_is_refused(scale: Scale, mark: int) -> None:
    with pytest.raises(OffTheScale):
        scale.value(F(mark))


# scipy.stats.trim_mean([1..9, 100], .2) = 5.5; scipy.stats.mstats.winsorize([...], .2) has the mean 5.5.
TEN = [F(each) for each in (3, 1, 2, 4, 5, 100, 6, 7, 8, 9)]


@pytest.mark.parametrize(
    ("name", "values", "trim", "value"),
    [
        ("mean", [1, 2, 4], "0.2", F(7, 3)),
        ("median", [9, 1, 4], "0.2", 4),
        ("median", [9, 1, 4, 2], "0.2", 3),
        ("median", [5], "0.2", 5),
        ("trimmed_mean", TEN, "0.2", F(11, 2)),
        ("trimmed_mean", [0, 50, 50, 50, 100], "0.2", 50),
        ("trimmed_mean", [0, 50, 60, 100], "0.2", F(105, 2)),  # floor(.8) = 0: nothing is cut
        ("trimmed_mean", [0, 50, 60, 100], "0.25", 55),
        ("trimmed_mean", [0, 10, 40, 100, 100], "0.499", 40),
        ("winsorised_mean", TEN, "0.2", F(11, 2)),
        ("winsorised_mean", [0, 10, 20, 30, 100], "0.2", 20),
        ("winsorised_mean", [0, 10, 30, 40, 100], "0.4", 30),
        ("winsorised_mean", [0, 10, 30], "0.2", F(40, 3)),
    ],
)
def test_aggregates(name: str, values: list[Any], trim: str, value: Any) -> None:
    assert AGGREGATES[name]([F(each) for each in values], F(trim)) == value


def row_of(rows: list[dict[str, Any]], method: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The result of one proposal with one criterion of weight 50, scale 0 to 10."""
    sets: dict[str, Any] = {key: more.pop(key) for key in ("automatic", "consensus") if key in more}
    content = a_file(
        [criterion("T", "50", scale={"max": "10"}, **more)],
        one_set([{"id": "A"}], rows, **sets),
        method=method,
    )
    return results(content)["A"]


def test_a_zero_counts_and_what_is_not_given_does_not() -> None:
    rows = marks("A", "T", "0", "6", None)
    rows += [{"proposal": "A", "criterion": "T", "evaluator": "E4", "mark": "9", "status": "conflict"}]
    rows += [{"proposal": "A", "criterion": "T", "evaluator": "E5", "status": "abstained"}]
    row = row_of(rows)
    assert row["criteria"] == [{"code": "T", "n": 2, "value": "30", "points": "15"}]
    assert row["flags"] == []


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [("mean", "50"), ("median", "40"), ("trimmed_mean", "50"), ("winsorised_mean", "52")],
)
def test_the_method_says_how_marks_become_one(aggregate: str, value: str) -> None:
    rows = marks("A", "T", "1", "2", "4", "9", "9")  # 2, 2, 4, 9, 9 winsorised
    assert row_of(rows, {"aggregate": aggregate})["criteria"][0]["value"] == value


def test_anchors_are_matched_as_numbers() -> None:
    content = a_file([criterion(scale=ANCHORS)], one_set([{"id": "A"}], marks("A", "T", "4.0", "2", "05")))
    assert results(content)["A"]["criteria"][0]["value"] == "75"  # (80 + 45 + 100) / 3


@pytest.mark.parametrize(
    ("quorum", "given", "flags"),
    [
        (3, ["5", "5"], ["quorum"]),
        ("2", ["5", "5"], []),
        ("all", ["5", "5"], []),
        ("all", ["5", None], ["quorum"]),
        (1, [], ["quorum", "input_missing"]),
        ("all", [], ["input_missing"]),
        (None, ["5"], []),
    ],
)
def test_quorum(quorum: Any, given: list[str | None], flags: list[str]) -> None:
    row = row_of(marks("A", "T", *given), {"quorum": quorum})
    assert row["flags"] == flags
    assert row["criteria"][0]["points"] == ("25" if given else "0"), "it is still computed"
    assert row_of(marks("A", "T", *given), quorum=quorum)["flags"] == flags, "a criterion may have its own"


@pytest.mark.parametrize(("status", "flags"), [("abstained", []), ("conflict", []), ("missing", ["quorum"])])
def test_all_means_those_who_neither_abstained_nor_conflicted(status: str, flags: list[str]) -> None:
    rows = [*marks("A", "T", "5"), {"proposal": "A", "criterion": "T", "evaluator": "E9", "status": status}]
    assert row_of(rows, quorum="all")["flags"] == flags


def test_a_criterion_overrides_the_quorum_of_the_method() -> None:
    assert row_of(marks("A", "T", "5"), {"quorum": 3}, quorum=1)["flags"] == []


def test_consensus_replaces_the_aggregate_but_not_the_count() -> None:
    agreed = [{"proposal": "A", "criterion": "T", "mark": "8", "reason": "Agreed."}]
    row = row_of(marks("A", "T", "2", "4"), consensus=agreed, quorum=3)
    assert row["criteria"] == [{"code": "T", "n": 2, "value": "80", "points": "40"}]
    assert row["flags"] == ["quorum"]
    alone = row_of([], consensus=agreed)
    assert (alone["criteria"][0]["value"], alone["flags"]) == ("80", [])


AGREED = [{"proposal": "A", "criterion": "T", "mark": "3", "reason": ""}]


@pytest.mark.parametrize(
    ("value", "fallback", "given", "agreed", "expected", "flags"),
    [
        ("62.5", False, [], [], "62.5", []),
        ("62.5", True, ["9"], AGREED, "62.5", []),
        (None, False, ["9"], AGREED, None, ["input_missing"]),
        (None, True, ["9", "7"], [], "80", []),
        (None, True, ["9", "7"], AGREED, "30", []),
        (None, True, [], [], None, ["input_missing"]),
        ("0", False, [], [], "0", []),
    ],
)
def test_automatic_values_and_their_fallback(
    value: str | None, fallback: bool, given: list[str], agreed: Any, expected: str | None, flags: list[str]
) -> None:
    row = row_of(
        marks("A", "T", *given),
        mode="automatic",
        fallback=fallback,
        consensus=agreed,
        automatic=[{"proposal": "A", "criterion": "T", "value": value}],
    )
    assert row["criteria"][0]["value"] == expected
    assert row["criteria"][0]["n"] == len(given)
    assert row["flags"] == flags
    assert (row["standing"], row["rank"]) == ("ranked", 1)


def test_an_automatic_criterion_has_no_quorum_unless_it_falls_back() -> None:
    automatic = [{"proposal": "A", "criterion": "T", "value": "50"}]
    assert row_of([], {"quorum": 2}, mode="automatic", fallback=True, automatic=automatic)["flags"] == []
    assert row_of(marks("A", "T", "5"), {"quorum": 2}, mode="automatic", fallback=True)["flags"] == ["quorum"]
    assert row_of([], {"quorum": 2}, mode="automatic")["flags"] == ["input_missing"]


def test_holds_stand_among_the_flags() -> None:
    content = a_file(
        [criterion(quorum=2)], one_set([{"id": "A", "holds": ["origin", "quorum"]}], marks("A", "T", "5"))
    )
    assert results(content)["A"]["flags"] == ["quorum", "origin"]
