"""Certifications for officers to rule on. Admins and auditors only read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.fresh import fresh_sign_in
from portal.kit import asked, clock
from portal.kit.listing import Choice, Column, Empty, File, Listing, Option, Search
from portal.kit.refused import Refused
from portal.models import User
from rfp.controlled import actions, queries
from rfp.controlled.forms import RevokeForm, RuleForm
from rfp.controlled.models import ExportCertification, ExportRuling
from suppliers.company.queries import may_read_screening
from suppliers.qualification.blocks import live_blocks

DOWNLOADS_A_PAGE = 25


def _second(at: Any) -> str:
    return at.isoformat(timespec="seconds") if at else ""


CERTIFICATIONS = Listing(
    name="export certifications",
    title="Export-controlled documents",
    route="rfp:export_list",
    export="rfp:export_list_file",
    columns=(
        Column(
            "Company",
            key="company",
            sort="supplier__legal_name",
            files=(File("Company", lambda row: row.supplier.legal_name),),
        ),
        Column(
            "Document",
            key="document",
            sort="document__title",
            files=(
                File("RFP", lambda row: row.document.solicitation.number),
                File("Document", lambda row: row.document.title),
                File("Export control", lambda row: row.document.export_control),
            ),
        ),
        Column(
            "Signed",
            key="signed",
            sort="id",
            first="descending",
            files=(
                File("Signed by", lambda row: row.signed_name),
                File("Signed", lambda row: _second(row.at)),
            ),
        ),
        Column(
            "State",
            key="state",
            files=(
                File("State", lambda row: queries.STATE_WORDS[row.state][1]),
                File("Decided", lambda row: _second(row.ruled_at)),
                File("Reason", lambda row: row.ruled_why or ""),
            ),
        ),
    ),
    filters=(
        Search(
            "Company, RFP or document",
            (
                "supplier__legal_name__icontains",
                "document__title__icontains",
                "document__solicitation__number__icontains",
            ),
        ),
        Choice(
            "show",
            "Show",
            {
                "waiting": Option("Waiting", lambda _reader: Q(state=queries.WAITING)),
                "released": Option("Released", lambda _reader: Q(state=ExportRuling.Kind.RELEASED)),
                "ended": Option(
                    "Refused or revoked",
                    lambda _reader: Q(state__in=(ExportRuling.Kind.REFUSED, ExportRuling.Kind.REVOKED)),
                ),
                "all": Option("All"),
            },
            default="waiting",
        ),
    ),
    rows_template="rfp/controlled/certification_rows.html",
    nothing=Empty(
        "Nothing waits for you",
        "Companies that ask for an export-controlled document appear here.",
        "?show=all",
        "Show all",
    ),
    nothing_matches=Empty("No matches", "Change the search, or show all.", "?show=all", "Show all"),
    then=("-id",),
)


def _reader(request: HttpRequest) -> User:
    if not may_read_screening(request.user):
        raise Http404
    assert isinstance(request.user, User)
    return request.user


def _officer(request: HttpRequest) -> User:
    user = _reader(request)
    if not user.is_officer:
        raise Http404
    return user


@login_required
@require_GET
def export_list(request: HttpRequest) -> HttpResponse:
    """What waits first, the newest at the top."""
    rows = queries.certifications_visible_to(_reader(request))
    context = CERTIFICATIONS.page(request, rows)
    context["rows"] = [(row, *queries.STATE_WORDS[row.state]) for row in context["page"]]
    return render(request, "rfp/controlled/certification_list.html", context)


@login_required
@require_GET
def export_list_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What the list shows, as CSV or XLSX: every page of it."""
    return CERTIFICATIONS.file(request, queries.certifications_visible_to(_reader(request)), kind)


@login_required
@require_GET
def export_certification(request: HttpRequest, pk: int) -> HttpResponse:
    """What was signed, what speaks against the company now, what was ruled, and who took the file."""
    return _page(request, _certification(_reader(request), pk))


def _certification(user: User, pk: int) -> Any:
    return get_object_or_404(queries.certifications_visible_to(user), pk=pk)


def _page(request: HttpRequest, row: Any, **given: Any) -> HttpResponse:
    user = _reader(request)
    rules, revokes = given.get("rule_form"), given.get("revoke_form")
    if user.is_officer and row.state == queries.WAITING and rules is None:
        rules = RuleForm()
    if user.is_officer and row.state == ExportRuling.Kind.RELEASED and revokes is None:
        revokes = RevokeForm()
    if rules is not None:
        rules.action = reverse("rfp:export_rule", args=[row.pk])
    if revokes is not None:
        revokes.action = reverse("rfp:export_revoke", args=[row.pk])
    context = {
        "row": row,
        "state": queries.STATE_WORDS[row.state],
        "zone": row.document.solicitation.time_zone,
        "blocks": live_blocks([("", row.supplier_id)])[""],
        "rulings": queries.rulings_of(row),
        "page": asked.page_of(request, queries.downloads_of(row), DOWNLOADS_A_PAGE),
        "rule_form": rules,
        "revoke_form": revokes,
    }
    return render(request, "rfp/controlled/certification.html", context)


@login_required
@require_POST
@fresh_sign_in
def export_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Release the document to the company, or refuse."""
    user = _officer(request)
    row = _certification(user, pk)
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _page(request, row, rule_form=form)
    released = form.cleaned_data["ruling"] == "release"
    try:
        actions.rule(row, release=released, reason=form.cleaned_data["reason"], by=user, at=clock.wall_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        name = row.supplier.legal_name
        messages.success(
            request,
            f"Released. {name} gets an email." if released else f"Refused. {name} gets an email.",
        )
    return redirect("rfp:export_certification", pk)


@login_required
@require_POST
@fresh_sign_in
def export_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a release."""
    user = _officer(request)
    row: ExportCertification = _certification(user, pk)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        return _page(request, row, revoke_form=form)
    try:
        actions.revoke(row, reason=form.cleaned_data["reason"], by=user, at=clock.wall_time())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Revoked. {row.supplier.legal_name} gets an email.")
    return redirect("rfp:export_certification", pk)
