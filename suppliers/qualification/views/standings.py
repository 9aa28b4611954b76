"""One standing for the buyer: what the rules found, what people said, what officers decide."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.accounts.fresh import fresh_sign_in
from portal.kit import clock
from portal.kit.compliance import Outcome
from portal.kit.refused import Refused
from portal.models import User
from suppliers.company import queries as company_queries
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import pages
from suppliers.qualification import queries as qualification_queries
from suppliers.qualification.forms.standing import ActForm, OverrideForm
from suppliers.qualification.models import Qualification, QualificationFinding
from suppliers.qualification.views.directory import buyer
from suppliers.screening import queries as screening_queries
from suppliers.screening.models import Alert
from suppliers.screening.views.alerts import officer


@login_required
@fresh_sign_in
def standing_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The standing with its findings and history; for officers the decision."""
    user = buyer(request)
    row = get_object_or_404(qualification_queries.standings_visible_to(user), pk=pk)
    form = _form(request, row, user)
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and _acted(request, row, form, user):
            return redirect("suppliers:standing_detail", pk)
        # What was refused may be no longer what it was.
        row = qualification_queries.standings_visible_to(user).get(pk=pk)
    shown = pages.standing(
        row,
        audience=qualification_queries.reader_standing(user),
        sees_holds=qualification_queries.sees_holds(user),
    )
    waiting = screening_queries.alerts_visible_to(user).filter(
        supplier=row.supplier_id, is_current=True, state__in=Alert.UNDECIDED
    )
    undecided = list(waiting[:20]) if form else []
    decidable = [each for each in shown["findings"] if each.may_decide]
    context = {
        "form": form,
        "undecided": undecided,
        "to_decide": decidable if form else (),
        "here": "suppliers",
        **shown,
    }
    return render(request, "suppliers/qualification/standing/standing_detail.html", context)


def _form(request: HttpRequest, row: Qualification, user: User) -> ActForm | None:
    if not company_queries.is_officer(user):
        return None
    form = ActForm(request.POST or None, row=row)
    form.cancel = reverse("suppliers:supplier_detail", args=[row.supplier_id])
    return form if form.offers else None


def _acted(request: HttpRequest, row: Qualification, form: ActForm, user: User) -> bool:
    asked = form.cleaned_data
    try:
        qualification_actions.act_on_standing(
            row,
            asked["act"],
            reason=asked["reason"],
            told=asked["told"],
            until=asked.get("until"),
            seen=asked["seen"] or None,
            by=user,
            at=clock.wall_time(),
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        form.look_again(Qualification.objects.get(pk=row.pk))
        return False
    messages.success(request, qualification_actions.ACTS[asked["act"]].done)
    return True


@login_required
@fresh_sign_in
def standing_finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: set aside or confirmed, by name and with a reason."""
    user = officer(request)
    found = QualificationFinding.objects.select_related(
        "assessment__qualification__supplier", "assessment__qualification__commodity"
    )
    row = get_object_or_404(found.filter(outcome__in=(Outcome.NOT_MET.value, Outcome.REFER.value)), pk=pk)
    standing = row.assessment.qualification
    form = OverrideForm(request.POST or None) if pages.may_be_set_aside(row.rule) else None
    if form is not None:
        form.cancel = reverse("suppliers:standing_detail", args=[standing.pk])
    if request.method == "POST" and form is None:
        raise Http404
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            qualification_actions.override_finding(
                row,
                outcome=Outcome(form.cleaned_data["outcome"]),
                reason=form.cleaned_data["reason"],
                by=user,
                at=clock.wall_time(),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Saved with your name.")
            return redirect("suppliers:standing_detail", standing.pk)
    words = row.overrides.select_related("by")
    context = {"finding": row, "standing": standing, "form": form, "words": words, "here": "suppliers"}
    return render(request, "suppliers/qualification/standing/standing_finding.html", context)
