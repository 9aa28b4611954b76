"""An addendum that starts from a supplier's question."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.kit import clock
from portal.kit.refused import Refused
from rfp.amending import actions
from rfp.amending.views.admin import person_of
from rfp.asking.views import answering


@login_required
@require_POST
def addendum_for_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Start it, and keep the answer as it is typed; what is wrong stands on the question's page, with nothing lost."""
    question = answering.question_to_answer(request, pk)
    form = answering.answer_form(question, request.POST)
    if form.is_valid():
        try:
            addendum = actions.start_addendum_for(
                question,
                form.draft(),
                seen=form.cleaned_data["seen"],
                names_are_fine=form.cleaned_data["names_are_fine"],
                by=person_of(request),
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Addendum started, and your answer saved. Add what changes.")
            return redirect("rfp:addendum", question.solicitation_id, addendum.number)
    return answering.page_of(request, question, form)
