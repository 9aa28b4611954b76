"""Who comes to an event, for admins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from portal.kit import asked, tables
from rfp.events import queries
from rfp.publishing.key_facts import event_words
from rfp.publishing.models import Milestone
from rfp.publishing.views.setup_frame import frame, readable

PER_PAGE = 50
HEADS = ["Company", "UEI", "Person", "Signed up by", "Email", "When"]


def _event(request: HttpRequest, pk: int, part: int) -> Milestone:
    solicitation = readable(request, pk)
    event = get_object_or_404(solicitation.milestones.filter(sign_up_until__isnull=False), pk=part)
    event.solicitation = solicitation
    return event


@login_required
@require_GET
def sign_ups(request: HttpRequest, pk: int, part: int) -> HttpResponse:
    """Companies and the people they send."""
    event = _event(request, pk, part)
    rows = queries.coming(event)
    context = frame(event.solicitation, "dates") | {
        "event": event,
        "words": event_words(event, event.solicitation.zone).split("\n"),
        "page": asked.page_of(request, rows, PER_PAGE),
        "people": sum(len(names) for names in rows.values_list("names", flat=True)),
    }
    return render(request, "rfp/events/sign_ups.html", context)


@login_required
@require_GET
def sign_ups_file(request: HttpRequest, pk: int, part: int, kind: str) -> HttpResponseBase:
    """The same as CSV or XLSX, a person a row."""
    event = _event(request, pk, part)
    return tables.exported(
        _table(event), kind, name=f"sign-ups-{event.solicitation.number}-{event.pk}", title=event.title
    )


def _table(event: Milestone) -> Iterator[list[Any]]:
    yield HEADS
    for row in queries.coming(event).iterator(chunk_size=tables.CHUNK):
        for name in row.names:
            yield [
                row.supplier.legal_name,
                row.supplier.uei,
                name,
                row.by.name,
                row.by.email,
                row.at.astimezone(event.solicitation.zone).isoformat(timespec="minutes"),
            ]
