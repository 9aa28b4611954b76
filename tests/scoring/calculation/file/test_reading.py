"""What a file must not say, each with its sentence."""

# ruff: noqa: E501 (sentences stand on one line, as they are printed)

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from scoring.calculation import NotAnEvaluation, load
from tests.scoring.calculation.files import a_file, as_bytes, criterion, loaded, marks, one_set, priced


def whole() -> dict[str, Any]:
    """A valid file that the cases below spoil."""
    found = priced({"A": "100", "B": "120"}, {"price": {"formula": "lowest_ratio", "points": "30"}})
    found["criteria"].append(criterion("U", "5", mode="automatic"))
    found["sets"][0]["automatic"] = [{"proposal": "A", "criterion": "U", "value": "5"}]
    found["sets"][0]["consensus"] = [{"proposal": "A", "criterion": "T", "mark": "5", "reason": "Agreed."}]
    found["sets"][0]["decisions"] = [{"proposal": "A", "verdict": "shortlist", "reason": "Best."}]
    found["portfolio"] = {"slots": {"": 1}}
    return found


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Set the value at a path: `put("method", "trim", "0.5")`."""

    def spoil(content: dict[str, Any]) -> None:
        at: Any = content
        *keys, last, value = path
        for key in keys:
            at = at[key]
        at[last] = value

    return spoil


def drop(*path: Any) -> Callable[[dict[str, Any]], None]:
    def spoil(content: dict[str, Any]) -> None:
        at: Any = content
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]

    return spoil


def twice(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Repeat the first row of a list."""

    def spoil(content: dict[str, Any]) -> None:
        at: Any = content
        for key in path:
            at = at[key]
        at.append(copy.deepcopy(at[0]))

    return spoil


