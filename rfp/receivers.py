"""What proposals do when news comes up from screening, and what screening learns when an envelope is opened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from portal.frame.jobs import enqueue_on_commit
from rfp.admitting import actions as admitting
from rfp.compliance import assessment, tasks
from rfp.compliance import queries as compliance_queries
from rfp.proposals import queries as proposals_queries
from rfp.publishing.models import Solicitation
from rfp.signals import bom_replaced, revision_received, solicitation_published, technical_opened
from suppliers.signals import asks_which_makers, asks_who_is_weighed, lists_refreshed, screening_changed


@receiver(solicitation_published)
def tell_invited_companies(sender: Any, solicitation_id: int, at: datetime, **_: Any) -> None:
    """Who was invited before gets the letter now."""
    admitting.tell_invited(Solicitation.objects.get(pk=solicitation_id), at=at)


@receiver(revision_received)
def assess_what_was_received(sender: Any, revision_id: int, **_: Any) -> None:
    """The rules read a proposal as soon as it is submitted."""
    enqueue_on_commit(tasks.assess_revision, revision_id)


@receiver(bom_replaced)
def check_a_long_draft_ahead(sender: Any, revision_id: int, lines: int, **_: Any) -> None:
    """So that the page that shows what the rules found need not wait for them."""
    if lines >= assessment.MANY_LINES:
        enqueue_on_commit(tasks.pre_check, revision_id)


@receiver(screening_changed)
def assess_the_suppliers_proposals(sender: Any, supplier_id: int, **_: Any) -> None:
    """What screening says of a supplier is in the findings of its proposals."""
    for pk in (
        compliance_queries.revisions_in_play()
        .filter(proposal__supplier=supplier_id)
        .values_list("pk", flat=True)
    ):
        enqueue_on_commit(tasks.assess_revision, pk)


@receiver(lists_refreshed)
def assess_every_proposal(sender: Any, **_: Any) -> None:
    """Newly active lists also hold the makers in the bills of materials; officers hear of those that are opened."""
    for pk in compliance_queries.revisions_in_play().values_list("pk", flat=True):
        enqueue_on_commit(tasks.assess_revision, pk)
    for pk in compliance_queries.opened_revisions().values_list("pk", flat=True):
        enqueue_on_commit(tasks.screen_makers, pk)


@receiver(technical_opened)
def screen_what_was_opened(sender: Any, window_id: int, **_: Any) -> None:
    """Until two people have opened it, nothing that a bill of materials names may raise an alert."""
    opened = compliance_queries.opened_revisions().filter(proposal__window=window_id, makers_screened=None)
    for pk in opened.values_list("pk", flat=True):
        enqueue_on_commit(tasks.screen_makers, pk)


@receiver(asks_which_makers)
def say_which_makers(sender: Any, supplier_id: int, **_: Any) -> list[str]:
    """The makers that buyers may read of in the supplier's proposals; sealed ones do not show."""
    return compliance_queries.opened_makers(supplier_id)


@receiver(asks_who_is_weighed)
def say_who_is_weighed(sender: Any, supplier_id: int, **_: Any) -> bool:
    """Whether an opened proposal of the supplier is weighed or shortlisted. A sealed one does not show."""
    return proposals_queries.opened_proposals().filter(supplier=supplier_id).exists()
