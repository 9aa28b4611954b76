"""Background work on proposals. A task carries an id across, nothing more."""

from __future__ import annotations

from celery import shared_task

from rfp import assessment, queries
from rfp.models import Revision


@shared_task(acks_late=True, reject_on_worker_lost=True)
def assess_revision(revision_id: int) -> None:
    """Run the compliance rules on one received revision."""
    assessment.assess(queries.revision_for_facts(revision_id))


@shared_task(acks_late=True, reject_on_worker_lost=True)
def pre_check(revision_id: int) -> None:
    """Check a draft with very many lines before its supplier asks; one that was submitted meanwhile needs none."""
    if Revision.objects.filter(pk=revision_id, received_at__isnull=True).exists():
        assessment.pre_check_ahead(queries.revision_for_facts(revision_id))


@shared_task(acks_late=True, reject_on_worker_lost=True)
def screen_makers(revision_id: int) -> None:
    """Raise the alerts about an opened proposal's makers."""
    assessment.screen_makers(queries.revision_for_facts(revision_id))
