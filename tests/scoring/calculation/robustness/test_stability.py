"""Stability against plain sorting, against integrals worked by hand, and against recomputing the file."""

from __future__ import annotations

import copy
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from rfp.method.aggregates import AGGREGATES
from scoring.calculation import Analyses, Declined, Simulation, analyse, load
from scoring.calculation.file.writing import pretty
from scoring.calculation.robustness.resampling import Panel, values_of
from scoring.calculation.robustness.simulation import Problem, draw_weights, simulate
from tests.scoring.calculation.files import (
    a_file,
    as_bytes,
    by_value,
    criterion,
    marks,
    one_set,
    priced,
    results,
)


def stability(content: Any, **asked: Any) -> Any:
    found = analyse(load(as_bytes(content)), Analyses(stability=Simulation(**asked)))
    return found["sets"][0]["analysis"]["stability"]


def plain_ranks(values: Any, offsets: Any, weights: Any, depth: int) -> Any:
    """Counts by sorting every draw."""
    counts = np.zeros((len(values), depth), dtype=int)
    for weight in weights:
        for rank, proposal in enumerate(np.argsort(-(values @ weight + offsets), kind="stable")[:depth]):
            counts[proposal, rank] += 1
    return counts


@pytest.mark.parametrize(
    ("number", "kappa"), [(3, 100.0), (60, 100.0), (60, None), (900, 100.0), (900, None), (900, 2.0)]
)
def test_ranks_are_those_of_sorting_every_draw(number: int, kappa: float | None) -> None:
    chance = np.random.default_rng(number)
    values, shares = chance.uniform(0, 100, (number, 5)), np.array([0.4, 0.3, 0.15, 0.1, 0.05])
    values = values[np.argsort(-(values @ shares))]
    offsets = chance.choice([0.0, 3.0, -2.0], number)
    weights, _ = draw_weights(shares, kappa, 1500, seed=4)
    depth = min(50, number)
    found = simulate(Problem(values, offsets, np.ones(number, dtype=np.int64), depth), weights)
    assert (found.ranks == plain_ranks(values, offsets, weights, depth)).all()
    assert found.firsts.sum() == pytest.approx(1500)


TWO = {"A": {"X": "60", "Y": "40"}, "B": {"X": "40", "Y": "60"}}
WEIGHTS = {"X": "60", "Y": "40"}


def test_two_mirrored_proposals() -> None:
    """A is first where X weighs more than half. With uniform weights that is half of all; the mean is then 3/4."""
    found = stability(by_value(TWO, WEIGHTS), kappa="uniform", draws=40_000, top=1)
    assert (found["kappa"], found["seed"], found["draws"], found["error"]) == ("uniform", 1, 40_000, 0.0025)
    assert found["rank_acceptability"]["A"] == pytest.approx([0.5, 0.5], abs=0.01)
    assert found["top"] == pytest.approx({"A": 0.5, "B": 0.5}, abs=0.01)
    assert found["pairwise"]["A"]["B"] + found["pairwise"]["B"]["A"] == pytest.approx(1)
    assert found["central_weights"]["A"] == pytest.approx({"X": 0.75, "Y": 0.25}, abs=0.01)


def test_kappa_holds_weights_near_the_published_ones() -> None:
    """X ~ Beta(60, 40) at κ = 100: P(X > ½) = .9775 (scipy.stats.beta.sf)."""
    found = stability(by_value(TWO, WEIGHTS), draws=40_000)
    from scipy.stats import beta

    assert found["rank_acceptability"]["A"][0] == pytest.approx(beta.sf(0.5, 60, 40), abs=0.004)
    assert stability(by_value(TWO, WEIGHTS), kappa=Fraction(10_000))["rank_acceptability"]["A"][0] == 1


def test_weights_are_uniform_on_the_simplex() -> None:
    """Variance of a weight of three: 1/18 = .0556; u/Σu would give .0231."""
    weights, _ = draw_weights(np.array([0.2, 0.3, 0.5]), None, 50_000, seed=1)
    assert weights.var(axis=0) == pytest.approx([1 / 18] * 3, abs=0.002)
    assert weights.sum(axis=1) == pytest.approx(np.ones(50_000))


def big(number: int = 120, seed: int = 2) -> Any:
    chance = random.Random(seed)
    values = {f"P{i:03}": {code: str(chance.randrange(101)) for code in "XYZ"} for i in range(number)}
    return by_value(values, {"X": "40", "Y": "35", "Z": "25"})


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, same, other = (pretty(stability(big(), seed=seed, draws=2000)) for seed in (7, 7, 8))
    assert one == same
    assert one != other


