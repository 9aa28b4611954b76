"""Where a supplier stands: its qualifications, every finding it may read with what to do, the statements it signs."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.kit import clock
from portal.kit.compliance import Audience, Outcome
from portal.kit.refused import Refused
from suppliers.company import actions as company_actions
from suppliers.company import pages as company_pages
from suppliers.company import queries as company_queries
from suppliers.company.forms.team import StatementsForm
from suppliers.company.views import autosave
from suppliers.company.views.company import person
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification import pages as qualification_pages
from suppliers.qualification import queries as qualification_queries
from suppliers.qualification.forms.standing import BeginForm
from suppliers.qualification.models import Qualification


@login_required
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """Every standing of the company with what to do next, and the way to begin another."""
    user = person(request)
    supplier = get_object_or_404(company_queries.suppliers_of(user), pk=pk)
    may_change = company_queries.suppliers_changeable_by(user).filter(pk=pk).exists()
    form = BeginForm(request.POST or None, supplier=supplier) if may_change else None
    if request.method == "POST" and form is not None and form.is_valid():
        row = qualification_actions.begin_qualification(
            supplier, **form.cleaned_data, by=user, at=clock.wall_time()
        )
        messages.success(request, "Started. We are checking your profile.")
        return redirect("suppliers:standing", pk, row.pk)
    rows = qualification_queries.standings_of(user).filter(supplier=supplier)
    context = {
        "supplier": supplier,
        "form": form,
        "standings": qualification_pages.standings(rows, audience=Audience.SUPPLIER, sees_holds=False),
        "endings": qualification_pages.endings(supplier),
        "remind_words": qualification_pages.remind_words(),
        "here": "standing",
    }
    return render(request, "suppliers/qualification/standing/standing_list.html", context)


@login_required
def detail(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """One standing: what the rules found, what to do, what happened. A POST hands it in."""
    user = person(request)
    supplier = get_object_or_404(company_queries.suppliers_of(user), pk=pk)
    standing = get_object_or_404(qualification_queries.standings_of(user).filter(supplier=supplier), pk=row)
    if request.method == "POST":
        return _hand_in(request, standing)
    shown = qualification_pages.standing(standing, audience=Audience.SUPPLIER, sees_holds=False)
    context = {
        "supplier": supplier,
        "may_change": company_queries.suppliers_changeable_by(user).filter(pk=pk).exists(),
        "to_fix": sum(each.outcome == Outcome.NOT_MET.value for each in shown["findings"]),
        "may_ask": standing.status in ASKABLE and company_queries.may_attest(user, supplier),
        "waits_for_owner": standing.status in ASKABLE and not company_queries.may_attest(user, supplier),
        "missing": qualification_pages.gaps(supplier, qualification_actions.missing_sections(supplier))
        if standing.status in ASKABLE
        else [],
        "here": "standing",
        **shown,
    }
    return render(request, "suppliers/qualification/standing/standing_own.html", context)


ASKABLE = (
    Qualification.Status.IN_PROGRESS,
    Qualification.Status.NOT_QUALIFIED,
    Qualification.Status.EXPIRED,
)


def _hand_in(request: HttpRequest, standing: Qualification) -> HttpResponse:
    try:
        qualification_actions.ask_for_approval(standing, by=person(request), at=clock.wall_time())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Submitted for review. We’ll email you when there is a decision.")
    return redirect("suppliers:standing", standing.supplier_id, standing.pk)


@login_required
def statements(request: HttpRequest, pk: int) -> HttpResponse:
    """The statements in their present wording; an owner signs, the others read."""
    user = person(request)
    supplier = get_object_or_404(company_queries.suppliers_of(user), pk=pk)
    may_sign = company_queries.may_attest(user, supplier)
    form = StatementsForm(request.POST or None, supplier=supplier, initial={"signer": user.name})
    form.cancel = reverse("suppliers:company_overview", args=[pk])
    form.attrs = autosave.attributes(request, f"{pk}:statements", is_saved=False, is_there=False)
    if request.method == "POST" and may_sign and form.is_valid():
        company_actions.sign_attestations(
            supplier,
            form.answers(),
            signer=form.cleaned_data["signer"],
            title=form.cleaned_data["title"],
            by=user,
            at=clock.wall_time(),
        )
        messages.success(request, "Signed.")
        return redirect("suppliers:statements", pk)
    signed = company_pages.signatures(supplier)
    context = {
        "supplier": supplier,
        "form": form if may_sign else None,
        "signed": signed,
        "any_signed": any(each.row for each in signed),
        "all_signed": all(each.is_current for each in signed),
        "here": "statements",
    }
    return render(request, "suppliers/qualification/standing/statements.html", context)
