"""Background work on proposals. A task carries an id across, nothing more."""

from __future__ import annotations

from portal.frame.jobs import job
from rfp.compliance import assessment
from rfp.proposals import revision_facts
from rfp.proposals.models import Revision


@job("assess")
def assess_revision(revision_id: int) -> None:
    """Run the compliance rules on one received revision."""
    assessment.assess(revision_facts.revision_for_facts(revision_id))


@job("assess")
def pre_check(revision_id: int) -> None:
    """Check a draft with very many lines before its supplier asks; one that was submitted meanwhile needs none."""
    if Revision.objects.filter(pk=revision_id, received_at__isnull=True).exists():
        assessment.pre_check_ahead(revision_facts.revision_for_facts(revision_id))


@job("assess")
def screen_makers(revision_id: int) -> None:
    """Raise the alerts about an opened proposal's makers."""
    assessment.screen_makers(revision_facts.revision_for_facts(revision_id))
