"""The access log."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts import queries
from portal.accounts.models import AccessEvent
from portal.kit import asked
from portal.record.views import PAGE, reader_of


@login_required
@require_GET
def access_list(request: HttpRequest) -> HttpResponse:
    """Sign-ins, failures, changes of accounts and downloads."""
    reader_of(request)
    events = queries.access_visible_to(request.user)
    kind, words = asked.text(request, "kind"), asked.text(request, "q")
    if kind:
        events = events.filter(kind=kind)
    if words:
        person = Q(user__name__icontains=words) | Q(user__email__icontains=words)
        events = events.filter(person | Q(address__startswith=words) | Q(about__icontains=words))
    page = asked.page_of(request, events, PAGE)
    context = {"page": page, "kinds": AccessEvent.Kind.choices, "kind": kind, "words": words}
    return render(request, "portal/record/access_list.html", context)
