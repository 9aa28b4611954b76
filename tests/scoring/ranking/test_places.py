"""Competition ranks, the tie chain, and what a float would have lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from scoring.calculation.ties import Contender, Place
from scoring.calculation.ties import rank as rank_by
from scoring.facts import MethodFacts

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def contender(
    key: str, score: str, *, technical: str = "50", price: str | None = "10", later: int = 0
) -> Contender:
    return Contender(
        id=key,
        ranked_on=Fraction(score),
        technical=Fraction(technical),
        price=None if price is None else Fraction(price),
        received_at=Fraction((NOON + timedelta(minutes=later)).timestamp()),
    )


def rank(contenders: list[Contender]) -> list[Place]:
    """By the chain that an RFP has unless it chooses another."""
    return rank_by(contenders, MethodFacts().tie_chain)


def placed(*contenders: Contender) -> list[tuple[str, int]]:
    return [(place.id, place.rank) for place in rank(list(contenders))]


def test_shared_ranks_skip_the_next_one() -> None:
    assert placed(contender("c", "70"), contender("a", "80"), contender("b", "80")) == [
        ("a", 1),
        ("b", 1),
        ("c", 3),
    ]


def test_tie_chain_takes_technical_then_price_then_time() -> None:
    places = rank(
        [
            contender("late", "80", technical="60", price="5", later=1),
            contender("early", "80", technical="60", price="5"),
            contender("cheap", "80", technical="60", price="4", later=9),
            contender("best", "80", technical="61", price="9"),
        ]
    )
    assert [(place.id, place.rank, place.tie_step) for place in places] == [
        ("best", 1, ""),
        ("cheap", 2, "technical"),
        ("early", 3, "price"),
        ("late", 4, "received_at"),
    ]


def test_tie_through_the_whole_chain_is_shared_and_said() -> None:
    places = rank([contender("a", "80"), contender("b", "80")])
    assert [(place.rank, place.shared, place.tie_step) for place in places] == [
        (1, True, ""),
        (1, True, "none"),
    ]


def test_decimals_part_what_floats_would_tie() -> None:
    low, high = "80.000000000000", "80.0000000000000001"
    assert float(low) == float(high)
    assert placed(contender("low", low), contender("high", high)) == [("high", 1), ("low", 2)]


def test_without_open_prices_the_chain_passes_over_price() -> None:
    places = rank([contender("late", "80", price=None, later=1), contender("early", "80", price=None)])
    assert [(place.id, place.tie_step) for place in places] == [("early", ""), ("late", "received_at")]


def test_empty_ranking_is_empty() -> None:
    assert rank([]) == []
