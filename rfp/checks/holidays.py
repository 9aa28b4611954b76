"""U.S. federal holidays by rule: 5 U.S.C. 6103, and Executive Order 11582 for the day they are observed.

A holiday on a Saturday is observed on the Friday before, and one on a Sunday on the Monday after. Inauguration Day
concerns only Washington, D.C., and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

MONDAY, THURSDAY = 0, 3
SATURDAY, SUNDAY = 5, 6
FIXED = (
    (1, 1, "New Year’s Day"),
    (6, 19, "Juneteenth"),
    (7, 4, "Independence Day"),
    (11, 11, "Veterans Day"),
    (12, 25, "Christmas Day"),
)
# Month, weekday, which of them (-1: the last), name.
FLOATING = (
    (1, MONDAY, 3, "Martin Luther King Jr. Day"),
    (2, MONDAY, 3, "Washington’s Birthday"),
    (5, MONDAY, -1, "Memorial Day"),
    (9, MONDAY, 1, "Labor Day"),
    (10, MONDAY, 2, "Columbus Day"),
    (11, THURSDAY, 4, "Thanksgiving Day"),
)


def holiday_on(day: date) -> str:
    """The name of the federal holiday that is on this day or observed on it; blank on other days."""
    years = (day.year, day.year + 1) if (day.month, day.day) == (12, 31) else (day.year,)
    return next((name for year in years if (name := holidays_of(year).get(day))), "")


@cache
def holidays_of(year: int) -> Mapping[date, str]:
    """Day → name, for the holidays of a year: the days themselves, and those on which they are observed.

    New Year's Day on a Saturday is observed on December 31 of the year before.
    """
    days: dict[date, str] = {}
    for month, number, name in FIXED:
        day = date(year, month, number)
        days[day] = name
        if day.weekday() in (SATURDAY, SUNDAY):
            days[observed(day)] = f"{name} (observed)"
    for month, weekday, which, name in FLOATING:
        days[_nth(year, month, weekday, which)] = name
    return days


def observed(day: date) -> date:
    """The day off for a holiday on this day."""
    return day + timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    if which > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)
