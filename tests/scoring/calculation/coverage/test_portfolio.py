"""The portfolio against trying every choice."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.calculation import Analyses, Declined, analyse, recompute
from scoring.calculation.coverage.choosing import best_choice
from scoring.calculation.coverage.portfolio import candidates_of, limits_of
from tests.scoring.calculation.files import a_file, as_bytes, criterion, loaded, marks, one_set, priced


def portfolio(content: Any) -> Any:
    return analyse(loaded(content), Analyses(portfolio=True))["portfolio"]


def offers(rows: list[dict[str, Any]], **terms: Any) -> Any:
    """A file of proposals with `score` (0 to 100), and whatever a proposal has."""
    given_marks = [row for each in rows for row in marks(each["id"], "T", str(each.pop("score")))]
    lots: dict[str, list[Any]] = {}
    for each in rows:
        lots.setdefault(each.pop("lot", "L1"), []).append(each)
    sets = [
        one_set(of, [row for row in given_marks if row["proposal"] in {each["id"] for each in of}], lot=lot)
        for lot, of in lots.items()
    ]
    return a_file([criterion(weight="100")], *sets, portfolio=terms)


def tried(content: Any) -> dict[str, Any]:
    """The best choice by trying all of them, limit by limit as the specification says."""
    terms = content["portfolio"]
    scores = {row["proposal"]: Fraction(row["mark"]) for each in content["sets"] for row in each["marks"]}
    rows = [dict(each, lot=of["lot"]) for of in content["sets"] for each in of["proposals"]]
    able = sorted(
        (each for each in rows if not each.get("holds") and each.get("gate", "in") == "in"),
        key=lambda each: each["id"],
    )

    def checks() -> dict[str, Any]:
        slots = terms["slots"]
        found: dict[str, Any] = {}
        if isinstance(slots, int):
            found["slots"] = lambda chosen: len(chosen) <= slots
        else:
            for lot in {each["lot"] for each in able} | set(slots):
                found[f"slots:{lot}"] = lambda chosen, lot=lot: (
                    sum(x["lot"] == lot for x in chosen) <= slots.get(lot, 0)
                )
        if terms.get("budget") is not None:
            found["budget"] = lambda chosen: (
                sum(Fraction(x["price"]) for x in chosen) <= Fraction(terms["budget"])
            )
        for each in terms.get("cover_categories", ()):
            found[f"cover_categories:{each}"] = lambda chosen, each=each: any(
                each in x["categories"] for x in chosen
            )
        for each, least in terms.get("min_sources", {}).items():
            found[f"min_sources:{each}"] = lambda chosen, each=each, least=least: (
                len({x["supplier"] or x["id"] + "!" for x in chosen if each in x["categories"]}) >= least
            )
        for each in terms.get("cover_states", ()):
            found[f"cover_states:{each}"] = lambda chosen, each=each: any(x["state"] == each for x in chosen)
        if terms.get("max_per_supplier") is not None:
            found["max_per_supplier"] = lambda chosen: (
                max(Counter(x["supplier"] or x["id"] + "!" for x in chosen).values(), default=0)
                <= terms["max_per_supplier"]
            )
        for each in terms.get("pinned", ()):
            found[f"pinned:{each}"] = lambda chosen, each=each: each in {x["id"] for x in chosen}
        for each in terms.get("excluded", ()):
            found[f"excluded:{each}"] = lambda chosen, each=each: each not in {x["id"] for x in chosen}
        return found

    def best(limits: dict[str, Any]) -> tuple[Fraction, list[str]] | None:
        possible = [
            (-sum((scores[x["id"]] for x in chosen), Fraction(0)), [x["id"] for x in chosen])
            for size in range(len(able) + 1)
            for chosen in itertools.combinations(able, size)
            if all(holds(chosen) for holds in limits.values())
        ]
        return min(possible) if possible else None

    limits = checks()
    found = best(limits)
    if found is None:
        return {"limits": limits, "best": best}
    free = {key: value for key, value in limits.items() if not key.startswith("slots")}
    slots = {key: value for key, value in limits.items() if key.startswith("slots")}
    loosest = best(slots)
    assert loosest is not None
    prices = {}
    for key in free:
        without = best({other: value for other, value in limits.items() if other != key})
        assert without is not None
        prices[key] = found[0] - without[0]
    return {
        "chosen": found[1],
        "objective": -found[0],
        "unconstrained": -loosest[0],
        "price_of_coverage": found[0] - loosest[0],
        "prices": prices,
    }


@st.composite
def markets(draw: st.DrawFn) -> Any:
    number = draw(st.integers(1, 5))
    rows = [
        {
            "id": f"P{index}",
            "score": draw(st.integers(1, 6)),
            "price": str(draw(st.integers(1, 5))),
            "lot": draw(st.sampled_from(["L1", "L2"])),
            "supplier": draw(st.sampled_from(["", "S1", "S2"])),
            "state": draw(st.sampled_from(["TX", "OH"])),
            "categories": draw(st.sampled_from([[], ["a"], ["b"], ["a", "b"]])),
            "holds": draw(st.sampled_from([[], [], [], ["origin"]])),
        }
        for index in range(number)
    ]
    ids = [each["id"] for each in rows]
    lots = sorted({each["lot"] for each in rows})
    maybe = st.sampled_from([True, False, False])
    terms: dict[str, Any] = {
        "slots": draw(
            st.one_of(st.integers(0, 4), st.fixed_dictionaries({lot: st.integers(0, 2) for lot in lots}))
        )
    }
    choices = {
        "budget": st.integers(1, 12).map(str),
        "cover_categories": st.sampled_from([["a"], ["a", "b"]]),
        "min_sources": st.sampled_from([{"a": 2}, {"b": 1}]),
        "cover_states": st.sampled_from([["TX"], ["OH", "TX"]]),
        "max_per_supplier": st.integers(0, 2),
        "pinned": st.sampled_from(ids).map(lambda each: [each]),
        "excluded": st.sampled_from(ids).map(lambda each: [each]),
    }
    for key, strategy in choices.items():
        if draw(maybe):
            terms[key] = draw(strategy)
    return offers(rows, **terms)


@given(markets())
@settings(max_examples=80)
def test_every_choice_was_tried(content: Any) -> None:
    expected, found = tried(content), portfolio(content)
    if "best" in expected:
        names, best = found["infeasible"], expected["best"]
        limits = {name: expected["limits"][name] for name in names}
        assert best(limits) is None, "they can't hold together"
        for name in names:
            assert best({other: value for other, value in limits.items() if other != name}) is not None, (
                "each is needed"
            )
        return
    assert found["chosen"] == expected["chosen"]
    for key in ("objective", "unconstrained", "price_of_coverage"):
        assert Fraction(found[key]) == expected[key], key
    assert {key: Fraction(value) for key, value in found["prices"].items()} == expected["prices"]


def test_slots_by_lot_and_over_all() -> None:
    rows = [
        {"id": f"P{index}", "score": 90 - index, "lot": "L1" if index < 3 else "L2"} for index in range(6)
    ]
    content = offers([dict(each) for each in rows], slots={"L1": 1, "L2": 2})
    assert portfolio(content) == {
        "chosen": ["P0", "P3", "P4"],
        "objective": "263",
        "unconstrained": "263",
        "price_of_coverage": "0",
        "prices": {},
    }
    assert portfolio(offers(rows, slots=3))["chosen"] == ["P0", "P1", "P2"]


def test_ties_go_to_the_lowest_ids() -> None:
    rows = [{"id": each, "score": 50, "price": "10"} for each in "FEDCBA"]
    assert portfolio(offers([dict(each) for each in rows], slots=2))["chosen"] == ["A", "B"]
    assert portfolio(offers([dict(each) for each in rows], slots=3, pinned=["E"]))["chosen"] == [
        "A",
        "B",
        "E",
    ]
    assert portfolio(offers(rows, slots=6, budget="25"))["chosen"] == ["A", "B"]


def test_a_budget_is_exact_where_the_solver_is_not() -> None:
    """10^-9 over a budget of 10^9 is within any solver's tolerance."""
    rows = [
        {"id": "A", "score": 90, "price": "500000000.000000001"},
        {"id": "B", "score": 80, "price": "500000000"},
        {"id": "C", "score": 10, "price": "499999999"},
    ]
    content = offers(rows, slots=3, budget="1000000000")
    assert portfolio(content)["chosen"] == ["A", "C"]
    content["portfolio"]["budget"] = "1000000000.000000001"
    assert portfolio(content)["chosen"] == ["A", "B"]