def test_published_lengths() -> None:
    found = stability(big(), draws=500, top=60)
    ranked = list(results(big()))
    assert list(found["rank_acceptability"]) == ranked
    assert {len(each) for each in found["rank_acceptability"].values()} == {50}
    assert sum(found["top"].values()) == pytest.approx(60)
    assert list(found["pairwise"]) == ranked[:50]
    assert {len(each) for each in found["pairwise"].values()} == {49}
    assert len(found["flips"]) == 119
    assert found["central_weights"][ranked[-1]] is None


def test_equal_proposals_share_or_follow_the_tie_chain() -> None:
    values = {each: {"X": "50", "Y": "70"} for each in "ABC"} | {"D": {"X": "10", "Y": "10"}}
    content = by_value(values, WEIGHTS, {"tie_chain": ["draw"]})
    for proposal, draw in zip(content["sets"][0]["proposals"], (2, 1, 2, 9), strict=True):
        proposal["draw"] = draw
    found = stability(content, draws=100, top=2)
    assert found["rank_acceptability"] == {
        "B": [1.0, 0, 0, 0],
        "A": [0, 1.0, 0, 0],
        "C": [0, 1.0, 0, 0],
        "D": [0, 0, 0, 1.0],
    }
    assert found["top"] == {"B": 1.0, "A": 1.0, "C": 1.0, "D": 0.0}
    assert found["pairwise"]["A"] == {"B": 0.5, "C": 0.5, "D": 1.0}


def test_weight_intervals_by_hand() -> None:
    """A leads where 60x + 40(1−x) ≥ 40x + 60(1−x), from x = ½; a third proposal is never ahead."""
    found = stability(by_value(TWO | {"C": {"X": "10", "Y": "10"}}, WEIGHTS), draws=10)
    assert found["weight_intervals"] == {"X": [pytest.approx(0.5), 1.0], "Y": [0.0, pytest.approx(0.5)]}


def with_share(content: Any, code: str, share: float) -> Any:
    """The file with one weight at this share of all, the others in proportion."""
    other = copy.deepcopy(content)
    total = sum(Fraction(each["weight"]) for each in content["criteria"])
    mine = next(Fraction(each["weight"]) for each in content["criteria"] if each["code"] == code)
    for each in other["criteria"]:
        weight = Fraction(each["weight"])
        new = (
            total * Fraction(share)
            if each["code"] == code
            else weight * (1 - Fraction(share)) * total / (total - mine)
        )
        each["weight"] = f"{float(new):.12f}"
    return other


@pytest.mark.parametrize("seed", range(6))
def test_weight_intervals_are_where_the_first_place_stays(seed: int) -> None:
    content = big(12, seed)
    first = next(iter(results(content)))
    for code, (low, high) in stability(content, draws=10)["weight_intervals"].items():
        for share, stays in (
            (low + 1e-6, True),
            (high - 1e-6, True),
            (low - 1e-6, False),
            (high + 1e-6, False),
        ):
            if 0 < share < 1:
                assert (next(iter(results(with_share(content, code, share)))) == first) == stays, (
                    code,
                    share,
                )


def test_flips_by_hand() -> None:
    """A 52, B 48. Moving .1 from X to Y closes 4; B needs 4/.6 more in X or 10 more in Y."""
    (flip,) = stability(by_value(TWO, WEIGHTS), draws=10)["flips"]
    assert (flip["above"], flip["below"], flip["from"], flip["to"]) == ("A", "B", "X", "Y")
    assert flip["weight_moved"] == pytest.approx(0.1)
    assert flip["gains"] == pytest.approx({"X": 20 / 3, "Y": 10})


def test_what_can_not_flip_is_null() -> None:
    values = {"A": {"X": "90", "Y": "90"}, "B": {"X": "50", "Y": "95"}, "C": {"X": "10", "Y": "10"}}
    first, second = stability(by_value(values, {"X": "90", "Y": "10"}), draws=10)["flips"]
    assert first["weight_moved"] == pytest.approx(35.5 / 45)  # of .9 that X can give
    assert first["gains"] == {"X": pytest.approx(35.5 / 0.9), "Y": None}
    assert (second["weight_moved"], second["from"], second["to"]) == (None, None, None)
    assert second["gains"] == {"X": pytest.approx(44.5 / 0.9), "Y": None}
    small = {"A": {"X": "90", "Y": "90"}, "B": {"X": "50", "Y": "95"}}
    (flip,) = stability(by_value(small, {"X": "50", "Y": "50"}), draws=10)["flips"]
    assert flip["weight_moved"] == pytest.approx(17.5 / 45)
    (flip,) = stability(
        by_value({"A": {"X": "9", "Y": "9"}, "B": {"X": "5", "Y": "9.5"}}, {"X": "50", "Y": "50"}), draws=9
    )["flips"]
    assert flip["weight_moved"] == pytest.approx(1.75 / 4.5)


