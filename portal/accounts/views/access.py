"""The access log."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts import queries
from portal.accounts.models import AccessEvent
from portal.kit.listing import Choice, Column, Empty, Listing, Search
from portal.record.views import reader_of

ACCESS = Listing(
    name="access",
    title="Access log",
    route="portal:access_list",
    columns=(Column("When"), Column("What"), Column("Who"), Column("From")),
    filters=(
        Choice("kind", "What", listed=lambda: AccessEvent.Kind.choices, field="kind", blank="Everything"),
        Search(
            "Person or address",
            ("user__name__icontains", "user__email__icontains", "address__startswith", "about__icontains"),
        ),
    ),
    rows_template="portal/record/access_rows.html",
    nothing=Empty("Nothing yet", "Sign-ins and account changes will appear here."),
    nothing_matches=Empty("No matching entries", "Try another name, address, or kind."),
    per_page=100,
)


@login_required
@require_GET
def access_list(request: HttpRequest) -> HttpResponse:
    """Sign-ins, failures, changes of accounts and downloads."""
    reader_of(request)
    context = ACCESS.page(request, queries.access_visible_to(request.user))
    return render(request, "portal/record/access_list.html", context)
