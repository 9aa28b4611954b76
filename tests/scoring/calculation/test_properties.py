"""What holds for every evaluation, on files that Hypothesis makes up."""

from __future__ import annotations

import copy
import random
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scoring.calculation import Analyses, analyse, load, recompute
from scoring.calculation.file.comparing import differences
from scoring.calculation.file.writing import with_results
from tests.scoring.calculation.files import a_file, as_bytes, criterion, loaded, one_set, results

RELATIVE = ["lowest_ratio", "linear_from_lowest", "linear_min_max", "mean_50"]
NUMBERS = st.integers(0, 100).map(str)
STATUSES = st.sampled_from(["given"] * 6 + ["abstained", "conflict", "missing"])


@st.composite
def files(draw: st.DrawFn, formulas: list[str] | None = None, **method: Any) -> dict[str, Any]:
    """A file with any method that sums points: two to five proposals, one to three criteria, three evaluators."""
    codes = draw(st.sampled_from([["T"], ["T", "U"], ["T", "U", "V"]]))
    criteria = [
        criterion(
            code,
            draw(st.integers(1, 60).map(str)),
            scale=draw(
                st.sampled_from([{"max": "100"}, {"max": "103", "min": "-2"}, {"min": "-7", "max": "100"}])
            ),
            mode=draw(st.sampled_from(["evaluator", "evaluator", "automatic"])),
            fallback=draw(st.booleans()),
            envelope="technical"
            if code == "T"
            else draw(st.sampled_from(["technical", "technical", "price"])),
            quorum=draw(st.sampled_from([None, 2, "all"])),
        )
        for code in codes
    ]
    ids = [f"P{index}" for index in range(draw(st.integers(2, 5)))]
    proposals = [
        {
            "id": each,
            "price": draw(st.one_of(st.none(), st.integers(1, 30).map(str))),
            "gate": draw(st.sampled_from(["in", "in", "in", "in", "knocked_out", "withdrawn"])),
            "draw": draw(st.one_of(st.none(), st.integers(0, 2))),
            "adjustments": draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "kind": st.sampled_from(["points", "price_percent"]),
                            "value": st.sampled_from(["-3", "2.5", "7"]),
                            "cap": st.sampled_from([None, "1"]),
                        }
                    ),
                    max_size=2,
                )
            ),
        }
        for each in ids
    ]
    rows = [
        {
            "proposal": each,
            "criterion": code,
            "evaluator": who,
            "mark": draw(NUMBERS),
            "status": draw(STATUSES),
        }
        for each in ids
        for code in codes
        for who in ("E1", "E2", "E3")
        if draw(st.booleans())
    ]
    automatic = [
        {"proposal": each, "criterion": row["code"], "value": draw(st.one_of(st.none(), NUMBERS))}
        for each in ids
        for row in criteria
        if row["mode"] == "automatic"
    ]
    chosen = {
        "aggregate": draw(st.sampled_from(["mean", "median", "trimmed_mean", "winsorised_mean"])),
        "trim": draw(st.sampled_from(["0.2", "0.34", "0.49"])),
        "threshold": draw(st.sampled_from([None, "30"])),
        "tie_chain": draw(st.sampled_from([[], ["technical", "price", "draw"], ["T", "draw"]])),
        "rounding": draw(st.sampled_from([None, {"places": 0}, {"places": 2}])),
        "price": {
            "formula": draw(st.sampled_from(formulas or ["none", "fixed_reference", *RELATIVE])),
            "points": "30",
            "reference": "9",
        },
        **method,
    }
    return a_file(criteria, one_set(proposals, rows, automatic=automatic), method=chosen)