def test_a_weight_can_not_give_more_than_it_has() -> None:
    values = {"A": {"X": "100", "Y": "100", "Z": "0"}, "B": {"X": "0", "Y": "0", "Z": "10"}}
    (flip,) = stability(by_value(values, {"X": "45", "Y": "45", "Z": "10"}), draws=10)["flips"]
    assert flip["weight_moved"] is None  # 89/110 is more than .45
    values["B"]["Y"] = "80"
    (flip,) = stability(by_value(values, {"X": "45", "Y": "45", "Z": "10"}), draws=10)["flips"]
    assert (flip["from"], flip["weight_moved"]) == (None, None)  # 53/110 is still more than .45


def test_a_tie_flips_with_nothing() -> None:
    (flip,) = stability(by_value(TWO, {"X": "50", "Y": "50"}), draws=10)["flips"]
    assert (flip["weight_moved"], flip["gains"]) == (0, {"X": 0, "Y": 0})
    same = {"A": {"X": "5"}, "B": {"X": "5"}}
    (flip,) = stability(by_value(same, {"X": "50"}), draws=10)["flips"]
    assert (flip["weight_moved"], flip["gains"]) == (None, {"X": 0})


def test_price_weighs_like_a_criterion_and_never_gains() -> None:
    """Values of price 100 and 250/3 at a share of .3: A 79, B 88 of 100."""
    content = priced(
        {"A": "100", "B": "120"},
        {"price": {"formula": "lowest_ratio", "points": "30"}},
        {"A": "70", "B": "90"},
    )
    found = stability(content, draws=20_000)
    assert list(found["weight_intervals"]) == ["T", "price"]
    low = (50 / 3) / (50 / 3 + 20)  # where 20t = (100 − 250/3)(1 − t)
    assert found["weight_intervals"]["T"] == [pytest.approx(low), 1.0]
    (flip,) = found["flips"]
    assert (flip["from"], flip["to"], flip["gains"]) == ("T", "price", {"T": pytest.approx(9 / 0.7)})
    assert flip["weight_moved"] == pytest.approx(0.7 - low)
    from scipy.stats import beta

    assert found["top"]["B"] == 1
    assert found["rank_acceptability"]["B"][0] == pytest.approx(beta.sf(low, 70, 30), abs=0.003)


def test_shares_are_the_weights_where_there_are_shares() -> None:
    method = {"technical_share": "60", "price_share": "40", "price": {"formula": "lowest_ratio"}}
    content = priced({"A": "100", "B": "125"}, method, {"A": "50", "B": "100"}, weight="10")
    found = stability(content, draws=10)
    assert found["weight_intervals"]["price"] == [0.0, pytest.approx(50 / 70)]
    assert found["flips"][0]["gains"] == {"T": pytest.approx(22 / 0.6)}  # 70 against 92


def test_adjustments_stay_what_they_are() -> None:
    content = by_value(TWO, WEIGHTS)
    content["sets"][0]["proposals"][1]["adjustments"] = [{"kind": "points", "value": "4"}]
    (flip,) = stability(content, draws=10)["flips"]
    assert flip["weight_moved"] == 0


@pytest.mark.parametrize(
    "method",
    [
        {"technical": "relative"},
        {"price": {"formula": "price_per_quality"}},
        {"price": {"formula": "adjusted_score", "reference": "5"}},
    ],
)
def test_what_is_no_weighted_sum_is_refused(method: Any) -> None:
    with pytest.raises(Declined, match="Stability does not apply to"):
        stability(priced({"A": "5"}, method))


