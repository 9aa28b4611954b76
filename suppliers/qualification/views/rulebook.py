"""What officers set: waivers, the rules' parameters with a preview, and what suppliers are qualified for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.accounts.fresh import fresh_sign_in
from portal.kit import asked, clock, tables
from portal.kit.formats import number
from portal.kit.parameters import settings_of
from portal.kit.refused import Refused
from portal.kit.requests import Request
from portal.kit.tables import exported
from portal.models import User
from suppliers.company import queries
from suppliers.qualification import qualifying, rulebook_actions
from suppliers.qualification.forms.settings import SettingsForm
from suppliers.qualification.forms.standing import CATEGORY_FORMS, WaiverForm, WithdrawForm
from suppliers.qualification.models import Commodity, Region, RuleSettings, Waiver
from suppliers.qualification.qualifying import POLICY
from suppliers.rules import QUALIFICATION, RULE_TITLES
from suppliers.screening.views.alerts import officer, reader

PAGE = 50


# Which waivers a list shows, and the words for it.
SHOWN = {"now": "In effect", "ended": "Ended or withdrawn", "all": "All"}
SORTS = {"rule": "rule", "supplier": "supplier__legal_name", "until": "until", "given": "id"}


def _waivers(request: HttpRequest) -> tuple[dict[str, str], QuerySet[Waiver]]:
    """What the address asks for, and the waivers that fit; the newest first unless it says otherwise."""
    values = asked.texts(request, "q", "rule", "sort")
    values["show"] = asked.one_of(request, "show", SHOWN, "now")
    holds = Q(withdrawn_at=None, until__gte=clock.wall_time().date())
    rows = Waiver.objects.select_related("supplier", "commodity", "by", "withdrawn_by")
    if values["show"] != "all":
        rows = rows.filter(holds if values["show"] == "now" else ~holds)
    if values["rule"]:
        rows = rows.filter(rule=values["rule"])
    if words := values["q"]:
        rows = rows.filter(Q(supplier__legal_name__icontains=words) | Q(reason__icontains=words))
    return values, asked.ordered(rows, values["sort"], SORTS, "-id")


def _state(row: Waiver, today: date) -> tuple[str, str]:
    """The shape and the word for a waiver."""
    if row.withdrawn_at is not None:
        return "na", "Withdrawn"
    return ("met", "In effect") if row.until >= today else ("na", "Ended")


@login_required
@require_GET
def waiver_list(request: HttpRequest) -> HttpResponse:
    """Waivers with what they exempt from, for whom and until when."""
    user = reader(request)
    values, rows = _waivers(request)
    page = asked.page_of(request, rows, PAGE)
    today = clock.wall_time().date()
    context = {
        "page": page,
        "rows": [(row, RULE_TITLES.get(row.rule, row.rule), *_state(row, today)) for row in page],
        "asked": values,
        "shown": SHOWN,
        "rules": [
            (code, title) for code, title in RULE_TITLES.items() if code not in QUALIFICATION.never_waived
        ],
        "is_filtered": bool(values["q"] or values["rule"] or values["show"] != "now"),
        "is_officer": queries.is_officer(user),
        "here": "waivers",
    }
    return render(request, "suppliers/qualification/rulebook/waiver_list.html", context)


@login_required
@require_GET
def waiver_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What the list shows, as CSV or XLSX: every page of it."""
    reader(request)
    _asked, rows = _waivers(request)
    return exported(_waiver_table(rows), kind, name="waivers", title="Waivers")


def _waiver_table(rows: QuerySet[Waiver]) -> Iterator[list[Any]]:
    today = clock.wall_time().date()
    yield [
        "Rule", "Title", "Supplier", "Commodity", "Last day", "State", "Reason", "Granted by", "Granted",
        "Withdrawn by", "Withdrawn", "Reason withdrawn",
    ]  # fmt: skip
    for row in rows.iterator(chunk_size=tables.CHUNK):
        yield [
            row.rule,
            RULE_TITLES.get(row.rule, ""),
            row.supplier.legal_name if row.supplier else "All suppliers",
            row.commodity.title if row.commodity else "Everything",
            row.until.isoformat(),
            _state(row, today)[1],
            row.reason,
            str(row.by),
            row.at.isoformat(timespec="seconds"),
            str(row.withdrawn_by) if row.withdrawn_by else "",
            row.withdrawn_at.isoformat(timespec="seconds") if row.withdrawn_at else "",
            row.withdrawn_why,
        ]


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
