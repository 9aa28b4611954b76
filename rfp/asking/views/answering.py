"""Admins answer: the questions of an RFP with the names of those who asked, one at a time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.kit import asked, clock
from portal.kit.refused import Refused
from portal.models import User
from rfp.asking import actions, queries
from rfp.asking.forms import AnswerForm, ColleagueForm
from rfp.asking.models import Question
from rfp.publishing.models import Solicitation

PER_PAGE = 50
SHOWS = {"waiting": "To answer", "published": "Published", "private": "Private", "merged": "Merged"}
SHAPES = {"waiting": "now", "published": "met", "private": "sealed", "merged": "na"}


@login_required
@require_GET
def question_queue(request: HttpRequest, number: str) -> HttpResponse:
    """What waits, the oldest first; or what was answered, the newest first."""
    found = queries.questions_read_by(request.user)
    rfp = get_object_or_404(_rfps(request), number=number)
    show = asked.one_of(request, "show", SHOWS, "waiting")
    rows = _of(found.filter(solicitation=rfp), show).select_related(
        "supplier", "asked_by", "lot", "requirement"
    )
    counts = {name: _of(found.filter(solicitation=rfp), name).count() for name in SHOWS}
    context = {
        "solicitation": rfp,
        "zone": rfp.time_zone,
        "page": asked.page_of(request, rows, PER_PAGE),
        "show": show,
        "tabs": [(name, words, counts[name]) for name, words in SHOWS.items()],
        "state": (SHAPES[show], SHOWS[show]),
        "until": queries.closes_at(rfp),
        "is_open": queries.is_askable(rfp, now=clock.wall_time()),
    }
    return render(request, "rfp/asking/question_queue.html", context)


def _rfps(request: HttpRequest) -> Any:
    """The RFPs whose questions the person reads: none for who is no admin."""
    is_admin = isinstance(request.user, User) and request.user.is_admin
    return (
        Solicitation.objects.filter(published_at__isnull=False) if is_admin else Solicitation.objects.none()
    )


def _of(rows: Any, show: str) -> Any:
    if show == "waiting":
        return rows.filter(queries.WAITING)
    if show == "merged":
        return rows.filter(duplicate_of__isnull=False).order_by("-pk")
    answered = rows.filter(answered_at__isnull=False, duplicate_of__isnull=True, is_private=show == "private")
    return answered.order_by("-answered_at", "-pk")


@login_required
def question_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One question, and its answer: saved as a draft, or given."""
    question = question_to_answer(request, pk)
    form = answer_form(question, request.POST or None)
    if request.method == "POST" and form.is_valid() and (done := _answered(request, question, form)):
        return done
    return page_of(request, question, form)


def page_of(
    request: HttpRequest, question: Question, form: AnswerForm, colleague: ColleagueForm | None = None
) -> HttpResponse:
    """The page of one question, with what its forms hold."""
    assert isinstance(request.user, User), "login_required stands before this"
    context = _context(question, form) | {
        "colleague_form": colleague or ColleagueForm(question=question, by=request.user),
        "advice": list(question.advice.select_related("colleague", "asked_by")),
    }
    return render(request, "rfp/asking/question_detail.html", context)


def answer_form(question: Question, data: Any) -> AnswerForm:
    return AnswerForm(data, question=question, initial=_initial(question))


def _answered(request: HttpRequest, question: Question, form: AnswerForm) -> HttpResponse | None:
    """Where to go on when it was stored; None when it was refused, with the reason in the form."""
    assert isinstance(request.user, User), "login_required stands before this"
    draft, seen, now = form.draft(), form.cleaned_data["seen"], clock.wall_time()
    try:
        if "publish" not in request.POST:
            actions.save(question, draft, seen=seen, by=request.user, at=now)
            messages.success(request, "Draft saved.")
            return redirect("rfp:question_detail", question.pk)
        actions.publish(
            question,
            draft,
            seen=seen,
            names_are_fine=form.cleaned_data["names_are_fine"],
            by=request.user,
            at=now,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    told = "Published. The next daily email tells everyone."
    said = "Answered privately." if draft.is_private else told
    messages.success(request, said)
    return redirect("rfp:question_queue", question.solicitation.number)


def question_to_answer(request: HttpRequest, pk: int) -> Question:
    """Raises Http404 for everyone but admins."""
    rows = queries.questions_read_by(request.user).select_related(
        "solicitation",
        "supplier",
        "asked_by",
        "lot",
        "requirement",
        "addendum",
        "drafted_by",
        "answered_by",
        "duplicate_of",
    )
    return get_object_or_404(rows, pk=pk)


def _initial(question: Question) -> dict[str, Any]:
    return {
        "published_text": question.published_text,
        "answer": question.answer,
        "lot": question.lot_id,
        "requirement": question.requirement_id,
        "addendum": question.addendum_id,
        "is_private": "1" if question.is_private else "",
        "reason": question.reason,
        "seen": actions.version_of(question),
    }


def _context(question: Question, form: AnswerForm) -> dict[str, Any]:
    is_open = question.answered_at is None and question.duplicate_of_id is None
    in_work = question.solicitation.addenda.filter(published_at__isnull=True, discarded_at__isnull=True)
    following = queries.waiting(question.solicitation).filter(pk__gt=question.pk).first()
    return {
        "question": question,
        "solicitation": question.solicitation,
        "zone": question.solicitation.time_zone,
        "form": form,
        "is_open": is_open,
        "may_start_addendum": is_open and not question.solicitation.final_status and not in_work.exists(),
        "similar": list(queries.similar(question)[:5]) if is_open else [],
        "duplicates": list(question.duplicates.select_related("supplier")),
        "next_question": following,
    }


@login_required
@require_POST
def question_merge(request: HttpRequest, pk: int, into: int) -> HttpResponse:
    """Answer this one together with another."""
    question, other = question_to_answer(request, pk), question_to_answer(request, into)
    assert isinstance(request.user, User), "login_required stands before this"
    try:
        actions.merge(question, other, by=request.user, at=clock.wall_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("rfp:question_detail", question.pk)
    messages.success(request, "Merged. Both companies get the same answer and don’t learn about each other.")
    return redirect("rfp:question_detail", other.pk)


@login_required
@require_POST
def question_separate(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a merged question by itself again."""
    question = question_to_answer(request, pk)
    assert isinstance(request.user, User), "login_required stands before this"
    try:
        actions.separate(question, by=request.user, at=clock.wall_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("rfp:question_detail", question.pk)