def test_prices_say_what_each_constraint_costs() -> None:
    rows = [
        {"id": "A", "score": 90, "supplier": "S", "state": "TX", "categories": ["motor"]},
        {"id": "B", "score": 80, "supplier": "S", "state": "TX", "categories": ["motor"]},
        {"id": "C", "score": 70, "supplier": "Q", "state": "OH", "categories": ["motor"]},
        {"id": "D", "score": 20, "supplier": "R", "state": "OH", "categories": ["frame"]},
    ]
    found = portfolio(offers(rows, slots=2, cover_categories=["frame"], max_per_supplier=1))
    assert found == {
        "chosen": ["A", "D"],
        "objective": "110",
        "unconstrained": "170",
        "price_of_coverage": "60",
        "prices": {"cover_categories:frame": "50", "max_per_supplier": "0"},
    }


def test_what_can_not_hold_together_is_named() -> None:
    rows = [{"id": "A", "score": 9, "state": "TX"}, {"id": "B", "score": 8, "state": "OH"}]
    content = offers(rows, slots=1, cover_states=["TX", "OH"], excluded=[], budget=None)
    assert portfolio(content) == {"infeasible": ["slots", "cover_states:TX", "cover_states:OH"]}
    content["portfolio"] = {"slots": 2, "cover_states": ["CA"], "pinned": ["A"]}
    assert portfolio(content) == {"infeasible": ["cover_states:CA"]}
    content["portfolio"] = {"slots": 2, "pinned": ["A"], "excluded": ["A"]}
    assert portfolio(content) == {"infeasible": ["pinned:A", "excluded:A"]}
    content["portfolio"] = {"slots": 2, "pinned": ["A"]}
    content["sets"][0]["proposals"][0]["holds"] = ["origin"]
    assert portfolio(content) == {"infeasible": ["pinned:A"]}


