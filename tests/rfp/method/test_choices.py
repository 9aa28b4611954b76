"""The example by hand, the words that every choice brings, and what can't be combined."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from rfp.method.aggregates import AGGREGATES
from rfp.method.example import examples
from rfp.method.objections import Choices, objections, rivals_objection
from rfp.method.prices import FORMULAS
from rfp.method.technical import TECHNICAL_FORMS
from rfp.method.ties import chain_words

# 35 points, offers of 100, 125 and 150 thousand, and a reference of 125 thousand, worked by hand.
BY_HAND = {
    "fixed_reference": ["35", "35", "175/6"],  # 43.75 is capped; 35 · 125/150
    "lowest_ratio": ["35", "28", "70/3"],  # 23.33
    "linear_from_lowest": ["35", "26.25", "17.5"],  # 25% and 50% above the lowest
    "linear_min_max": ["35", "17.5", "0"],
    "mean_50": ["24.5", "17.5", "10.5"],  # 20% below the mean, at it, 20% above it
    "price_per_quality": ["10000/7", "1562.5", "5000/3"],  # at technical scores of 70, 80 and 90%
    "adjusted_score": ["87.5", "80", "75"],
}


def test_the_example_by_hand() -> None:
    found = {each.formula.name: list(each.figures) for each in examples()}
    assert found == {name: [Fraction(text) for text in texts] for name, texts in BY_HAND.items()}


def test_without_the_cap_a_low_price_earns_more() -> None:
    (first,) = (each for each in examples(cap=False) if each.formula.name == "fixed_reference")
    assert first.figures[0] == Fraction("43.75")


def test_every_choice_says_what_it_is() -> None:
    for known in (FORMULAS, AGGREGATES, TECHNICAL_FORMS):
        assert len({each.title for each in known.values()}) == len(known)
        assert all(each.words.endswith(".") for each in known.values())


def test_the_chain_in_a_sentence() -> None:
    assert chain_words([], {}) == "Proposals with equal totals share a place."
    assert chain_words(["technical", "T1", "draw"], {"T1": "Energy"}) == (
        "Between equal totals, the higher technical score, then the higher mark for Energy, then a recorded draw "
        "decides. If all are equal, they share a place."
    )


FINE = Choices(
    formula="fixed_reference",
    tie_chain=("technical", "T", "price"),
    codes=("T", "P"),
    price_criterion="P",
    windows=3,
    items={"L1": 2},
)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"formula": "cheapest"}, "price_formula", "isn’t one of the choices"),
        ({"aggregate": "mode"}, "aggregate", "isn’t one of the choices"),
        ({"technical_form": "best"}, "technical_form", "isn’t one of the choices"),
        ({"formula": "lowest_ratio", "items": {}}, "price_formula", "With 3 windows, the same price"),
        ({"technical_form": "relative"}, "technical_form", "With 3 windows, the same marks"),
        ({"formula": "lowest_ratio", "windows": 1}, "price_formula", "some items of lot L1 and not others"),
        (
            {"formula": "price_per_quality", "price_criterion": ""},
            "price_formula",
            "some items of lot L1 and not others",
        ),
        ({"formula": "none"}, "price_formula", "Remove criterion P"),
        ({"formula": "adjusted_score"}, "price_formula", "Remove criterion P"),
        (
            {"formula": "adjusted_score", "price_criterion": "", "price_envelope": ("F",)},
            "price_formula",
            "criterion F in the price envelope would not count",
        ),
        (
            {"formula": "adjusted_score", "price_criterion": "", "has_technical": False},
            "price_formula",
            "needs a criterion in the technical envelope",
        ),
        ({"technical_share": Decimal(60)}, "price_share", "Enter the price share too"),
        ({"price_share": Decimal(60)}, "technical_share", "Enter the technical share too"),
        (
            {"technical_share": Decimal(60), "price_share": Decimal("39.9")},
            "price_share",
            "The shares add up to 99.9. They must add up to 100",
        ),
        (
            {"technical_share": Decimal(60), "price_share": Decimal(40), "price_criterion": ""},
            "price_share",
            "no criterion is computed from price",
        ),
        (
            {
                "formula": "none",
                "technical_share": Decimal(60),
                "price_share": Decimal(40),
                "price_criterion": "",
            },
            "price_share",
            "doesn’t use shares",
        ),
        ({"tie_chain": ("technical", "luck")}, "tie_chain", "“luck” is neither a tie step nor the code"),
        ({"tie_chain": ("T", "T")}, "tie_chain", "Criterion T can decide only once"),
        ({"tie_chain": ("price", "price")}, "tie_chain", "The lower price can decide only once"),
    ],
)
def test_what_does_not_go_together(change: dict[str, Any], field: str, words: str) -> None:
    assert list(objections(FINE)) == []
    chosen = Choices(**{name: getattr(FINE, name) for name in Choices.__dataclass_fields__} | change)
    (found,) = objections(chosen)
    assert found.field == field and words in found.text


def test_a_tie_chain_says_which_step_is_wrong() -> None:
    (found,) = objections(Choices(formula="none", tie_chain=("technical", "price", "luck")))
    assert found.at == 2


@pytest.mark.parametrize("formula", [name for name, each in FORMULAS.items() if each.needs_rivals])
def test_rivals_and_several_windows(formula: str) -> None:
    assert rivals_objection(formula, "sum", 1) is None
    assert rivals_objection(formula, "sum", 2) is not None
