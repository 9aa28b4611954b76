"""Where a solicitation, a window or a proposal stands, derived from its dates. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """A solicitation's stage."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    BETWEEN_WINDOWS = "between_windows"
    CLOSED = "closed"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    UNSUCCESSFUL = "unsuccessful"


@dataclass(frozen=True)
class Span:
    """A window's dates; `closes_at` is exclusive."""

    opens_at: datetime
    closes_at: datetime

    def contains(self, moment: datetime) -> bool:
        return self.opens_at <= moment < self.closes_at


def stage_of(
    *, published_at: datetime | None, final_status: str, windows: Sequence[Span], now: datetime
) -> Stage:
    """A final status wins over dates; without one the windows decide."""
    if final_status:
        return Stage(final_status)
    if published_at is None or published_at > now:
        return Stage.DRAFT
    if any(window.contains(now) for window in windows):
        return Stage.OPEN
    if not windows or all(window.opens_at > now for window in windows):
        return Stage.SCHEDULED
    if any(window.opens_at > now for window in windows):
        return Stage.BETWEEN_WINDOWS
    return Stage.CLOSED


class ProposalStage(StrEnum):
    """What a supplier is told about its proposal."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVISING = "revising"
    CLOSED = "closed"
    NOT_SUBMITTED = "not_submitted"
    WITHDRAWN = "withdrawn"


def proposal_stage(
    *, has_draft: bool, is_submitted: bool, is_withdrawn: bool, window_is_open: bool
) -> ProposalStage:
    """`window_is_open`: the window the proposal is in (or, for a first draft, any window) accepts it now."""
    if is_withdrawn:
        return ProposalStage.WITHDRAWN
    if is_submitted:
        if not window_is_open:
            return ProposalStage.CLOSED
        return ProposalStage.REVISING if has_draft else ProposalStage.SUBMITTED
    return ProposalStage.DRAFT if window_is_open else ProposalStage.NOT_SUBMITTED
