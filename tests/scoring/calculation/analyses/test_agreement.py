"""Agreement against published tables and against scipy; effects against a plain least-squares solution."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f, friedmanchisquare

from scoring.calculation import Analyses, analyse
from scoring.calculation.analyses.concordance import kendall
from scoring.calculation.analyses.intraclass import intraclass
from scoring.calculation.analyses.krippendorff import alphas
from tests.scoring.calculation.files import a_file, by_value, criterion, loaded, marks, one_set

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def table(rows: list[list[int]]) -> list[list[Fraction]]:
    return [[Fraction(each) for each in row] for row in rows]


def panel(rows: dict[str, list[str | None]], **more: Any) -> Any:
    """A file whose proposals have these marks for one criterion, 0 to 10 unless said."""
    given_marks = [row for each, of in rows.items() for row in marks(each, "T", *of)]
    return a_file(
        [criterion(**{"scale": {"max": "10"}, **more})], one_set([{"id": each} for each in rows], given_marks)
    )


def agreement(content: Any) -> Any:
    return analyse(loaded(content), Analyses(agreement=True))["sets"][0]["analysis"]["agreement"]


@pytest.mark.parametrize(
    ("name", "value", "low", "high"),
    [
        # Shrout and Fleiss (1979), table 4; intervals as the R package psych prints them for the same data.
        ("icc1", 0.17, -0.13, 0.72),
        ("icc2", 0.29, 0.02, 0.76),
        ("icc3", 0.71, 0.34, 0.95),
        ("icc1k", 0.44, -0.88, 0.91),
        ("icc2k", 0.62, 0.07, 0.93),
        ("icc3k", 0.91, 0.68, 0.99),
    ],
)
def test_shrout_and_fleiss(name: str, value: float, low: float, high: float) -> None:
    content = panel({f"P{index}": [str(each) for each in row] for index, row in enumerate(SHROUT_FLEISS)})
    found = agreement(content)["criteria"]["T"]
    assert [round(found[name][key], 2) for key in ("value", "low", "high")] == [value, low, high]
    assert (found["n_proposals"], found["n_evaluators"], found["left_out"]) == (6, 4, 0)


@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=4, max_size=8))
def test_iccs_are_those_of_a_plain_analysis_of_variance(rows: list[list[int]]) -> None:
    x = np.array(rows, dtype=float)
    n, k = x.shape
    between = k * ((x.mean(1) - x.mean()) ** 2).sum() / (n - 1)
    within = ((x - x.mean(1, keepdims=True)) ** 2).sum() / (n * (k - 1))
    evaluators = n * ((x.mean(0) - x.mean()) ** 2).sum() / (k - 1)
    error = ((x - x.mean(1, keepdims=True) - x.mean(0) + x.mean()) ** 2).sum() / ((n - 1) * (k - 1))
    found = intraclass(table(rows), k)
    expected = {
        "icc1": (between - within, between + (k - 1) * within),
        "icc2": (between - error, between + (k - 1) * error + k * (evaluators - error) / n),
        "icc3": (between - error, between + (k - 1) * error),
        "icc1k": (between - within, between),
        "icc2k": (between - error, between + (evaluators - error) / n),
        "icc3k": (between - error, between),
    }
    for name, (above, below) in expected.items():
        if found[name]["value"] is None:
            assert below < 1e-9 and found[name]["reason"].endswith(".")
        else:
            assert found[name]["value"] == pytest.approx(above / below, abs=1e-9)
            low, high = found[name]["low"], found[name]["high"]
            if (
                found[name]["value"] >= 0
            ):  # below 0, Satterthwaite's degrees of freedom may miss the value itself
                assert low is None or low <= found[name]["value"] + 1e-9
                assert high is None or high >= found[name]["value"] - 1e-9
    if error > 1e-9 and found["icc3"]["value"] is not None:
        ratio = between / error / f.ppf(0.975, n - 1, (n - 1) * (k - 1))
        assert found["icc3"]["low"] == pytest.approx((ratio - 1) / (ratio + k - 1), abs=1e-9)


# Krippendorff (2011), section C: four observers, twelve units, missing data.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
UNITS = [
    [mark for mark in unit if mark != "."] for unit in zip(*(each.split() for each in OBSERVERS), strict=True)
]


@pytest.mark.parametrize(
    ("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorff(level: str, value: float) -> None:
    rows: dict[str, list[str | None]] = {
        f"U{index}": [None if mark == "." else mark for mark in unit]
        for index, unit in enumerate(zip(*(each.split() for each in OBSERVERS), strict=True))
    }
    found = agreement(panel(rows))["criteria"]["T"]
    assert round(found["alpha"][level], 3) == value
    assert (found["n_proposals"], found["n_evaluators"], found["left_out"]) == (8, 4, 4)


@given(st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=4), min_size=1, max_size=7))
def test_alphas_are_those_of_the_coincidence_table(rows: list[list[int]]) -> None:
    """Written out from the definition: Do and De over all pairs, with each metric as printed."""
    units = [row for row in rows if len(row) > 1]
    pairable = [mark for row in units for mark in row]
    found = alphas(table(rows))
    counts = {mark: pairable.count(mark) for mark in set(pairable)}
    metrics = {
        "nominal": lambda a, b: float(a != b),
        "interval": lambda a, b: (a - b) ** 2,
        "ratio": lambda a, b: ((a - b) / (a + b)) ** 2 if a + b else 0.0,
        "ordinal": lambda a, b: (
            (sum(counts[g] for g in counts if min(a, b) <= g <= max(a, b)) - (counts[a] + counts[b]) / 2) ** 2
        ),
    }
    for level, metric in metrics.items():
        if len(counts) < 2:
            assert found[level]["value"] is None
            continue
        do = sum(sum(metric(a, b) for a in row for b in row) / (len(row) - 1) for row in units) / len(
            pairable
        )
        de = sum(metric(a, b) for a in pairable for b in pairable) / (len(pairable) * (len(pairable) - 1))
        assert found[level] == pytest.approx(1 - do / de, abs=1e-9)


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=3, max_size=9))
def test_kendall_is_friedman(rows: list[list[int]]) -> None:
    found = kendall(table(rows), 3)
    if all(len(set(column)) == 1 for column in zip(*rows, strict=True)):
        assert found["kendall_w"]["value"] is None
        return
    statistic, p = friedmanchisquare(*rows)
    assert found["kendall_w"] == pytest.approx(statistic / (3 * (len(rows) - 1)), abs=1e-9)
    assert found["kendall_p"] == pytest.approx(p, abs=1e-9)


def test_kendall_with_ties_by_hand() -> None:
    """Three judges rank four objects; 1 2.5 2.5 4, 1 2 3 4, 2 1 3.5 3.5: S = 36.5, ΣT = 12, W = 12·36.5/(9·60 − 36)."""
    rows = [[1, 1, 2], [2, 2, 1], [2, 3, 3], [4, 4, 3]]
    sums = [Fraction(4), Fraction(11, 2), Fraction(9), Fraction(23, 2)]
    s = sum((each - Fraction(15, 2)) ** 2 for each in sums)
    assert kendall(table(rows), 3)["kendall_w"] == pytest.approx(float(12 * s / (9 * 60 - 3 * 12)))


MEASURES = ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k", "kendall_w", "kendall_p")


@pytest.mark.parametrize(
    ("rows", "undefined"),
    [
        ({"A": ["5"], "B": ["6"]}, {*MEASURES, "alpha"}),
        ({"A": ["5", "6"]}, {*MEASURES}),
        ({"A": ["5", None], "B": [None, "6"]}, {*MEASURES, "alpha"}),
        ({"A": ["5", "5"], "B": ["5", "5"]}, {*MEASURES, "alpha"}),
        ({"A": [], "B": []}, {*MEASURES, "alpha"}),
        # Evaluators differ, proposals don't.
        ({"A": ["5", "7"], "B": ["5", "7"]}, {"icc1k", "icc3", "icc3k", "kendall_w", "kendall_p"}),
    ],
)
def test_degenerate_cases_have_reasons(rows: Any, undefined: set[str]) -> None:
    found = agreement(panel(rows))["criteria"]["T"]
    for name in MEASURES:
        value = found[name]["value"] if isinstance(found[name], dict) else found[name]
        assert (value is None) == (name in undefined), name
        assert value is not None or found[name]["reason"]
    for level in found["alpha"].values():
        assert isinstance(level, dict) == ("alpha" in undefined)


def test_perfect_agreement_is_one() -> None:
    found = agreement(panel({"A": ["1", "1"], "B": ["5", "5"], "C": ["9", "9"]}))["criteria"]["T"]
    assert [found[name] for name in MEASURES[:6]] == [{"value": 1.0, "low": 1.0, "high": 1.0}] * 6
    assert set(found["alpha"].values()) == {1.0}
    assert found["kendall_w"] == 1.0


def test_totals_use_the_criteria_that_everybody_marked() -> None:
    """T is marked by both, U by one: totals are T's. B is not complete for E2."""
    rows = [
        *marks("A", "T", "10", "30"),
        *marks("B", "T", "20"),
        *marks("C", "T", "50", "40"),
        *marks("C", "U", "7"),
    ]
    content = a_file([criterion("T", "40"), criterion("U", "60")], one_set([{"id": x} for x in "ABC"], rows))
    found = agreement(content)
    assert found["total"] == found["criteria"]["T"] | {"alpha": found["total"]["alpha"]}
    assert (found["total"]["n_proposals"], found["total"]["left_out"]) == (2, 1)
    assert found["total"]["alpha"]["interval"] == pytest.approx(found["criteria"]["T"]["alpha"]["interval"])


