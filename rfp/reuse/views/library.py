"""The library: the list, rows of an RFP kept in it, entries added to a draft. For admins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.kit import asked, clock
from portal.kit.formats import count_of
from portal.kit.listing import Choice, Column, Empty, Listing, Option, Search
from portal.kit.refused import Refused
from rfp.publishing import queries
from rfp.publishing.models import Solicitation
from rfp.publishing.views.setup_frame import admin_of, changeable, frame, readable
from rfp.reuse import library_actions
from rfp.reuse.contents.collecting import asked as requirements_of
from rfp.reuse.contents.problems import FileWrong
from rfp.reuse.models import LibraryEntry

MOST = 100
KIND = LibraryEntry.Kind

LIBRARY = Listing(
    name="library",
    title="Library",
    route="rfp:library",
    columns=(
        Column("Code", key="code", sort="code"),
        Column("Question or title", key="words", sort="words"),
        Column("Kind", key="kind", sort="kind"),
        Column("From", key="added", sort="id", first="descending"),
        Column("Actions", hidden=True),
    ),
    filters=(
        Search("Words or code", ("words__icontains", "code__icontains", "source__icontains")),
        Choice(
            "kind",
            "Kind",
            {value: Option(label) for value, label in KIND.choices},
            field="kind",
            blank="All kinds",
        ),
    ),
    rows_template="rfp/reuse/library_rows.html",
    nothing=Empty(
        "The library is empty", "Open an RFP under Setup, then keep requirements and criteria under Reuse."
    ),
    nothing_matches=Empty("No matching entries", "Search for part of a question, a code, or an RFP number."),
)


@login_required
@require_GET
def library(request: HttpRequest) -> HttpResponse:
    admin_of(request)
    return render(request, "rfp/reuse/library.html", LIBRARY.page(request, _entries()))


@login_required
@require_POST
def library_remove(request: HttpRequest, entry: int) -> HttpResponse:
    """Take an entry out of the library."""
    admin = admin_of(request)
    row = get_object_or_404(LibraryEntry, pk=entry)
    library_actions.remove(row, by=admin, at=clock.wall_time())
    messages.success(request, f"{row.code} removed from the library.")
    return redirect("rfp:library")


@login_required
def setup_library(request: HttpRequest, pk: int) -> HttpResponse:
    """Search the library, and add several entries to a draft at once."""
    solicitation = changeable(request, pk)
    problems: Any = ()
    if request.method == "POST":
        chosen = list(LibraryEntry.objects.filter(pk__in=_ids(request, "entry")).order_by("kind", "id"))
        try:
            if chosen:
                library_actions.add(solicitation, chosen, by=admin_of(request), at=clock.wall_time())
        except Refused:
            raise Http404 from None
        except FileWrong as wrong:
            problems = wrong.shown
        else:
            if chosen:
                messages.success(
                    request, f"{count_of(len(chosen), 'entry', 'entries')} added. Check lots and weights."
                )
            else:
                messages.error(request, "Choose at least one entry.")
            return redirect("rfp:setup_library", pk)
    context = frame(solicitation, "reuse") | LIBRARY.page(request, _entries()) | {"problems": problems}
    return render(request, "rfp/reuse/pick.html", context)


@login_required
def setup_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose requirements and criteria of an RFP to keep in the library."""
    solicitation = readable(request, pk)
    if request.method == "POST":
        return _keep(request, solicitation)
    rows = queries.asked_now(solicitation).order_by("position", "code")
    context = frame(solicitation, "reuse") | {
        "page": asked.page_of(request, rows, MOST),
        "criteria": list(solicitation.criteria.all()[:MOST]),
    }
    return render(request, "rfp/reuse/keep.html", context)


def _keep(request: HttpRequest, solicitation: Solicitation) -> HttpResponse:
    requirements, criteria = _ids(request, "requirement"), _ids(request, "criterion")
    if not requirements and not criteria:
        messages.error(request, "Choose at least one requirement or criterion.")
        return redirect("rfp:setup_keep", solicitation.pk)
    new = library_actions.keep(
        solicitation,
        requirements=[each for each in requirements_of(solicitation) if each.pk in requirements],
        criteria=solicitation.criteria.filter(pk__in=criteria),
        by=admin_of(request),
        at=clock.wall_time(),
    )
    words = (
        f"{count_of(new, 'entry', 'entries')} added to the library."
        if new
        else "The library has all of them."
    )
    messages.success(request, words)
    return redirect("rfp:setup_reuse", solicitation.pk)


def _entries() -> QuerySet[LibraryEntry]:
    return LibraryEntry.objects.select_related("added_by")


def _ids(request: HttpRequest, name: str) -> set[int]:
    """Those of the ticked boxes; a form has at most a page of them."""
    return {
        int(text) for text in request.POST.getlist(name)[: 2 * MOST] if text.isdecimal() and len(text) < 10
    }
