"""What officers set: waivers, the rules' parameters with a preview, and what suppliers are qualified for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.accounts.fresh import fresh_sign_in
from portal.kit import asked, clock
from portal.kit.formats import number
from portal.kit.parameters import settings_of
from portal.kit.refused import Refused
from portal.kit.requests import Request
from portal.models import User
from suppliers.company import queries
from suppliers.qualification import qualifying, rulebook_actions, waivers
from suppliers.qualification.forms.settings import SettingsForm
from suppliers.qualification.forms.standing import CATEGORY_FORMS, WaiverForm, WithdrawForm
from suppliers.qualification.models import Commodity, Region, RuleSettings, Waiver
from suppliers.qualification.qualifying import POLICY
from suppliers.rules import RULE_TITLES
from suppliers.screening.views.alerts import officer, reader

PAGE = 50


@login_required
@require_GET
def waiver_list(request: HttpRequest) -> HttpResponse:
    """Waivers with what they exempt from, for whom and until when."""
    user = reader(request)
    context = waivers.WAIVERS.page(request, waivers.shown())
    context["rows"] = [
        (row, RULE_TITLES.get(row.rule, row.rule), *waivers.state_of(row)) for row in context["page"]
    ]
    return render(
        request,
        "suppliers/qualification/rulebook/waiver_list.html",
        context | {"is_officer": queries.is_officer(user), "here": "waivers"},
    )


@login_required
@require_GET
def waiver_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What the list shows, as CSV or XLSX: every page of it."""
    reader(request)
    return waivers.WAIVERS.file(request, waivers.shown(), kind)


@login_required
@fresh_sign_in
def waiver_new(request: HttpRequest) -> HttpResponse:
    user = officer(request)
    known = asked.texts(request, "rule", "supplier")
    form = WaiverForm(request.POST or None, initial=known)
    form.cancel = reverse("suppliers:waiver_list")
    if request.method == "POST" and form.is_valid():
        try:
            rulebook_actions.waive(**form.cleaned_data, by=user, at=clock.wall_time())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Waiver granted.")
            return redirect("suppliers:waiver_list")
    context = {"form": form, "title": "Grant a waiver", "here": "waivers"}
    return render(request, "suppliers/qualification/rulebook/rulebook_form.html", context)


