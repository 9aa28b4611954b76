"""Text to fraction and back: no digit lost, no digit invented."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.calculation.figures import exact, half_up, printed, shown

FRACTIONS = st.fractions(max_denominator=10**9).map(lambda each: each * 10**6)


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("-0.50", Fraction(-1, 2)), ("1e3", 1000), ("2.5E-1", Fraction(1, 4)), ("007", 7)],
)
def test_decimals_are_read_exactly(text: str, value: Fraction) -> None:
    assert exact(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1,5",
        " 5",
        "5 ",
        "1_000",
        "+5",
        ".5",
        "5.",
        "NaN",
        "Infinity",
        "٣",
        "1e999",
        "1" * 65,
        "1e",
    ],
)
def test_what_is_no_decimal_is_refused(text: str) -> None:
    assert exact(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(70), "70"),
        (Fraction(1, 3), "0." + "3" * 28),
        (Fraction(2, 3), "0." + "6" * 27 + "7"),
        (Fraction(-70, 3), "-23." + "3" * 26),
        (Fraction(1, 2**40), "0.0000000000009094947017729282379150390625"),
        (Fraction(10**30 + 1), "1" + "0" * 29 + "1"),
        (Fraction(10**40, 3), "3" * 28 + "0" * 12),
        (Fraction(0), "0"),
        (1 - Fraction(1, 3 * 10**30), "1"),
    ],
)
def test_only_what_does_not_end_is_cut(value: Fraction, text: str) -> None:
    assert printed(value) == text
    assert shown(value) == Fraction(text)


@given(FRACTIONS)
def test_what_is_printed_agrees_with_decimal(value: Fraction) -> None:
    divided = Context(prec=28).divide(Decimal(value.numerator), Decimal(value.denominator))
    if Fraction(printed(value)) != value:
        assert Fraction(printed(value)) == Fraction(divided)
    assert Fraction(printed(value)) == shown(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**9), max_value=10**9))
def test_a_half_goes_away_from_zero(value: Decimal) -> None:
    rounded = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    assert half_up(Fraction(value), 2) == Fraction(rounded)


@given(FRACTIONS, FRACTIONS)
def test_floats_never_reverse_an_order(one: Fraction, other: Fraction) -> None:
    """What sorting by floats first relies on."""
    assert not (one < other and float(one) > float(other))