P, M = ("sets", 0, "proposals", 0), ("sets", 0, "marks", 0)
CASES = [
    (put("extra", 1), "The file has the unknown key “extra”."),
    (put("method", "price", "fromula", "x"), "method.price has the unknown key “fromula”."),
    (put(*M, "note", ""), "sets[0].marks[0] has the unknown key “note”."),
    (put("criteria", 0, "scale", {"max": "5", "step": 1}), "criteria[0].scale has the unknown key “step”."),
    (put("sets", 0, "results", [{"id": "A", "score": 1}]), "sets[0].results[0] has the unknown key “score”."),
    (drop("method"), "The file lacks the key “method”."),
    (drop("criteria"), "The file lacks the key “criteria”."),
    (drop("sets"), "The file lacks the key “sets”."),
    (drop("criteria", 0, "weight"), "criteria[0] lacks the key “weight”."),
    (drop("sets", 0, "consensus", 0, "reason"), "sets[0].consensus[0] lacks the key “reason”."),
    (put("sets", 0, "portfolio", {}), "sets[0] has the unknown key “portfolio”."),
    (put("method", "aggregate", "mode"), None),
    (put("method", "trim", "0.5"), "method.trim must be below 0.5, not “0.5”."),
    (put("method", "trim", "-0.1"), "method.trim must be at least 0, not “-0.1”."),
    (put("method", "trim", None), "method.trim must be a decimal number, not null."),
    (put("method", "threshold", 101), "method.threshold must be at most 100, not 101."),
    (put("method", "quorum", "some"), "method.quorum must be a whole number or “all”, not “some”."),
    (put("method", "quorum", 1.5), "method.quorum must be a whole number or “all”, not 1.5."),
    (put("method", "rounding", {}), "method.rounding lacks the key “places”."),
    (put("method", "rounding", {"places": -1}), "method.rounding.places must be a whole number, not -1."),
    (put("method", "price_open", "no"), "method.price_open must be true or false, not “no”."),
    (put("method", "technical_share", "70"), "method.technical_share and method.price_share must add up to 100."),
    (put("method", "tie_chain", ["prices"]), None),
    (put("method", "tie_chain", ["price", "price"]), "method.tie_chain names “price” twice."),
    (put("method", "price", "formula", "cheapest"), None),
    (drop("method", "price", "points"), "method.price lacks the key “points”, which lowest_ratio needs."),
    (put("method", "price", "points", "-1"), "method.price.points must be at least 0, not “-1”."),
    (put("method", "price", "reference", 0), "method.price.reference must be above 0, not 0."),
    (
        put("method", "price", {"formula": "fixed_reference", "points": 30}),
        "sets[0]: proposal “A” has no reference price, which fixed_reference needs.",
    ),
    (
        put("method", "price", "basis", "index"),
        "sets[0]: proposal “A” has no reference price, which the index basis needs.",
    ),
    (put("criteria", 0, "code", "price"), "criteria[0].code can’t be “price”, which is a word of the tie chain."),
    (put("criteria", 0, "code", ""), "criteria[0].code can’t be empty."),
    (put("criteria", 1, "code", "T"), "criteria names “T” twice."),
    (put("criteria", 0, "weight", "-1"), "criteria[0].weight must be at least 0, not “-1”."),
    (put("criteria", 0, "weight", "heavy"), "criteria[0].weight must be a decimal number, not “heavy”."),
    (put("criteria", 0, "weight", True), "criteria[0].weight must be a decimal number, not true."),
    (put("criteria", 0, "scale", {}), "criteria[0].scale must be an object with either “anchors” or “max”, not an object."),
    (put("criteria", 0, "scale", {"max": "5", "min": "5"}), "criteria[0].scale needs a max above its min."),
    (put("criteria", 0, "scale", {"anchors": {}}), "criteria[0].scale.anchors can’t be empty."),
    (put("criteria", 0, "scale", {"anchors": {"4": "1", "4.0": "2"}}), "criteria[0].scale.anchors has the mark 4 twice."),
    (put("criteria", 0, "scale", {"anchors": {"four": "1"}}), None),
    (put("criteria", 0, "scale", {"anchors": {"4": "101"}}), "criteria[0].scale.anchors.4 must be at most 100, not “101”."),
    (put("criteria", 0, "minimum", "100.1"), "criteria[0].minimum must be at most 100, not “100.1”."),
    (put(*P, "id", 7), "sets[0].proposals[0].id must be a string, not 7."),
    (put(*P, "id", "B"), "sets[0].proposals names “B” twice."),
    (put(*P, "price", "1,000"), "sets[0].proposals[0].price must be a decimal number, not “1,000”."),
    (put(*P, "gate", "out"), "sets[0].proposals[0].gate must be one of in, knocked_out, withdrawn, not “out”."),
    (put(*P, "received_at", "2026-01-01T10:00:00"), None),
    (put(*P, "received_at", "yesterday"), "sets[0].proposals[0].received_at must be an ISO 8601 time with an offset, not “yesterday”."),
    (put(*P, "holds", "origin"), "sets[0].proposals[0].holds must be a list, not “origin”."),
    (put(*P, "adjustments", [{"kind": "points"}]), "sets[0].proposals[0].adjustments[0] lacks the key “value”."),
    (put(*P, "adjustments", [{"kind": "points", "value": 1, "cap": -1}]), None),
    (put(*M, "proposal", "Z"), "sets[0].marks[0] names the proposal “Z”, which the set doesn’t have."),
    (put(*M, "criterion", "Z"), "sets[0].marks[0] names the criterion “Z”, which the file doesn’t have."),
    (put("evaluators", ["E9"]), "sets[0].marks[0] names the evaluator “E1”, who isn’t in the file’s list."),
    (put("evaluators", ["E1", "E1"]), "evaluators names “E1” twice."),
    (put(*M, "mark", "100.01"), "sets[0].marks[0] has the mark 100.01 for criterion “T”, but the scale goes from 0 to 100."),
    (put(*M, "mark", None), "sets[0].marks[0] has the status given, but no mark."),
    (put(*M, "status", "late"), None),
    (twice("sets", 0, "marks"), "sets[0].marks[2] is the second mark of “E1” for proposal “A” and criterion “T”."),
    (twice("sets", 0, "automatic"), "sets[0].automatic has proposal “A” and criterion “U” twice."),
    (twice("sets", 0, "consensus"), "sets[0].consensus has proposal “A” and criterion “T” twice."),
    (twice("sets"), "sets names window 1, lot “” twice."),
    (put("sets", 0, "automatic", 0, "value", "100.5"), "sets[0].automatic[0].value must be at most 100, not “100.5”."),
    (put("sets", 0, "automatic", 0, "criterion", "T"), "sets[0].automatic[0] names criterion “T”, which is not automatic."),
    (put("sets", 0, "consensus", 0, "mark", "-1"), None),
    (put("sets", 0, "decisions", 0, "proposal", "Z"), "sets[0].decisions[0] names the proposal “Z”, which the set doesn’t have."),
    (put("sets", 0, "window", "one"), "sets[0].window must be a whole number, not “one”."),
    (put("portfolio", "slots", {"L9": 1}), "portfolio.slots names the lot “L9”, which the file doesn’t have."),
    (put("portfolio", "slots", "many"), "portfolio.slots must be a whole number, or an object of lots and whole numbers, not “many”."),
    (put("portfolio", "pinned", ["Z"]), "portfolio.pinned names the proposal “Z”, which the file doesn’t have."),
    (put("inputs_sha256", "abc"), "inputs_sha256 must be 64 hexadecimal digits, not “abc”."),
    (put("portfolio", None), "portfolio must be an object, not null."),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "sentence"), CASES)
