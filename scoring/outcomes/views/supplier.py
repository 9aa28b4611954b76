"""What a supplier reads once its decision is released: the outcome and the debrief."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from scoring.outcomes import queries
from scoring.outcomes.models import Letter
from scoring.outcomes.rows import outcome_context


@login_required
def outcome(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The decision on one of the user's own proposals. Without a release there is no such page."""
    return render(request, "scoring/outcomes/outcome.html", outcome_context(own_letter(request, pk)))


def own_letter(request: HttpRequest, pk: UUID) -> Letter:
    """The last letter about the proposal. Raises Http404."""
    found = queries.letters_of_supplier(request.user).filter(proposal=pk)
    letter = queries.whole(found).order_by("id").last()
    if letter is None:
        raise Http404
    return letter
