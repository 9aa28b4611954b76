"""Letters about events: what a company signed up for, and what became of the event since."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from portal.letters import notices
from rfp.events import queries
from rfp.events.models import SignUp
from rfp.publishing.key_facts import event_words
from rfp.publishing.models import Milestone


def signed_up(row: SignUp, *, at: datetime) -> None:
    """To everyone in the company: who comes and where to, or that it has canceled."""
    event, rfp, company = row.event, row.event.solicitation, row.supplier.legal_name
    if row.names:
        subject = f"RFP {rfp.number}: {company} is signed up for {event.title}"
        said = f"{company} sends: {', '.join(row.names)}."
    else:
        subject = f"RFP {rfp.number}: {company} canceled {event.title}"
        said = f"The sign-up of {company} was canceled by {row.by.name}."
    notices.post(
        row.supplier.members.all(),
        key=f"signed-up:{row.pk}",
        subject=subject,
        body=f"{said}\n\n{event.title}\n{event_words(event, rfp.zone)}\n",
        link=reverse("rfp:event", args=[rfp.number, event.pk]),
        at=at,
    )


def changed(event: Milestone, *, version: int, at: datetime) -> None:
    """To the companies that come: the event as an addendum changed it."""
    rfp = event.solicitation
    for row in queries.coming(event).prefetch_related("supplier__members"):
        notices.post(
            row.supplier.members.all(),
            key=f"event-changed:{event.pk}:{version}",
            subject=f"RFP {rfp.number}: {event.title} has changed",
            body=(
                f"The buyer changed an event that {row.supplier.legal_name} is signed up for. It is now:\n\n"
                f"{event.title}\n{event_words(event, rfp.zone)}\n\n"
                f"You are still signed up: {', '.join(row.names)}.\n"
            ),
            link=reverse("rfp:event", args=[rfp.number, event.pk]),
            at=at,
        )
