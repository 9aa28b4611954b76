"""A letter to a reviewer who is asked to mark again."""

from __future__ import annotations

from datetime import datetime

from portal.letters import notices
from scoring.settling.models import Reopening


def reopened(opened: Reopening, *, event: int, at: datetime) -> None:
    proposal = opened.revision.proposal
    rfp = proposal.lot.solicitation
    notices.post(
        [opened.evaluator.user],
        key=f"reopened:{event}",
        subject=f"Mark {opened.criterion.code} on {proposal.number} again",
        body=(
            f"{opened.by} opened {opened.criterion.title} on {proposal.number} again for you: {rfp.number}, "
            f"{rfp.title}. Reason: {opened.reason}\n\n"
            "Your first mark counts until you save a new one, and it stays in the history.\n"
        ),
        at=at,
    )