@pytest.mark.parametrize(
    ("method", "why"),
    [
        ({"price_open": False}, "before prices are opened"),
        ({"price": {"formula": "price_per_quality"}}, "price_per_quality"),
    ],
)
def test_refusals(method: Any, why: str) -> None:
    content = priced({"A": "5"}, method)
    content["portfolio"] = {"slots": 1}
    with pytest.raises(Declined, match=why):
        portfolio(content)
    with pytest.raises(Declined, match="no key “portfolio”"):
        portfolio(priced({"A": "5"}, {}))
    content = priced({"A": None}, {})
    content["portfolio"] = {"slots": 1, "budget": "5"}
    with pytest.raises(Declined, match="Proposal A has no price"):
        portfolio(content)


def test_five_hundred_proposals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One second for the base solve on an idle machine; this allows for a busy one, and for loading scipy."""
    chance = random.Random(5)
    rows = [
        {
            "id": f"P{index:03}",
            "score": f"{chance.uniform(30, 95):.3f}",
            "price": str(chance.randint(100, 900)),
            "lot": f"L{index % 9}",
            "supplier": f"S{chance.randrange(150)}",
            "state": chance.choice(["TX", "OH", "CA", "NY", "WA", "GA"]),
            "categories": chance.sample("abcdefgh", 2),
        }
        for index in range(500)
    ]
    content = offers(
        rows,
        slots={f"L{index}": 3 for index in range(9)},
        budget="7000",
        cover_categories=list("abcdefgh"),
        min_sources=dict.fromkeys("abcdefgh", 3),
        cover_states=["TX", "OH", "CA", "NY"],
        max_per_supplier=2,
    )
    path = tmp_path / "file.json"
    path.write_bytes(as_bytes(content))
    code = f"from scoring.calculation.file.command import main; main([{str(path)!r}, '--portfolio'])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    found = json.loads(done.stdout)["portfolio"]  # what HiGHS prints is not in it
    prices = {row["id"]: int(row["price"]) for each in content["sets"] for row in each["proposals"]}
    assert sum(prices[each] for each in found["chosen"]) <= 7000
    assert len(found["prices"]) == 22
    solve, solved = scipy.optimize.milp, []
    monkeypatch.setattr("scipy.optimize.milp", lambda *args, **more: solved.append(1) or solve(*args, **more))
    evaluation = loaded(content)
    candidates = candidates_of(recompute(evaluation))
    best = best_choice(candidates, limits_of(evaluation.portfolio, candidates), any_will_do=True)
    assert len(solved) == 1, "the base choice is one program"
    assert best == frozenset(found["chosen"])
