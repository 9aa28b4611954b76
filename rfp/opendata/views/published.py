"""Open data of RFPs, for everybody. An RFP that is not published does not exist here, for admins neither."""

from __future__ import annotations

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.kit import clock
from portal.web.public_files import public, public_json, whole_address
from rfp.opendata import news
from rfp.opendata.calendar import calendar
from rfp.opendata.feeds import Feed, atom, json_feed
from rfp.opendata.ocds import package_of
from rfp.opendata.process import process_of
from rfp.publishing.models import Solicitation
from rfp.publishing.queries import public_solicitations


def published(number: str) -> Solicitation:
    """Raises Http404."""
    return get_object_or_404(public_solicitations(), number=number)


@require_safe
def ocds(request: HttpRequest, number: str) -> HttpResponse:
    """The RFP's release package."""
    package = package_of(process_of(published(number)), whole=partial(whole_address, request))
    return public_json(request, package)


# ---- news and dates -----------------------------------------------------------------------------------------------

CALENDAR_TYPE = "text/calendar; charset=utf-8"
ATOM_TYPE = "application/atom+xml; charset=utf-8"
JSON_FEED_TYPE = "application/feed+json"


@require_safe
def feed(request: HttpRequest, kind: str) -> HttpResponse:
    """The newest RFPs."""
    rows = public_solicitations().prefetch_related("windows")
    found = list(rows.order_by("-published_at", "-pk")[: news.MOST])
    whole = partial(whole_address, request)
    return _feed(request, news.rfps_feed(found, whole=whole, now=clock.wall_time()), kind)


@require_safe
def feed_of_rfp(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """One RFP's addenda, answers, awards and end."""
    process = process_of(published(number))
    return _feed(request, news.rfp_feed(process, whole=partial(whole_address, request)), kind)


def _feed(request: HttpRequest, found: Feed, kind: str) -> HttpResponse:
    if kind == "atom":
        return public(request, atom(found), ATOM_TYPE)
    if kind == "json":
        return public_json(request, json_feed(found), JSON_FEED_TYPE)
    raise Http404


@require_safe
def dates(request: HttpRequest, number: str) -> HttpResponse:
    """Every date of the RFP as a calendar file."""
    solicitation = published(number)
    kept = solicitation.versions.order_by("-number").values_list("published_at", flat=True).first()
    changed = kept or solicitation.published_at
    assert changed is not None, "it is published"
    page = whole_address(request, reverse("rfp:solicitation_detail", args=[number]))
    body = calendar(
        news.events_of(solicitation, url=page),
        name=f"{number} {solicitation.title}",
        stamp=max(changed, solicitation.final_at or changed),
        sequence=solicitation.version - 1 + bool(solicitation.final_status),
        is_canceled=solicitation.final_status == Solicitation.FinalStatus.CANCELLED,
    )
    answer = public(request, body, CALENDAR_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{number}.ics"'
    return answer
