"""A colleague's advice: an admin asks for it, the colleague suggests an answer, the admin uses it or not."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.kit import clock
from portal.models import User
from portal.web.acting import acts_from
from rfp.asking import actions, queries
from rfp.asking.forms import ColleagueForm, SuggestForm
from rfp.asking.models import Advice
from rfp.asking.views import answering


@login_required
@require_POST
def question_advice(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a colleague, and keep the answer as it is typed; what is wrong stands beside its field."""
    question = answering.question_to_answer(request, pk)
    assert isinstance(request.user, User), "login_required stands before this"
    form = answering.answer_form(question, request.POST)
    whom = ColleagueForm(request.POST, question=question, by=request.user)
    if all([form.is_valid(), whom.is_valid()]):
        user, said = request.user, whom.cleaned_data

        def act() -> str:
            actions.ask_colleague(
                question,
                form.draft(),
                colleague=said["colleague"],
                note=said["note"].strip(),
                seen=form.cleaned_data["seen"],
                names_are_fine=form.cleaned_data["names_are_fine"],
                by=user,
                at=clock.wall_time(),
            )
            return f"{said['colleague']} has your request. Your draft is saved."

        if acts_from(form, request, act):
            return redirect("rfp:question_detail", question.pk)
    return answering.page_of(request, question, form, whom)


@login_required
@require_POST
def advice_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a suggestion into the answer, with what is typed so far."""
    found = get_object_or_404(
        Advice.objects.filter(question__in=queries.questions_read_by(request.user)), pk=pk
    )
    question = answering.question_to_answer(request, found.question_id)
    assert isinstance(request.user, User), "login_required stands before this"
    form = answering.answer_form(question, request.POST)
    if form.is_valid():
        user, draft, seen = request.user, form.draft(), form.cleaned_data["seen"]

        def act() -> str:
            actions.take_suggestion(found, draft, seen=seen, by=user, at=clock.wall_time())
            return "The suggestion is in your draft. Read it before you send the answer."

        if acts_from(form, request, act):
            return redirect("rfp:question_detail", question.pk)
    return answering.page_of(request, question, form)


@login_required
def advice(request: HttpRequest, pk: int) -> HttpResponse:
    """For the colleague: the question as everyone will read it, and a suggested answer."""
    found = get_object_or_404(queries.advice_read_by(request.user), pk=pk)
    assert isinstance(request.user, User), "login_required stands before this"
    form = SuggestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, text = request.user, form.cleaned_data["suggestion"].strip()

        def act() -> str:
            actions.suggest(found, text=text, by=user, at=clock.wall_time())
            return f"{found.asked_by} has your suggestion."

        if acts_from(form, request, act):
            return redirect("rfp:advice", found.pk)
    question = found.question
    context = {
        "advice": found,
        "question": question,
        "solicitation": question.solicitation,
        "zone": question.solicitation.time_zone,
        "waits": question.answered_at is None and question.duplicate_of_id is None,
        "form": form,
    }
    return render(request, "rfp/asking/advice.html", context)
