"""What scoring does when news comes up from below."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from portal.jobs import enqueue_on_commit
from portal.models import User
from portal.signals import staff_changed
from rfp.signals import proposal_assessed
from scoring import notices, tasks


@receiver(proposal_assessed)
def score_what_was_assessed(sender: Any, revision_id: int, **_: Any) -> None:
    """An assessed revision gets its automatic marks and its score."""
    enqueue_on_commit(tasks.score_revision, revision_id)


@receiver(staff_changed)
def tell_the_panel(sender: Any, user: User, event: int, words: str, at: datetime, **_: Any) -> None:
    """Who sits on a panel with the person hears of it."""
    notices.member_changed(user, event=event, words=words, at=at)
