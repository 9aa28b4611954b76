"""What proposals do when news comes up from screening."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from portal.jobs import enqueue_on_commit
from rfp import queries, tasks
from suppliers.signals import lists_refreshed, screening_changed


@receiver(screening_changed)
def assess_the_suppliers_proposals(sender: Any, supplier_id: int, **_: Any) -> None:
    """What screening says of a supplier is in the findings of its proposals."""
    for pk in queries.revisions_in_play().filter(proposal__supplier=supplier_id).values_list("pk", flat=True):
        enqueue_on_commit(tasks.assess_revision, pk)


@receiver(lists_refreshed)
def assess_every_proposal(sender: Any, **_: Any) -> None:
    """Newly active lists also hold the makers in the bills of materials."""
    for pk in queries.revisions_in_play().values_list("pk", flat=True):
        enqueue_on_commit(tasks.assess_revision, pk)
