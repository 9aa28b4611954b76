"""What standings do when news comes up from companies and screening."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from portal.files.storing import NoRoom, storing
from portal.frame.jobs import enqueue_on_commit
from portal.kit.formats import file_size
from portal.models import User
from suppliers.company import queries
from suppliers.models import Qualification
from suppliers.qualification import search, tasks
from suppliers.signals import asks_who_is_weighed, lists_refreshed, profile_changed, screening_changed

# So that a burst of autosaved changes is looked at once, or nearly.
SETTLE_SECONDS = 3.0


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


@receiver(profile_changed)
def look_at_the_profile(sender: Any, supplier_id: int, is_new: bool, **_: Any) -> None:
    """What the rules say of a new company at once; of changes when a burst of autosaved ones has settled."""
    enqueue_on_commit(tasks.assess_supplier, supplier_id, countdown=None if is_new else SETTLE_SECONDS)


@receiver(asks_who_is_weighed)
def is_qualified(sender: Any, supplier_id: int, **_: Any) -> bool:
    """Whether the supplier is qualified, or would be without a hold."""
    statuses = (Qualification.Status.QUALIFIED, *Qualification.HELD)
    return Qualification.objects.filter(supplier=supplier_id, status__in=statuses).exists()


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
