"""Assignments from a CSV file: each line a proposal, a reviewer, and a criterion group or none.

What is wrong with a line is said with its number; the others are read all the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.panel.models import Evaluator

HEADS = ("proposal", "reviewer", "criterion group")
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that was understood."""

    line: int
    proposal: Any
    seat: Evaluator
    group: str


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    text: str

    @property
    def says(self) -> str:
        return f"Line {self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Known:
    """What a line may name: proposals by number, seats by email and by name in small letters, groups."""

    proposals: Mapping[str, Any]
    seats: Mapping[str, Sequence[Evaluator]]
    groups: frozenset[str]

    @classmethod
    def of(cls, proposals: Mapping[str, Any], seats: Iterable[Evaluator], groups: Iterable[str]) -> Known:
        by_name: dict[str, list[Evaluator]] = {}
        for seat in seats:
            for called in {seat.user.email.casefold(), " ".join(seat.user.name.split()).casefold()}:
                by_name.setdefault(called, []).append(seat)
        return cls(
            {number.casefold(): each for number, each in proposals.items()}, by_name, frozenset(groups)
        )


def read(text: str, known: Known) -> tuple[list[Wanted], list[Problem]]:
    """(lines that fit, what is wrong with the others). A head line and empty lines are passed over."""
    wanted: list[Wanted] = []
    problems: list[Problem] = []
    seen: set[tuple[Any, int, str]] = set()
    for line, cells in _lines(text):
        if len(wanted) + len(problems) >= MOST:
            problems.append(Problem(line, f"The file has more than {MOST:,} lines. Split it."))
            break
        found = _understand(line, cells, known)
        if isinstance(found, Problem):
            problems.append(found)
        elif (key := (found.proposal.pk, found.seat.pk, found.group)) in seen:
            problems.append(Problem(line, "This line is in the file twice."))
        else:
            seen.add(key)
            wanted.append(found)
    return wanted, problems


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    sample = text.lstrip("\ufeff")
    first = sample.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    for row in rows:
        cells = [cell.strip().removeprefix("'") for cell in row]
        if any(cells) and [cell.casefold() for cell in cells[:2]] != list(HEADS[:2]):
            yield rows.line_num, cells


def _understand(line: int, cells: Sequence[str], known: Known) -> Wanted | Problem:
    if len(cells) < 2 or not cells[0] or not cells[1]:
        return Problem(line, "Enter a proposal and a reviewer.")
    proposal = known.proposals.get(cells[0].casefold())
    if proposal is None:
        return Problem(line, f"There is no proposal {cells[0]} to mark in this window.")
    seats = known.seats.get(" ".join(cells[1].split()).casefold(), ())
    if not seats:
        return Problem(line, f"{cells[1]} is not on the panel.")
    if len(seats) > 1:
        return Problem(line, f"{cells[1]} is the name of {len(seats)} reviewers. Use the email address.")
    group = cells[2] if len(cells) > 2 else ""
    if group and group not in known.groups:
        return Problem(line, f"There is no criterion group {group}.")
    return Wanted(line, proposal, seats[0], group)
