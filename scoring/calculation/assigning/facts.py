"""What an assignment is made from, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Cell = tuple[str, int]
"""A proposal's number and a reviewer's id."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """`cap`: the most proposals this person takes, with those that are kept; None for no limit.

    `knows`: codes of the lots that the person is an expert in.
    """

    id: int
    name: str
    cap: int | None = None
    knows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Submission:
    """A proposal, by its number, in its lot."""

    id: str
    lot: str


@dataclass(frozen=True, slots=True)
class Problem:
    """`each`: how many reviewers every proposal needs. `kept`: who has a proposal already. `barred`: who may not.

    `load`: proposals that reviewers have outside this problem; they count toward the caps.
    """

    reviewers: tuple[Reviewer, ...]
    submissions: tuple[Submission, ...]
    each: int
    kept: frozenset[Cell] = frozenset()
    barred: frozenset[Cell] = frozenset()
    load: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """One reviewer for one proposal, and why, in a sentence. `is_kept`: it was so before."""

    submission: str
    reviewer: int
    because: str
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Who marks what. `gaps` says in sentences what cannot be met; a plan with gaps is not to be used.

    `apart`: lots whose reviewers cannot all be compared, since some share no proposal even through others.
    """

    pairs: tuple[Pair, ...] = ()
    gaps: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    experts: int = 0

    @property
    def new(self) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.pairs if not pair.is_kept)
