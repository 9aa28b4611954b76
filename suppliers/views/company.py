"""A company's own profile: overview, registration, identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal import clock
from portal.files import hand_out
from portal.models import User
from suppliers import actions, ownership_chart, profiles, queries
from suppliers.forms.company import CompanyForm
from suppliers.forms.parts import KINDS, FileForm, Kind
from suppliers.models import Supplier
from suppliers.reference.industries import industries_like
from suppliers.rules.ownership import graph_of
from suppliers.views import autosave


@dataclass(frozen=True)
class Part:
    """One section of the overview: its kind, its rows with words for them."""

    kind: Kind
    rows: list[dict[str, Any]]

    @property
    def is_there(self) -> bool:
        return bool(self.rows)


def person(request: HttpRequest) -> User:
    """The signed-in supplier; staff have no company pages."""
    user = request.user
    if not isinstance(user, User) or not user.is_supplier:
        raise Http404
    return user


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The user's company, the choice between several, or the way to register one."""
    companies = list(queries.suppliers_of(person(request)).order_by("legal_name"))
    if len(companies) == 1:
        return overview(request, companies[0].pk)
    return render(request, "suppliers/company_list.html", {"companies": companies})


@login_required
def register(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if queries.suppliers_of(user).exists():
        return redirect("suppliers:company")
    form = CompanyForm(request.POST or None)
    form.submit = "Register the company"
    form.cancel = reverse("suppliers:company")
    if request.method == "POST" and form.is_valid():
        supplier = actions.register_supplier(form.save(commit=False), by=user, at=clock.wall_time())
        _say_notes(request, form)
        messages.success(request, f"{supplier.legal_name} is registered. Add a site next.")
        return redirect("suppliers:company")
    return render(request, "suppliers/company_register.html", {"form": form})


@login_required
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    supplier = get_object_or_404(queries.suppliers_of(person(request)), pk=pk)
    parts = [_part(supplier, kind) for kind in KINDS.values()]
    identity = _identity(supplier)
    done = [all(value for _, value in identity), *(part.is_there for part in parts)]
    context = {
        "supplier": supplier,
        "parts": parts,
        "identity": identity,
        "identity_done": sum(bool(value) for _, value in identity),
        "done": sum(done),
        "total": len(done),
        "ownership": ownership_chart.draw(graph_of(profiles.supplier_facts(supplier))),
        "may_change": queries.suppliers_changeable_by(person(request)).filter(pk=pk).exists(),
    }
    return render(request, "suppliers/company_detail.html", context)


def _part(supplier: Supplier, kind: Kind) -> Part:
    rows = kind.model._default_manager.filter(supplier=supplier)
    return Part(
        kind,
        [
            {
                "pk": row.pk,
                "title": kind.describe(row)[0],
                "detail": kind.describe(row)[1],
                "document": getattr(row, "document_id", None),
            }
            for row in rows
        ],
    )


def _identity(supplier: Supplier) -> list[tuple[str, str]]:
    """What every company can give; the other codes are optional."""
    return [
        ("Legal name", supplier.legal_name),
        ("What you make", supplier.description),
        ("Industry codes", ", ".join(supplier.naics)),
        ("UEI", supplier.uei),
    ]


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    supplier = get_object_or_404(queries.suppliers_changeable_by(user), pk=pk)
    data = autosave.sent(request, CompanyForm(instance=supplier))
    form = CompanyForm(data, instance=supplier)
    form.cancel = reverse("suppliers:company_overview", args=[pk])
    form.attrs = autosave.attributes(request, f"{pk}:identity", is_saved=True)
    if autosave.asked(request):
        return autosave.answer(request, supplier, form, part="identity", by=user)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(supplier, form.save, part="identity", by=user, at=clock.wall_time())
        _say_notes(request, form)
        messages.success(request, "The company is saved.")
        return redirect("suppliers:company_overview", pk=pk)
    form.attrs |= autosave.carried(form)
    # A refused name must not stand in the head of the page.
    name = queries.suppliers_of(user).get(pk=pk).legal_name
    return render(request, "suppliers/company_edit.html", {"form": form, "supplier": supplier, "name": name})


@login_required
@require_GET
def industries(request: HttpRequest) -> HttpResponse:
    """Industry codes that fit the words: a part of the identity form's page."""
    person(request)
    words = request.GET.get("industry", "").replace("\x00", "")[:80]
    return render(request, "suppliers/industries.html", {"words": words, "found": industries_like(words)})


@login_required
def part_file(request: HttpRequest, pk: int, kind: str, row: int) -> FileResponse:
    """The paper behind a certificate or a policy: for the company, and for the buyer's people."""
    user = request.user
    visible = queries.suppliers_visible_to(user) if queries.is_buyer(user) else queries.suppliers_of(user)
    supplier = get_object_or_404(visible, pk=pk)
    if kind not in KINDS or not issubclass(KINDS[kind].form, FileForm):
        raise Http404
    rows = KINDS[kind].model._default_manager.filter(supplier=supplier, document__isnull=False)
    found: Any = get_object_or_404(rows.select_related("document"), pk=row)
    return hand_out(found.document)


def _say_notes(request: HttpRequest, form: CompanyForm) -> None:
    for note in form.notes:
        messages.warning(request, note)
