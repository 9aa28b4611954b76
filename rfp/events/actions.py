"""Sign a company up for a conference or a site visit, change who comes, and cancel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from portal.kit.formats import count_of
from portal.kit.refused import Refused
from portal.models import User
from portal.record import audit
from rfp.events import letters, queries
from rfp.events.models import SignUp
from rfp.publishing.models import Milestone
from rfp.publishing.queries import is_admitted
from suppliers.company.queries import suppliers_changeable_by
from suppliers.models import Supplier

# Where the buyer sets no limit.
MOST_PEOPLE = 20
FULL = "This event is full. Ask the buyer’s contact whether there will be another one."


def sign_up(event: Milestone, supplier: Supplier, *, names: Sequence[str], by: User, at: datetime) -> SignUp:
    """Say whom the company sends; the names replace those before. Raises Refused.

    Where places are limited, a company takes all places that one company may have, however many it sends. So that an
    event is full tells how many companies come, and never how many people: nobody can find out by trying numbers.
    """
    _may_answer(event, supplier, by=by, at=at)
    if not names:
        raise Refused("Enter the name of at least one person.")
    most = event.per_company or MOST_PEOPLE
    if len(names) > most:
        raise Refused(f"A company can send {count_of(most, 'person', 'people')} at most.")
    with transaction.atomic():
        # Two companies for the last places: the second finds that the first took them.
        locked = Milestone.objects.select_for_update(no_key=True).get(pk=event.pk)
        others = queries.coming(locked).exclude(supplier=supplier).count()
        if locked.places is not None and (others + 1) * most > locked.places:
            raise Refused(FULL)
        return _say(event, supplier, names, by=by, at=at)


def cancel(event: Milestone, supplier: Supplier, *, by: User, at: datetime) -> SignUp:
    """Nobody of the company comes. Raises Refused."""
    _may_answer(event, supplier, by=by, at=at)
    with transaction.atomic():
        Milestone.objects.select_for_update(no_key=True).get(pk=event.pk)
        if not queries.coming(event).filter(supplier=supplier).exists():
            raise Refused("Your company hasn’t signed up for this event.")
        return _say(event, supplier, [], by=by, at=at)


def _say(event: Milestone, supplier: Supplier, names: Sequence[str], *, by: User, at: datetime) -> SignUp:
    row = SignUp.objects.create(event=event, supplier=supplier, names=list(names), by=by, at=at)
    letters.signed_up(row, at=at)
    audit.record(
        "event.signed_up" if names else "event.canceled",
        event.solicitation,
        by=by,
        at=at,
        event=event.pk,
        supplier=supplier.pk,
        **({"people": len(names)} if names else {}),
    )
    return row


def _may_answer(event: Milestone, supplier: Supplier, *, by: User, at: datetime) -> None:
    rfp = event.solicitation
    if not rfp.is_published or event.sign_up_until is None or not is_admitted(rfp, supplier):
        raise Refused("This event takes no sign-ups.")
    if not suppliers_changeable_by(by).filter(pk=supplier.pk).exists():
        raise Refused("Only owners and editors of a company can sign it up.")
    if rfp.final_status:
        raise Refused("This RFP has ended.")
    if at >= event.sign_up_until:
        raise Refused("Sign-up has closed. Ask the buyer’s contact.")
