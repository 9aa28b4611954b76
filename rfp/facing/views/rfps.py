"""The welcome page, and the list of RFPs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.kit import clock
from portal.models import User
from rfp.facing.rfps import RFPS, listed
from rfp.publishing.queries import open_solicitations
from rfp.publishing.showing import stage_now

ON_HOME = 10


def home(request: HttpRequest) -> HttpResponse:
    """The welcome page; who is signed in goes on to what waits for them."""
    if isinstance(request.user, User):
        return redirect("scoring:home")
    now = clock.wall_time()
    found = listed(request.user, now).filter(pk__in=open_solicitations(now).values("pk"))[:ON_HOME]
    return render(request, "rfp/publishing/home.html", {"page": _staged(found, now), "listing": RFPS})


def solicitation_list(request: HttpRequest) -> HttpResponse:
    now = clock.wall_time()
    context = RFPS.page(request, listed(request.user, now))
    context["page"].object_list = _staged(context["page"].object_list, now)
    return render(request, "rfp/publishing/solicitation_list.html", context)


def _staged(found: Iterable[Any], now: datetime) -> list[Any]:
    """The rows, each with the stage that it is in."""
    rows = list(found)
    for row in rows:
        row.shown = stage_now(row, now)
    return rows
