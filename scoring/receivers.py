"""What scoring does when news comes up from below."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver

from portal.frame.jobs import enqueue_on_commit
from portal.models import User
from portal.signals import staff_changed
from rfp.models import Revision
from rfp.signals import (
    asks_for_seats,
    asks_for_the_panel,
    asks_who_reviews,
    proposal_assessed,
    revision_repeated,
)
from scoring.curing.carrying import carry_marks
from scoring.models import Conflict, Evaluator
from scoring.panel import notices
from scoring.ranking import scores, tasks
from scoring.ranking.actions import leave_out_marks, request_ranking
from scoring.signals import conflict_named

log = logging.getLogger(__name__)


@receiver(proposal_assessed)
def score_what_was_assessed(sender: Any, revision_id: int, revision: Revision, **_: Any) -> None:
    """An assessed revision gets its automatic marks and its score, by who assessed it; where that fails, by a task."""
    try:
        scores.mark_automatically(revision)
    except Exception as error:
        # The exception's text may hold what is sealed: only its kind is logged.
        log.error("revision %s could not be scored at once: %s", revision_id, type(error).__name__)
        enqueue_on_commit(tasks.score_revision, revision_id)
    if revision.counts_from is not None and revision.proposal.window is not None:
        # Received after the close: the ranking is there already, and behind.
        request_ranking(revision.proposal.window)


@receiver(revision_repeated)
def carry_the_marks(sender: Any, old: int, new: int, **_: Any) -> None:
    """What reviewers judged is the same to the byte, so what they gave stands."""
    carry_marks(old, new)


@receiver(staff_changed)
def tell_the_panel(sender: Any, user: User, event: int, words: str, at: datetime, **_: Any) -> None:
    """Who sits on a panel with the person hears of it."""
    notices.member_changed(user, event=event, words=words, at=at)


@receiver(conflict_named)
def leave_out_the_marks(sender: Any, conflict: Conflict, **_: Any) -> None:
    """A conflicted reviewer's marks leave the totals at once."""
    leave_out_marks(conflict)


@receiver(asks_who_reviews)
def say_who_reviews(sender: Any, solicitation_id: int, user_id: int, **_: Any) -> bool:
    """Whether the person has a seat on the RFP's panel: they change nothing of what they will judge."""
    return Evaluator.objects.filter(solicitation=solicitation_id, user=user_id).exists()


@receiver(asks_for_seats)
def say_the_seats(sender: Any, **_: Any) -> QuerySet[Evaluator]:
    return Evaluator.objects.all()


@receiver(asks_for_the_panel)
def say_who_sits(sender: Any, solicitation_id: int, **_: Any) -> tuple[int, bool]:
    """(seats on the RFP's panel, whether it has a chair)."""
    chairs = list(Evaluator.objects.filter(solicitation=solicitation_id).values_list("is_chair", flat=True))
    return len(chairs), any(chairs)
