"""What the rules' parameters may be: beyond, the rules would stop working or judge nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from portal.formats import number

# Name, or the end of a name → the least and the most. The first that fits counts.
WHOLE: tuple[tuple[str, int, int], ...] = (
    ("term_months", 1, 60),
    ("renewal_days", 0, 365),
    ("remind_days", 1, 365),
    ("fresh", 0, 365),
    ("stale", 1, 365),
    ("days", 0, 3650),
    ("months", 0, 240),
    ("years", 0, 50),
    ("years_trading", 0, 50),
    ("", 0, 10_000_000),
)
LARGEST = Decimal(10) ** 12
PLACES = 6
MOST_LINES, LONGEST_LINE, MOST_NUMBERS = 200, 200, 12
# Lines of a table, with an example of one.
LINES: Mapping[tuple[str, str], tuple[re.Pattern[str], str]] = {
    ("WS-1", "benchmarks"): (re.compile(r"\d{2,6}: \d{1,4}(\.\d{1,4})?"), "33: 2.6"),
    ("CE-4", "editions"): (re.compile(r"\S.* \S+: (current|note|withdrawn)"), "ISO 9001 2015: current"),
}
# The first may not be more than the second.
ORDERED = (
    ("fresh", "stale"),
    ("distress", "safe"),
    ("near", "blocked"),
    ("good", "near"),
    ("current_near", "current"),
)


def problems(params: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """(rule's code, setting) → what is wrong with it. `params` has the rules' parameters and others by code."""
    return {(code, name): words for code, each in params.items() for name, words in _problems(code, each)}


def _problems(code: str, params: Any) -> Iterator[tuple[str, str]]:
    for each in fields(params):
        if words := _problem(code, each.name, getattr(params, each.name)):
            yield each.name, words
    for lower, upper in ORDERED:
        if hasattr(params, lower) and hasattr(params, upper):
            least, most = getattr(params, lower), getattr(params, upper)
            if least > most:
                yield lower, f"Can’t be more than “{_label(upper)}”, {number(most)}"


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _problem(code: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return _whole(name, value)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, tuple) and value and all(isinstance(each, int) for each in value):
        if len(value) > MOST_NUMBERS:
            return f"Enter at most {MOST_NUMBERS} numbers"
        return next((words for each in value if (words := _whole(name, each))), "")
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return _lines(code, name, value)
    return ""


def _whole(name: str, value: int) -> str:
    least, most = next((low, high) for end, low, high in WHOLE if name.endswith(end))
    return "" if least <= value <= most else f"Enter a number from {number(least)} to {number(most)}"


def _decimal(value: Decimal) -> str:
    if not value.is_finite() or not 0 <= value <= LARGEST:
        return f"Enter a number from 0 to {number(LARGEST)}"
    if -int(value.as_tuple().exponent) > PLACES:
        return f"Enter at most {PLACES} decimal places"
    return ""


def _lines(code: str, name: str, lines: tuple[str, ...]) -> str:
    if len(lines) > MOST_LINES:
        return f"Enter at most {MOST_LINES} lines"
    if any(len(line) > LONGEST_LINE for line in lines):
        return f"A line can have at most {LONGEST_LINE} characters"
    pattern, example = LINES.get((code, name), (None, ""))
    wrong = next((line for line in lines if pattern and not pattern.fullmatch(line)), "")
    return f"“{wrong[:60]}” does not match the format “{example}”" if wrong else ""