def test_no_criterion_marked_by_everybody_gives_no_total() -> None:
    rows = [
        {"proposal": each, "criterion": code, "evaluator": who, "mark": "5"}
        for each in "AB"
        for code, who in (("T", "E1"), ("U", "E2"))
    ]
    content = a_file([criterion("T"), criterion("U")], one_set([{"id": x} for x in "AB"], rows))
    assert agreement(content)["total"]["icc2"]["value"] is None


def effects(content: Any) -> Any:
    return analyse(loaded(content), Analyses(effects=True))["sets"][0]["analysis"]["effects"]


def test_effects_of_a_strict_and_a_lenient_evaluator() -> None:
    """E2 gives 20 less than E1 throughout; A was seen by E1 alone, C by E2 alone."""
    rows: dict[str, list[str | None]] = {"A": ["60"], "B": ["50", "30"], "C": [None, "45"]}
    found = effects(panel(rows, scale={"max": "100"}))
    assert found["components"] == 1
    assert found["evaluator_effect"] == pytest.approx({"E1": 10, "E2": -10})
    assert found["proposal_effect"] == pytest.approx({"A": 50, "B": 40, "C": 55})
    assert found["adjusted_rank"] == {"C": 1, "A": 2, "B": 3}


def test_weighted_values_weigh_criteria() -> None:
    content = by_value({"A": {"X": "80", "Y": "20"}, "B": {"X": "50"}}, {"X": "30", "Y": "10"})
    assert effects(content)["proposal_effect"] == pytest.approx({"A": 65, "B": 50})


