"""Currencies as people write them."""

import pytest

from rfp.bom.lines.money import CODES, SIGNS, currency_in_heading, find_currency


@pytest.mark.parametrize(
    ("text", "code"),
    [("Rſ 5", "INR"), ("5 Uſd", "USD"), ("İnr 5", "INR"), ("zŁ 5", "PLN"), ("5 K\u010d", "CZK")],
)
def test_a_letter_that_is_another_one_in_lower_case_breaks_nothing(text: str, code: str) -> None:
    assert find_currency(text)[0] == code


@pytest.mark.parametrize("odd", ["ſ", "İ", "ı", "\u212a"])
def test_every_sign_and_code_with_such_a_letter_is_read_or_left_alone(odd: str) -> None:
    for known in (*SIGNS, *CODES):
        for letter in "sik":
            text = known.lower().replace(letter, odd)
            assert find_currency(f"{text} 5")[0] in ("", *CODES)
            assert currency_in_heading(f"Price ({text})") in ("", *CODES)
