"""How a check is declared: what holds when it finds nothing, where its points are fixed, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rfp.checks.facts import RfpFacts


@dataclass(frozen=True)
class Found:
    """One thing to look at again. `about` tells it from others of its check: a code or a number, never a count.

    `part` is the row of the builder it is about: its kind ("window", "milestone", "criterion", "requirement") and id.
    """

    text: str
    about: str = ""
    part: tuple[str, int] | None = None


@dataclass(frozen=True)
class Check:
    """`says`: the line of the checklist when nothing was found. `section`: the page of the builder that fixes it."""

    id: str
    says: str
    section: str
    find: Callable[[RfpFacts], Iterable[Found]]


@dataclass(frozen=True)
class Point:
    """What a check found. `key` stays the same while the matter does."""

    key: str
    section: str
    text: str
    part: tuple[str, int] | None


Finder = Callable[[RfpFacts], Iterable[Found]]


def check(id: str, *, says: str, section: str) -> Callable[[Finder], Check]:
    """Declare the function below as a check."""
    return lambda find: Check(id, says, section, find)


def points_of(check: Check, facts: RfpFacts) -> tuple[Point, ...]:
    """What the check finds in an RFP."""
    return tuple(
        Point(f"{check.id}:{found.about}" if found.about else check.id, check.section, found.text, found.part)
        for found in check.find(facts)
    )
