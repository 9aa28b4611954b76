"""Federal holidays as the U.S. Office of Personnel Management publishes them."""

from __future__ import annotations

from datetime import date

import pytest

from rfp.checks.holidays import holiday_on, holidays_of

# Month and day on which each is observed, in the order of the year.
OFFICIAL = {
    2026: "0101 0119 0216 0525 0619 0703 0907 1012 1111 1126 1225",
    2027: "0101 0118 0215 0531 0618 0705 0906 1011 1111 1125 1224",
    2028: "0117 0221 0529 0619 0704 0904 1009 1110 1123 1225",
}
# New Year's Day of 2028 is a Saturday.
MOVED = {2027: [date(2027, 12, 31)]}


@pytest.mark.parametrize("year", OFFICIAL)
def test_each_official_day_is_a_holiday(year: int) -> None:
    official = [date(year, int(each[:2]), int(each[2:])) for each in OFFICIAL[year].split()]
    for day in [*official, *MOVED.get(year, [])]:
        assert holiday_on(day), day
        assert day.weekday() < 5


@pytest.mark.parametrize("year", OFFICIAL)
def test_no_other_working_day_is(year: int) -> None:
    official = {date(year, int(each[:2]), int(each[2:])) for each in OFFICIAL[year].split()}
    official.update(MOVED.get(year, []))
    days = (date.fromordinal(date(year, 1, 1).toordinal() + at) for at in range(365))
    found = {day for day in days if holiday_on(day) and day.weekday() < 5}
    assert found == official


def test_a_holiday_on_a_weekend_has_a_name_on_both_days() -> None:
    assert holiday_on(date(2026, 7, 4)) == "Independence Day"
    assert holiday_on(date(2026, 7, 3)) == "Independence Day (observed)"
    assert holiday_on(date(2027, 12, 31)) == "New Year’s Day (observed)"
    assert holiday_on(date(2026, 7, 6)) == ""


def test_there_are_eleven() -> None:
    names = {name.removesuffix(" (observed)") for name in holidays_of(2026).values()}
    assert len(names) == 11
