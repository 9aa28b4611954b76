"""How numbers, money and moments read, at the edges where a reader could be misled."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.kit import formats


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (None, None, ""),
        ("", 2, ""),
        (0, None, "0"),
        (12884, None, "12,884"),
        (Decimal(4000), 2, "4,000.00"),
        (Decimal("1E+3"), None, "1,000"),
        (Decimal(100), None, "100"),
        (Decimal("2.50"), None, "2.5"),
        (Decimal("2.345"), 2, "2.35"),
        (Decimal("-0.004"), 2, "0.00"),
        (Decimal("-1234.5"), 1, "−1,234.5"),
        (0.1, None, "0.1"),
    ],
)
def test_number(value, places, text):
    assert formats.number(value, places) == text


@pytest.mark.parametrize("value", ["NaN", "Infinity", "twelve"])
def test_number_refuses_what_is_not_one(value):
    with pytest.raises(ValueError, match="not a"):
        formats.number(value)


@pytest.mark.parametrize(
    ("value", "line", "text"),
    [
        ("61", "65", "61.0%"),
        ("64.96", "65", "64.96%"),
        ("65", "65", "65.0%"),
        ("65.0001", "65", "65.0001%"),
        ("68", "65", "68.0%"),
        (None, "65", ""),
        ("61", None, "61.0%"),
    ],
)
def test_percent_stays_on_its_side_of_the_line(value, line, text):
    assert formats.percent_against(value, line) == text


def test_share_is_a_fraction_of_one():
    assert formats.share(Decimal("0.61")) == "61.0%"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (Decimal("940.4"), "$940"),
        (Decimal(999994), "$999,994"),
        (Decimal(999999), "$1.00\u00a0M"),
        (Decimal(4730000), "$4.73\u00a0M"),
        (Decimal(999999999), "$1.00\u00a0B"),
        (Decimal(-4730000), "−$4.73\u00a0M"),
    ],
)
def test_money_short(value, text):
    assert formats.money_short(value) == text


def test_money_names_a_currency_without_a_sign():
    assert [formats.money(4, currency=code) for code in ("USD", "CHF")] == ["$4.00", "CHF 4.00"]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_960, "1.0 MB"),
        (38_400_000, "38.4 MB"),
    ],
)
def test_file_size(size, text):
    assert formats.file_size(size) == text


CLOSES = datetime(2026, 6, 30, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "text"),
    [
        (CLOSES, "America/New_York", "Tue June 30, 2026, 5:00 pm ET"),
        (CLOSES, "America/Chicago", "Tue June 30, 2026, 4:00 pm CT"),
        (CLOSES, "America/Phoenix", "Tue June 30, 2026, 2:00 pm MST"),
        (CLOSES, "Asia/Dubai", "Wed July 1, 2026, 1:00 am UTC+04"),
        (datetime(2026, 7, 1, 4, 0, tzinfo=UTC), "America/New_York", "Tue June 30, 2026, 11:59:59 pm ET"),
        (datetime(2026, 7, 1, 0, 0, tzinfo=UTC), "UTC", "Tue June 30, 2026, 11:59:59 pm UTC"),
        (datetime(2026, 12, 1, 17, 0, tzinfo=UTC), "America/New_York", "Tue December 1, 2026, 12:00 pm ET"),
    ],
)
def test_deadline_says_the_last_moment_that_counts(at, zone, text):
    assert formats.deadline(at, zone) == text


def test_a_midnight_after_the_clocks_change_is_still_the_evening_before():
    midnight_after_fall_back = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
    assert formats.deadline(midnight_after_fall_back) == "Sun November 1, 2026, 11:59:59 pm ET"


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="zone"):
        formats.when(datetime(2026, 6, 30))


def test_when_short_with_seconds():
    at = datetime(2028, 3, 9, 19, 14, 8, tzinfo=UTC)
    assert formats.when(at, short=True, seconds=True) == "Mar 9, 2028, 2:14:08 pm ET"
    assert formats.day(date(2028, 3, 9), short=True) == "Mar 9, 2028"


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=12, hours=2, minutes=46), "12 days 2 h 46 min"),
        (timedelta(days=1), "1 day 0 h 0 min"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(minutes=4, seconds=10), "4 min 10 s"),
        (timedelta(seconds=-5), "0 s"),
    ],
)
def test_duration(left, text):
    assert formats.duration(left) == text


def test_small_words():
    assert [formats.count_word(n) for n in (0, 2, 12)] == ["No", "Two", "12"]
    assert [formats.count_of(n, "proposal") for n in (1, 1200)] == ["1 proposal", "1,200 proposals"]
    assert formats.fingerprint("9f2c41d807") == "9f2c 41d8 07"


@pytest.mark.parametrize(
    ("text", "unit", "shown"),
    [
        ("1,500", "kg", "1,500 kg"),
        ("99.53", "%", "99.53%"),
        ("0.35", "% per year", "0.35% per year"),
        ("1", "units per year", "1 unit per year"),
        ("2", "units per year", "2 units per year"),
        ("5", "", "5"),
        ("", "kg", ""),
    ],
)
def test_with_unit(text, unit, shown):
    assert formats.with_unit(text, unit) == shown
