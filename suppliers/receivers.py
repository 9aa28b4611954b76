"""What standings do when news comes up from screening."""

from __future__ import annotations

from typing import Any

from django.db.backends.signals import connection_created
from django.dispatch import receiver

from portal.jobs import enqueue_on_commit
from suppliers import search, tasks
from suppliers.models import Qualification
from suppliers.signals import lists_refreshed, screening_changed


@receiver(connection_created)
def tell_how_alike(connection: Any, **_: Any) -> None:
    """Searches on this connection find names that are nearly right."""
    search.set_likeness(connection)


@receiver(screening_changed)
def look_at_the_supplier(sender: Any, supplier_id: int, **_: Any) -> None:
    """A raised alert puts standings on hold; a cleared one frees them."""
    enqueue_on_commit(tasks.assess_supplier, supplier_id)


@receiver(lists_refreshed)
def look_at_everybody(sender: Any, **_: Any) -> None:
    """Newly active lists change what every run refers to, and how old the lists are."""
    rows = Qualification.objects.order_by("supplier").values_list("supplier", flat=True).distinct()
    for pk in rows:
        enqueue_on_commit(tasks.assess_supplier, pk)
