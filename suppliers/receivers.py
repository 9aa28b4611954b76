"""What standings do when news comes up from screening."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from portal.files import NoRoom, storing
from portal.formats import file_size
from portal.jobs import enqueue_on_commit
from portal.models import User
from suppliers import queries, search, tasks
from suppliers.models import Qualification
from suppliers.signals import lists_refreshed, screening_changed


@receiver(connection_created)
def tell_how_alike(connection: Any, **_: Any) -> None:
    """Searches on this connection find names that are nearly right."""
    search.set_likeness(connection)


@receiver(storing)
def keep_a_companys_share(sender: Any, by: User, size: int, **_: Any) -> None:
    """What the people of one company have sent, together, has a limit. Staff have none."""
    if not by.is_supplier:
        return
    most = settings.COMPANY_UPLOAD_BYTES
    if queries.stored_bytes(by) + size > most:
        raise NoRoom(
            f"Your company can store {file_size(most)} of files. Remove files from drafts you don’t need, then try "
            "again. Nothing was saved."
        )


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
