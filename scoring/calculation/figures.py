"""Exact figures: text to fraction and back, and rounding. Everything between the two is `fractions.Fraction`."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

HUNDRED = Fraction(100)
DIGITS = 28
LONGEST = 64  # characters of a number, and the largest exponent: more is a mistake or an attack
DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE](?P<exponent>[+-]?[0-9]{1,3}))?")


class Literal(str):
    """A JSON number as it was written, so that no digit is lost on the way."""

    __slots__ = ()


@lru_cache(maxsize=4096)
def exact(text: str) -> Fraction | None:
    """The number that a decimal string stands for; None if it isn't one or is longer than anything sensible."""
    if len(text) > LONGEST:
        return None
    found = DECIMAL.fullmatch(text)
    if found is None or abs(int(found["exponent"] or 0)) > LONGEST:
        return None
    return Fraction(text)


def in_lowest_terms(numerator: int, denominator: int) -> Fraction:
    """The fraction of two numbers that are known to have no common factor: a third of the time that asking takes."""
    found = object.__new__(Fraction)
    found._numerator, found._denominator = numerator, denominator  # type: ignore[attr-defined]
    return found


def printed(value: Fraction) -> str:
    """The shortest decimal that is exactly `value`, or 28 significant digits where the division does not end."""
    places = _places(value.denominator)
    if places is None:
        return _plain(*_significant(value))
    return _plain(value.numerator * 10**places // value.denominator, places)


def shown(value: Fraction) -> Fraction:
    """The number that `printed` prints."""
    if _places(value.denominator) is not None:
        return value
    digits, places = _significant(value)
    return Fraction(digits) / Fraction(10) ** places


def half_up(value: Fraction, places: int) -> Fraction:
    """Rounded to `places`; a half goes away from zero, as `decimal.ROUND_HALF_UP` does."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**places)


def _places(denominator: int) -> int | None:
    """How many decimals 1/denominator has; None if it never ends."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _significant(value: Fraction) -> tuple[int, int]:
    """Digits and places of a value that does not end, to 28 significant digits. It can't lie on a half."""
    magnitude = len(str(abs(value.numerator))) - len(str(value.denominator))
    for places in (DIGITS - magnitude - 1, DIGITS - magnitude):
        digits = round(value * Fraction(10) ** places)
        if len(str(abs(digits))) >= DIGITS:
            break
    if len(str(abs(digits))) > DIGITS:  # 99…9.6 became 100…0
        digits, places = digits // 10, places - 1
    return digits, places


def _plain(digits: int, places: int) -> str:
    """Without an exponent and without trailing zeros after the point."""
    if places <= 0:
        return str(digits * 10**-places)
    sign = "-" if digits < 0 else ""
    text = str(abs(digits)).rjust(places + 1, "0")
    return f"{sign}{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".")