def shuffled(content: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same file with proposals, marks and automatic values in another order."""
    other, chance = copy.deepcopy(content), random.Random(seed)
    for each in other["sets"]:
        for key in ("proposals", "marks", "automatic"):
            chance.shuffle(each[key])
    return other


@given(files())
def test_contributions_add_up_to_the_total(content: dict[str, Any]) -> None:
    proposals = {each["id"]: each for each in content["sets"][0]["proposals"]}
    for row in results(content).values():
        if row["total"] is None:
            assert row["standing"] != "ranked"
            continue
        extra = Fraction(0)
        for each in proposals[row["id"]]["adjustments"]:
            if each["kind"] == "points":
                value, cap = Fraction(each["value"]), each["cap"]
                extra += value if cap is None else max(min(value, Fraction(cap)), -Fraction(cap))
        parts = [Fraction(each["points"]) for each in row["criteria"]]
        assert sum(parts) + Fraction(row["price_points"]) + extra == Fraction(row["total"])


@given(files(), st.integers(0, 1000))
def test_the_order_of_the_file_changes_nothing(content: dict[str, Any], seed: int) -> None:
    assert results(shuffled(content, seed)) == results(content)


@given(files(formulas=["fixed_reference", "none"]))
def test_with_the_default_formula_no_withdrawal_reorders_the_rest(content: dict[str, Any]) -> None:
    """Checked twice: by the analysis, and by recomputing the file without each proposal."""
    evaluation = loaded(content)
    for row in analyse(evaluation, Analyses(withdrawal=True))["sets"][0]["analysis"]["withdrawal"]:
        assert (row["order_changed"], row["now_before"]) == (False, [])
    order = [each for each, row in results(content).items() if row["rank"]]
    for gone in order:
        without = copy.deepcopy(content)
        for each in without["sets"][0]["proposals"]:
            each["gate"] = "withdrawn" if each["id"] == gone else each.get("gate", "in")
        assert [each for each, row in results(without).items() if row["rank"]] == [
            x for x in order if x != gone
        ]


@given(files(formulas=RELATIVE, rounding=None))
def test_withdrawals_are_what_the_file_without_a_proposal_says(content: dict[str, Any]) -> None:
    before = results(content)
    for row in analyse(loaded(content), Analyses(withdrawal=True))["sets"][0]["analysis"]["withdrawal"]:
        without = copy.deepcopy(content)
        for each in without["sets"][0]["proposals"]:
            each["gate"] = "withdrawn" if each["id"] == row["withdrawn"] else each.get("gate", "in")
        after = results(without)
        ranked = [each for each, now in after.items() if now["rank"]]
        expected = {
            (one, other)
            for one in ranked
            for other in ranked
            if after[one]["rank"] < after[other]["rank"] and before[one]["rank"] >= before[other]["rank"]
        }
        assert {tuple(pair) for pair in row["now_before"]} == expected
        assert row["order_changed"] or not expected


@given(files(threshold=None), st.data())
def test_totals_rise_with_every_mark(content: dict[str, Any], data: st.DataObject) -> None:
    given_marks = [each for each in content["sets"][0]["marks"] if each["status"] == "given"]
    if not given_marks:
        return
    raised = copy.deepcopy(content)
    chosen = data.draw(st.sampled_from(given_marks))
    for each in raised["sets"][0]["marks"]:
        if all(each[key] == chosen[key] for key in ("proposal", "criterion", "evaluator")):
            each["mark"] = str(min(100, int(each["mark"]) + 10))
    before, after = results(content), results(raised)
    for each, row in before.items():
        if row["total"] is not None:
            assert Fraction(after[each]["total"]) >= Fraction(row["total"])
            if each != chosen["proposal"]:
                assert after[each]["total"] == row["total"]
    mine = before[chosen["proposal"]]["rank"]
    assert mine is None or after[chosen["proposal"]]["rank"] <= mine


@given(files())
def test_what_is_written_recomputes_and_writes_the_same(content: dict[str, Any]) -> None:
    first = with_results(loaded(content), recompute(loaded(content)))
    again = load(first)
    assert differences(again, recompute(again)) == []
    assert with_results(again, recompute(again)) == first
    assert with_results(load(as_bytes(content)), recompute(loaded(content))) == first


@given(files())
def test_ranks_follow_totals(content: dict[str, Any]) -> None:
    """Independent of how the engine sorts: no row stands above one with a higher total."""
    rows = [row for row in results(content).values() if row["rank"]]
    totals = [Fraction(row["total"]) for row in rows]
    assert totals == sorted(totals, reverse=True)
    for index, row in enumerate(rows):
        same = [other for other in rows if other["rank"] == row["rank"]]
        assert row["shared"] == (len(same) > 1)
        assert row["rank"] == index + 1 or rows[index - 1]["rank"] == row["rank"]