def test_each_fault_has_its_sentence(spoil: Callable[[dict[str, Any]], None], sentence: str | None) -> None:
    content = whole()
    loaded(content)
    spoil(content)
    with pytest.raises(NotAnEvaluation) as refused:
        loaded(content)
    said = str(refused.value)
    assert said.endswith(".") and "\n" not in said
    assert sentence is None or said == sentence


def test_a_portfolio_needs_ids_that_are_unique_in_the_file() -> None:
    content = whole()
    content["sets"].append(one_set([{"id": "A"}], [], lot="L2"))
    with pytest.raises(NotAnEvaluation, match="proposal “A” is in two sets"):
        loaded(content)
    del content["portfolio"]
    loaded(content)


@pytest.mark.parametrize("formula", ["price_per_quality", "adjusted_score"])
def test_methods_that_divide_by_technical_points_need_some(formula: str) -> None:
    content = a_file(
        [criterion(weight="0")], one_set([], []), method={"price": {"formula": formula, "reference": 1}}
    )
    with pytest.raises(NotAnEvaluation, match="no technical weight above 0"):
        loaded(content)
    content["criteria"][0]["weight"] = "1"
    loaded(content)
    content["method"] |= {"technical_share": 60, "price_share": 40}
    with pytest.raises(NotAnEvaluation, match=f"has shares, which {formula} doesn’t use"):
        loaded(content)


@pytest.mark.parametrize("shares", [("70", "20"), ("70", None), (None, "30"), ("100", "1")])
def test_shares_add_up_to_100(shares: tuple[str | None, str | None]) -> None:
    content = whole()
    content["method"] |= {"technical_share": "70", "price_share": "30"}
    loaded(content)
    content["method"] |= dict(zip(("technical_share", "price_share"), shares, strict=True))
    with pytest.raises(NotAnEvaluation, match="must add up to 100"):
        loaded(content)


def test_a_sealed_reference_may_be_absent_while_prices_are_closed() -> None:
    content = priced({"A": "5"}, {"price": {"formula": "fixed_reference", "points": 30}, "price_open": False})
    loaded(content)


def test_numbers_never_pass_through_a_float() -> None:
    text = as_bytes(priced({"A": "1"}, {"price": {"formula": "none"}})).replace(
        b'"price": "1"', b'"price": 0.' + b"1" * 40
    )
    assert str(load(text).sets[0].proposals[0].price) == "1" * 40 + "/1" + "0" * 40


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T07:00:00-05:00"),
        ("2026-03-01T12:00Z", "2026-03-01T12:00:00.000+00:00"),
        ("20260301T120000Z", "2026-03-01T13:30:00+0130"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31t23:30:00z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T01:00:00+15:00"),
    ],
)
def test_times_are_instants(one: str, other: str) -> None:
    content = priced({"A": "1", "B": "1"}, {"price": {"formula": "none"}})
    for proposal, at in zip(content["sets"][0]["proposals"], (one, other), strict=True):
        proposal["received_at"] = at
    first, second = loaded(content).sets[0].proposals
    assert first.received_at == second.received_at


def test_defaults() -> None:
    found = loaded(a_file([criterion()], one_set([{"id": "A"}], marks("A", "T", "5"))))
    (only,), (each,) = found.criteria, found.sets
    assert (only.title, only.mode, only.envelope, only.quorum) == ("T", "evaluator", "technical", None)
    assert (each.window, each.lot, found.evaluators) == (1, "", ("E1",))
    assert (found.method.price.formula, found.method.aggregate, found.method.price_open) == (
        "none",
        "mean",
        True,
    )
    shares = loaded(a_file([criterion()], method={"technical_share": 70, "price_share": 30}))
    assert shares.method.price.points == 100
