"""Questions and answers of an RFP, as everyone reads them; suppliers ask here, and see what they asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.kit import asked, clock, tables
from portal.kit.refused import Refused
from portal.models import User
from rfp.asking import actions, queries
from rfp.asking.forms import AskForm
from rfp.asking.models import Question
from rfp.publishing.models import Solicitation
from rfp.publishing.queries import published_visible_to
from suppliers.company.queries import suppliers_changeable_by

PER_PAGE = 50
HEADS = ["Number", "Published", "Lot", "Requirement", "Changed by", "Question", "Answer"]


def visible(request: HttpRequest, number: str) -> Solicitation:
    """Raises Http404. An RFP that is being prepared takes no questions."""
    return get_object_or_404(published_visible_to(request.user), number=number)


@require_GET
def question_list(request: HttpRequest, number: str) -> HttpResponse:
    """Published answers, searched and narrowed to a lot by the address; below them, asking."""
    solicitation = visible(request, number)
    return _page(request, solicitation, _form(request, solicitation))


@login_required
@require_POST
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """A private question; what is wrong stands beside its field, with nothing lost."""
    solicitation = visible(request, number)
    form = _form(request, solicitation, request.POST)
    if form is None:
        raise Http404
    assert isinstance(request.user, User), "login_required stands before this"
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions.ask(
                solicitation,
                said["supplier"],
                text=said["text"].strip(),
                lot=said["lot"],
                requirement=said["requirement"],
                by=request.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Question sent. Only the admins who answer see that you asked.")
            return redirect("rfp:question_list", number)
    return _page(request, solicitation, form)


@require_GET
def question_export(request: HttpRequest, number: str, kind: str) -> HttpResponseBase:
    """The same answers as a file. It says nothing of who asked."""
    solicitation = visible(request, number)
    rows = _found(request, solicitation)
    return tables.exported(
        _table(rows, solicitation), kind, name=f"questions-{number}", title="Questions and answers"
    )


def _table(rows: QuerySet[Question], solicitation: Solicitation) -> Iterator[list[Any]]:
    yield HEADS
    for row in rows.iterator(chunk_size=tables.CHUNK):
        yield [
            row.number,
            row.answered_at.astimezone(solicitation.zone).date().isoformat() if row.answered_at else "",
            row.lot.code if row.lot else "All lots",
            row.requirement.code if row.requirement else "",
            str(row.addendum) if row.addendum else "",
            row.published_text,
            row.answer,
        ]


def _found(request: HttpRequest, solicitation: Solicitation) -> QuerySet[Question]:
    rows = queries.answers(solicitation)
    if words := asked.text(request, "q"):
        rows = rows.filter(Q(published_text__icontains=words) | Q(answer__icontains=words))
    if lot := asked.text(request, "lot"):
        rows = rows.filter(Q(lot__code=lot) | Q(lot__isnull=True))
    return rows


def _form(request: HttpRequest, solicitation: Solicitation, data: Any = None) -> AskForm | None:
    """Nothing for who may not ask for a company, and once questions are closed."""
    companies = suppliers_changeable_by(request.user).order_by("legal_name")
    if not companies.exists() or not (data or queries.is_askable(solicitation, now=clock.wall_time())):
        return None
    return AskForm(data, solicitation=solicitation, suppliers=companies)


def _page(request: HttpRequest, solicitation: Solicitation, form: AskForm | None) -> HttpResponse:
    now, lots = clock.wall_time(), list(solicitation.lots.all())
    context = {
        "solicitation": solicitation,
        "zone": solicitation.time_zone,
        "page": asked.page_of(request, _found(request, solicitation), PER_PAGE),
        "asked": asked.texts(request, "q", "lot"),
        "lots": [(lot.code, f"{lot.code} {lot.title}") for lot in lots],
        "form": form,
        "mine": list(queries.own_questions(request.user, solicitation)[:PER_PAGE]),
        "until": queries.closes_at(solicitation),
        "is_open": queries.is_askable(solicitation, now=now),
        "may_answer": isinstance(request.user, User) and request.user.is_admin,
    }
    return render(request, "rfp/asking/question_list.html", context)