def test_leave_one_out_is_the_file_without_the_evaluator() -> None:
    rows = [
        *marks("A", "T", "90", "30", "60"),
        *marks("B", "T", "50", "80", "55"),
        *marks("C", "T", "20", None, "70"),
    ]
    content = a_file(
        [criterion()], one_set([{"id": x} for x in "ABC"], rows), evaluators=["E1", "E2", "E3", "E4"]
    )
    found = stability(content, draws=10)["leave_one_out"]
    assert list(found) == ["E1", "E2", "E3"]
    for who, row in found.items():
        without = copy.deepcopy(content)
        without["sets"][0]["marks"] = [each for each in rows if each["evaluator"] != who]
        expected = results(without)
        assert row["order"] == list(expected)
        assert row["first"] == row["order"][0]
        assert row["totals"] == {each: of["total"] for each, of in expected.items()}


def test_leaving_one_out_keeps_threshold_and_price_points() -> None:
    content = priced(
        {"A": "100", "B": "200"}, {"price": {"formula": "lowest_ratio", "points": "30"}, "threshold": "50"}
    )
    content["sets"][0]["marks"] = [*marks("A", "T", "90", "20"), *marks("B", "T", "80", "80")]
    found = stability(content, draws=10)["leave_one_out"]
    assert found["E1"] == {"order": ["B", "A"], "first": "B", "totals": {"B": "71", "A": "44"}}


@pytest.mark.parametrize("aggregate", ["median", "trimmed_mean", "winsorised_mean"])
def test_drawn_panels_aggregate_as_the_engine_does(aggregate: str) -> None:
    chance = np.random.default_rng(3)
    values, given = chance.integers(0, 101, (4, 2, 6)).astype(float), chance.random((4, 2, 6)) < 0.8
    panel = Panel(values * given, given, np.full((4, 2), -1.0), aggregate, Fraction(1, 5))
    drawn = chance.multinomial(6, np.full(6, 1 / 6), size=20).astype(float)
    found = values_of(panel, drawn)
    for draw in range(20):
        for row in range(4):
            for column in range(2):
                sample = [
                    Fraction(int(values[row, column, who]))
                    for who in range(6)
                    for _ in range(int(drawn[draw, who]))
                    if given[row, column, who]
                ]
                expected = float(AGGREGATES[aggregate](sample, Fraction(1, 5))) if sample else -1.0
                assert found[draw, row, column] == pytest.approx(expected)


def test_bootstrap_draws_evaluators_jointly() -> None:
    """Each evaluator moves both proposals alike, so B stays ahead by 10 in every draw; alone, marks would overlap."""
    rows = [*marks("A", "T", "20", "50", "80"), *marks("B", "T", "30", "60", "90")]
    content = a_file([criterion()], one_set([{"id": x} for x in "AB"], rows))
    for aggregate in ("mean", "median"):
        content["method"] = {"aggregate": aggregate}
        assert stability(content, draws=500, bootstrap=True)["rank_acceptability"]["B"] == [1.0, 0.0]
    rows[3]["mark"] = "10"  # B now loses to A if E1 weighs a lot
    rows[4]["mark"], rows[5]["mark"] = "60", "85"
    content["method"] = {}
    found = stability(content, draws=20_000, bootstrap=True)["rank_acceptability"]["A"][0]
    # −10·g1 + 10·g2 + 5·g3 < 0 with g ~ Dirichlet(1, 1, 1)
    sample = np.random.default_rng(0).dirichlet(np.ones(3), 200_000)
    assert found == pytest.approx(float((sample @ [-10, 10, 5] < 0).mean()), abs=0.01)


def test_a_consensus_is_not_resampled() -> None:
    rows = [*marks("A", "T", "0", "100"), *marks("B", "T", "0", "100")]
    agreed = [{"proposal": "A", "criterion": "T", "mark": "50", "reason": ""}]
    content = a_file([criterion()], one_set([{"id": x} for x in "AB"], rows, consensus=agreed))
    found = stability(content, draws=20_000, bootstrap=True)
    assert found["rank_acceptability"]["B"][0] == pytest.approx(0.5, abs=0.02)


def test_nobody_ranked_and_one_alone() -> None:
    nobody = stability(a_file([criterion()], one_set([], [])), draws=10)
    assert (nobody["rank_acceptability"], nobody["flips"], nobody["weight_intervals"]) == ({}, [], {})
    alone = stability(by_value({"A": {"T": "5"}}, {"T": "70"}), draws=10)
    assert (alone["rank_acceptability"], alone["weight_intervals"]) == ({"A": [1.0]}, {"T": [0.0, 1.0]})


def test_sealed_prices_do_not_weigh() -> None:
    content = priced(
        {"A": None, "B": None}, {"price": {"formula": "lowest_ratio", "points": 30}, "price_open": False}
    )
    assert list(stability(content, draws=10)["weight_intervals"]) == ["T"]
