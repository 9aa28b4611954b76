"""Each role's first page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal.kit import clock
from portal.models import User
from scoring.home import pages
from scoring.panel import names


@login_required
def home(request: HttpRequest) -> HttpResponseBase:
    """What to do next, the nearest date first."""
    assert isinstance(request.user, User), "login_required stands before this"
    answer = render(
        request, "scoring/home/home.html", {"home": pages.home_of(request.user, now=clock.wall_time())}
    )
    withheld = names.withheld_everywhere(request.user)
    return names.without(answer, withheld) if withheld else answer
