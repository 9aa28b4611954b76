"""Each role's first page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.kit import clock
from portal.models import User
from scoring.home import pages


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What to do next, the nearest date first."""
    assert isinstance(request.user, User), "login_required stands before this"
    return render(
        request, "scoring/home/home.html", {"home": pages.home_of(request.user, now=clock.wall_time())}
    )
