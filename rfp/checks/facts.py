"""What the check reads about an RFP. Moments have a zone; days are days in the RFP's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo


@dataclass(frozen=True, kw_only=True)
class WindowFacts:
    """A submission period; `closes_at` is exclusive."""

    pk: int
    number: int
    opens_at: datetime
    closes_at: datetime
    feedback_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class MilestoneFacts:
    pk: int
    title: str
    on: date


@dataclass(frozen=True, kw_only=True)
class CriterionFacts:
    """`is_marked`: reviewers mark it. `for_suppliers` and `for_reviewers`: whether it has guidance for them."""

    pk: int
    code: str
    is_marked: bool
    for_suppliers: bool
    for_reviewers: bool


@dataclass(frozen=True, kw_only=True)
class RequirementFacts:
    """`words`: everything suppliers read of it, answers to choose from included. `why`: the stated reason, or blank.
    `accepted`: the answers that will do as conditions name them, none for any; `only_if`: the requirement whose answer
    `only_if_answer` makes it apply, blank for none."""

    pk: int
    code: str
    words: str
    unit: str
    why: str
    is_knockout: bool
    is_technical: bool
    accepted: tuple[str, ...] = ()
    only_if: str = ""
    only_if_answer: str = ""


@dataclass(frozen=True, kw_only=True)
class RfpFacts:
    """`now`: when it would be published. `has_contact`: whether suppliers can tell whom to write to."""

    now: datetime
    zone: tzinfo
    has_contact: bool
    seats: int
    has_chair: bool
    questions_until: datetime | None
    windows: tuple[WindowFacts, ...]
    milestones: tuple[MilestoneFacts, ...]
    criteria: tuple[CriterionFacts, ...]
    requirements: tuple[RequirementFacts, ...]
