"""Scales as an RFP stores them: what covers 0 to 100, what kind it is, and what suppliers read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rfp.method.scales import (
    NotAScale,
    Step,
    check_order,
    check_steps,
    is_scale,
    kind_of,
    points_up_to,
    scale_words,
    steps_json,
    steps_of,
)

ANCHOR_MAP = {str(mark): mark * 20 for mark in range(6)}


def steps(*pairs: tuple[str, str]) -> list[Step]:
    return [Step(mark, Decimal(value)) for mark, value in pairs]


@pytest.mark.parametrize(
    ("pairs", "at", "key", "words"),
    [
        ([("0", "0"), ("1", "101")], 1, "value", "from 0 to 100"),
        ([("0", "-1"), ("1", "100")], 0, "value", "from 0 to 100"),
        ([("1", "0"), ("1.0", "100")], 1, "mark", "already a mark"),
        ([("1", "100")], 1, "mark", "at least two"),
        ([("1", "20"), ("2", "100")], 0, "value", "worth 0"),
        ([("1", "0"), ("2", "80")], 1, "value", "worth 100"),
    ],
)
def test_steps_cover_0_to_100(pairs: list[tuple[str, str]], at: int, key: str, words: str) -> None:
    with pytest.raises(NotAScale, match=words) as wrong:
        check_steps(steps(*pairs))
    assert (wrong.value.at, wrong.value.key) == (at, key)


def test_a_higher_mark_is_worth_no_less() -> None:
    check_order(steps(("3", "100"), ("1", "0"), ("2", "50"), ("2.5", "50")))
    with pytest.raises(NotAScale, match="Mark 3 is worth less than mark 2") as wrong:
        check_order(steps(("3", "0"), ("1", "0"), ("2", "100")))
    assert (wrong.value.at, wrong.value.key) == (0, "value")


@pytest.mark.parametrize(
    ("scale", "kind", "words"),
    [
        ({}, "rfp", "0 = 0%, 1 = 20%, 2 = 40%, 3 = 60%, 4 = 80%, 5 = 100%"),
        (points_up_to(Decimal("12.50")), "points", "0 to 12.5 points"),
        ({"anchors": {"0": "0", "1": "100"}}, "yes_no", "Yes earns all points, no earns none"),
        (
            {"anchors": {"1": "0", "2": "62.5", "3": "100"}},
            "choices",
            "None: 0%, One site: 62.5%, Both: 100%",
        ),
        ({"anchors": {"10": "100", "0": "0", "7.5": "80"}}, "anchors", "0 = 0%, 7.5 = 80%, 10 = 100%"),
    ],
)
def test_each_kind_is_known_again_and_announced(scale: dict[str, Any], kind: str, words: str) -> None:
    texts = (
        {"1": "None", "2": "One site", "3": "Both", "0": "secret"} if kind == "choices" else {"0": "secret"}
    )
    assert kind_of(scale) == kind
    assert is_scale(scale)
    assert scale_words(scale, texts, ANCHOR_MAP) == words


def test_stored_steps_come_back() -> None:
    scale = steps_json([Step("1", Decimal("0.0")), Step("2.50", Decimal("100.000"))])
    assert scale == {"anchors": {"1": "0", "2.50": "100"}}
    assert [(step.mark, step.value) for step in steps_of(scale, {}, ANCHOR_MAP)] == [("1", 0), ("2.50", 100)]


@pytest.mark.parametrize(
    "scale",
    [
        {"anchors": {"low": "0", "high": "100"}},
        {"anchors": {"1": "none", "2": "100"}},
        {"anchors": {"1": "0", "2": "100"}, "max": "3"},
        {"anchors": []},
        {"max": "0"},
        {"max": "many"},
        {"min": "0"},
        [1, 2],
    ],
)
def test_what_is_no_scale(scale: Any) -> None:
    assert not is_scale(scale)
