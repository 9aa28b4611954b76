"""A company's own profile: overview, registration, identity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.files.storing import hand_out
from portal.kit import clock
from portal.kit.requests import Request
from portal.models import User
from suppliers.company import actions, ownership_chart, pages, profiles, queries
from suppliers.company.forms.identity import CompanyForm, RegisterForm
from suppliers.company.forms.kinds import KINDS, Kind
from suppliers.company.forms.part import FileForm
from suppliers.company.models import Supplier
from suppliers.company.profile_models import Owner
from suppliers.company.views import autosave
from suppliers.ownership import graph_of
from suppliers.reference.industries import industries_like, industry_title


@dataclass(frozen=True)
class Part:
    """One section of the overview: its kind, its rows with words for them, and how far it has come.

    `some` is blank when nothing or all is there; then `done` of `of` says how much is.
    """

    kind: Kind
    rows: list[dict[str, Any]]
    some: str = ""
    done: int = 0
    of: int = 0

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
    return render(request, "suppliers/company/company_list.html", {"companies": companies})


@login_required
def register(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if queries.suppliers_of(user).exists():
        return redirect("suppliers:company")
    form = RegisterForm(request.POST or None)
    form.attrs = autosave.attributes(request, "register", is_saved=False, is_there=False)
    form.cancel = reverse("suppliers:company")
    if request.method == "POST" and form.is_valid():
        supplier = actions.register_supplier(form.save(commit=False), by=user, at=clock.wall_time())
        _say_notes(request, form)
        messages.success(
            request, f"{supplier.legal_name} is registered. Fill in the sections below at your own pace."
        )
        return redirect("suppliers:company")
    return render(request, "suppliers/company/registering/company_register.html", {"form": form})


@login_required
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    supplier = get_object_or_404(queries.suppliers_of(person(request)), pk=pk)
    parts = [_part(supplier, kind) for kind in KINDS.values()]
    identity = _identity(supplier)
    gaps = _gaps(supplier, identity, parts)
    context = {
        "supplier": supplier,
        "parts": parts,
        "identity": identity,
        "identity_done": sum(bool(value) for _, value in identity),
        "gaps": gaps,
        "total": len(parts) + 2,
        "done": len(parts) + 2 - len(gaps),
        "says_standing": supplier.qualifications.exists(),
        "ownership": ownership_chart.draw(graph_of(profiles.supplier_facts(supplier))),
        "may_change": queries.suppliers_changeable_by(person(request)).filter(pk=pk).exists(),
    }
    return render(request, "suppliers/company/company_detail.html", context)


def _gaps(supplier: Supplier, identity: list[tuple[str, str]], parts: list[Part]) -> list[pages.Gap]:
    """The empty sections in the order of the page, with the statements at the end."""
    gaps = []
    if not all(value for _, value in identity):
        gaps.append(pages.Gap("Identity", reverse("suppliers:company_edit", args=[supplier.pk])))
    gaps += [
        pages.Gap(part.kind.many, reverse("suppliers:part_add", args=[supplier.pk, part.kind.slug]))
        for part in parts
        if not part.is_there
    ]
    if not all(each.is_current for each in pages.signatures(supplier)):
        gaps.append(pages.Gap("Statements", reverse("suppliers:statements", args=[supplier.pk])))
    return gaps


def _part(supplier: Supplier, kind: Kind) -> Part:
    found = list(kind.model._default_manager.filter(supplier=supplier))
    rows = [
        {
            "pk": row.pk,
            "title": kind.describe(row)[0],
            "detail": kind.describe(row)[1],
            "document": getattr(row, "document_id", None),
        }
        for row in found
    ]
    if 0 < len(rows) < kind.years:
        return Part(kind, rows, f"{len(rows)} of {kind.years} years", len(rows), kind.years)
    if kind.model is Owner and found and (told := _equity_told(found)) is not None:
        return Part(kind, rows, f"{told.normalize():f}% of equity disclosed", min(int(told), 99), 100)
    return Part(kind, rows)


def _equity_told(owners: Iterable[Any]) -> Decimal | None:
    """The percent of the company's own shares whose holders are told; None when it is all of them."""
    told = sum((each.pct_equity or Decimal(0) for each in owners if each.owns_id is None), Decimal(0))
    return None if told == 100 else told


def _identity(supplier: Supplier) -> list[tuple[str, str]]:
    """What every company can give; the other codes are optional."""
    return [
        ("Legal name", supplier.legal_name),
        ("What you make", supplier.description),
        (
            "Industry codes",
            "; ".join(f"{code} {industry_title(code) or ''}".strip() for code in supplier.naics),
        ),
        ("UEI", supplier.uei),
    ]


@login_required
def edit(request: Request, pk: int) -> HttpResponse:
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
        messages.success(request, "Company saved.")
        return redirect("suppliers:company_overview", pk=pk)
    form.attrs |= autosave.carried(form)
    # A refused name must not stand in the head of the page.
    name = queries.suppliers_of(user).get(pk=pk).legal_name
    return render(
        request, "suppliers/company/company_edit.html", {"form": form, "supplier": supplier, "name": name}
    )


@login_required
@require_GET
def industries(request: HttpRequest) -> HttpResponse:
    """Industry codes that fit the words: a part of the identity form's page."""
    person(request)
    words = request.GET.get("industry", "").replace("\x00", "")[:80]
    return render(
        request,
        "suppliers/company/registering/industries.html",
        {"words": words, "found": industries_like(words)},
    )


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
    return hand_out(found.document, request)


def _say_notes(request: HttpRequest, form: CompanyForm) -> None:
    for note in form.notes:
        messages.warning(request, note)
