"""What scoring does when news comes up from below."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from portal.jobs import enqueue_on_commit
from rfp.signals import proposal_assessed
from scoring import tasks


@receiver(proposal_assessed)
def score_what_was_assessed(sender: Any, revision_id: int, **_: Any) -> None:
    """An assessed revision gets its automatic marks and its score."""
    enqueue_on_commit(tasks.score_revision, revision_id)