@login_required
def waiver_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """End a waiver before its day, with the reason."""
    user = officer(request)
    row = get_object_or_404(Waiver.objects.select_related("supplier", "commodity", "by"), pk=pk)
    form = WithdrawForm(request.POST or None)
    form.cancel = reverse("suppliers:waiver_list")
    if request.method == "POST" and form.is_valid():
        try:
            rulebook_actions.withdraw_waiver(
                row, reason=form.cleaned_data["reason"], by=user, at=clock.wall_time()
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Waiver withdrawn. We are re-checking the suppliers it covered.")
            return redirect("suppliers:waiver_list")
    context = {"form": form, "waiver": row, "title": RULE_TITLES.get(row.rule, row.rule), "here": "waivers"}
    return render(request, "suppliers/qualification/rulebook/waiver_withdraw.html", context)


@login_required
@require_GET
def settings_list(request: HttpRequest) -> HttpResponse:
    """Every version of the parameters, and what was in force when."""
    user = reader(request)
    # A version ends when a newer one comes into force.
    newer = RuleSettings.objects.filter(version__gt=OuterRef("version"), in_force_at__isnull=False)
    ended = Subquery(newer.order_by("in_force_at").values("in_force_at")[:1])
    rows = RuleSettings.objects.select_related("by").annotate(ended_at=ended)
    context = {
        "page": asked.page_of(request, rows, PAGE),
        "in_force": qualifying.settings_in_force(),
        "is_officer": queries.is_officer(user),
        "here": "settings",
    }
    return render(request, "suppliers/qualification/rulebook/settings_list.html", context)


@login_required
def settings_new(request: HttpRequest) -> HttpResponse:
    """Propose other parameters; nothing changes before the preview was seen."""
    user = officer(request)
    form = SettingsForm(request.POST or None, in_force=qualifying.settings_in_force())
    form.cancel = reverse("suppliers:settings_list")
    if request.method == "POST" and form.is_valid():
        try:
            row = rulebook_actions.propose_settings(
                form.params(), reason=form.cleaned_data["reason"], by=user, at=clock.wall_time()
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("suppliers:settings_detail", row.pk)
    return render(
        request, "suppliers/qualification/rulebook/settings_new.html", {"form": form, "here": "settings"}
    )


@login_required
def settings_detail(request: Request, pk: int) -> HttpResponse:
    """A version: what it sets, whose standing would change; a POST puts it in force, or has that worked out anew."""
    user = reader(request)
    row = get_object_or_404(RuleSettings.objects.select_related("by"), pk=pk)
    if request.method == "POST":
        _put_in_force(request, row, officer(request))
        return redirect("suppliers:settings_detail", pk)
    in_force = qualifying.settings_in_force()
    is_proposed = row.in_force_at is None
    context = {
        "settings_row": row,
        "changes": _changes(row, in_force if is_proposed else qualifying.read_settings({}, version=0)),
        "is_proposed": is_proposed,
        "is_in_force": row.version == in_force.version,
        "waits": is_proposed and row.previewed_at is None and not row.preview_problem,
        "is_stale": is_proposed and row.previewed_at is not None and row.preview_against != in_force.version,
        "is_late": is_proposed and row.version < in_force.version,
        "is_officer": queries.is_officer(user),
        "here": "settings",
    }
    part = "settings_preview" if request.htmx else "settings_detail"
    return render(request, f"suppliers/qualification/rulebook/{part}.html", context)


def _put_in_force(request: HttpRequest, row: RuleSettings, user: User) -> None:
    again = request.POST.get("act") == "again"
    try:
        (rulebook_actions.preview_again if again else rulebook_actions.put_in_force)(
            row, by=user, at=clock.wall_time()
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        if not again:
            messages.success(request, "In effect. We are re-checking all qualifications.")


def _changes(row: RuleSettings, other: qualifying.InForce) -> list[tuple[str, str, str, str]]:
    """(rule, setting, value of the other, value of this version) in words, where they differ."""
    mine = qualifying.read_settings(row.params, version=row.version)
    titles = {POLICY: "Term, renewal and approval", **RULE_TITLES}
    pairs = [(POLICY, other.policy, mine.policy)]
    pairs += [(code, other.params[code], params) for code, params in mine.params.items()]
    return [
        (
            titles[code],
            about.title,
            _in_words(getattr(before, name)),
            _in_words(getattr(after, name)),
        )
        for code, before, after in pairs
        for name, about in settings_of(after).items()
        if getattr(before, name) != getattr(after, name)
    ]


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal | int):
        return number(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)


@login_required
@require_GET
def category_list(request: HttpRequest) -> HttpResponse:
    """Commodities and regions: what a supplier is qualified for."""
    user = reader(request)
    context = {
        "commodities": Commodity.objects.all(),
        "regions": Region.objects.all(),
        "is_officer": queries.is_officer(user),
        "here": "categories",
    }
    return render(request, "suppliers/qualification/rulebook/category_list.html", context)


@login_required
def category_edit(request: HttpRequest, kind: str, pk: int | None = None) -> HttpResponse:
    user = officer(request)
    if kind not in CATEGORY_FORMS:
        raise Http404
    model, form_class, one = CATEGORY_FORMS[kind]
    instance = get_object_or_404(model._default_manager.all(), pk=pk) if pk else None
    form = form_class(request.POST or None, instance=instance)
    form.cancel = reverse("suppliers:category_list")
    if request.method == "POST" and form.is_valid():
        rulebook_actions.save_category(form.save, by=user, at=clock.wall_time())
        messages.success(request, f"{one.capitalize()} saved.")
        return redirect("suppliers:category_list")
    title = f"Change the {one}" if instance else f"New {one}"
    return render(
        request,
        "suppliers/qualification/rulebook/rulebook_form.html",
        {"form": form, "title": title, "here": "categories"},
    )