def test_groups_that_share_no_evaluator_have_no_common_rank() -> None:
    rows: dict[str, list[str | None]] = {
        "A": ["60", "40"], "B": ["50", "30"], "C": [None, None, "45"], "D": [None, None, "45"],
    }  # fmt: skip
    found = effects(panel(rows, scale={"max": "100"}))
    assert (found["components"], found["adjusted_rank"]) == (2, None)
    assert [(each["proposals"], each["evaluators"]) for each in found["groups"]] == [
        (["A", "B"], ["E1", "E2"]),
        (["C", "D"], ["E3"]),
    ]
    assert [each["adjusted_rank"] for each in found["groups"]] == [{"A": 1, "B": 2}, {"C": 1, "D": 1}]


@given(st.data())
def test_effects_are_least_squares(data: st.DataObject) -> None:
    cells = {
        (p, e): data.draw(st.integers(0, 100))
        for p in range(5)
        for e in range(3)
        if p == e or data.draw(st.booleans())
    }
    rows = {f"P{p}": [str(cells[p, e]) if (p, e) in cells else None for e in range(3)] for p in range(5)}
    found = effects(panel(rows, scale={"max": "100"}))  # type: ignore[arg-type]
    for group in found["groups"]:
        proposals, evaluators = group["proposals"], group["evaluators"]
        inside = [(f"P{p}", f"E{e + 1}", y) for (p, e), y in cells.items() if f"P{p}" in proposals]
        design = np.zeros((len(inside) + 1, len(proposals) + len(evaluators)))
        for index, (proposal, evaluator, _) in enumerate(inside):
            design[index, proposals.index(proposal)] = 1
            design[index, len(proposals) + evaluators.index(evaluator)] = 1
        design[-1, len(proposals) :] = 1
        solved = np.linalg.lstsq(design, np.array([*(y for _, _, y in inside), 0.0]), rcond=None)[0]
        merits = [group["proposal_effect"][each] for each in proposals]
        assert merits == pytest.approx(solved[: len(proposals)].tolist(), abs=1e-6)
        assert sum(group["evaluator_effect"].values()) == pytest.approx(0, abs=1e-9)


def test_nothing_marked_has_no_effects() -> None:
    assert effects(panel({"A": [], "B": []})) == {
        "components": 0,
        "groups": [],
        "proposal_effect": {},
        "evaluator_effect": {},
        "adjusted_rank": None,
    }


def test_units_of_krippendorff_are_the_published_ones() -> None:
    assert sum(map(len, UNITS)) == 41
