"""Screening lists: what is in use, what was loaded, and what activating a load would change."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.kit import asked, clock
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from portal.kit.requests import Request
from portal.models import User
from suppliers import lists
from suppliers.company import queries as company_queries
from suppliers.screening import desk, list_actions
from suppliers.screening import queries as screening_queries
from suppliers.screening.forms import ActivateForm, ListForm
from suppliers.screening.models import ListedParty, ListPreview, PreviewLine, ScreeningRun, Snapshot
from suppliers.screening.views.alerts import officer, reader

PAGE = 50
CHANGES_SHOWN = 100


@login_required
@require_GET
def list_index(request: HttpRequest) -> HttpResponse:
    """The active lists with their age, the loads of the past, and the screening that runs."""
    snapshots = screening_queries.snapshots_visible_to(reader(request))
    today = clock.wall_time().date()
    active = list(snapshots.filter(is_active=True).order_by("source"))
    context = {
        "active": [(each, (today - each.as_of).days, desk.list_title(each.source)) for each in active],
        "page": asked.page_of(request, snapshots.select_related("loaded_by"), PAGE),
        "run": ScreeningRun.objects.order_by("-pk").first(),
    }
    return render(request, "suppliers/screening/lists/list_index.html", context)


@login_required
def list_load(request: HttpRequest) -> HttpResponse:
    """Read the files into a snapshot; it is looked at before it is used."""
    user = officer(request)
    form = ListForm(request.POST or None, request.FILES or None)
    form.cancel = reverse("suppliers:list_index")
    if request.method == "POST" and form.is_valid():
        try:
            snapshot = list_actions.stage_list(
                lists.read_files(form.read(), source=form.named_source),
                as_of=form.cleaned_data["as_of"],
                by=user,
                at=clock.wall_time(),
            )
        except lists.ListError as error:
            form.add_error("list_files", str(error))
        except list_actions.LoadedAlready as known:
            messages.info(request, f"{known} This is that load.")
            return redirect("suppliers:list_detail", known.snapshot.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("suppliers:list_detail", snapshot.pk)
    return render(request, "suppliers/screening/lists/list_load.html", {"form": form})


@login_required
@require_GET
def list_detail(request: Request, pk: int) -> HttpResponse:
    """What one load holds, what sets it apart from the active one, and what using it would change."""
    user = reader(request)
    snapshot = get_object_or_404(screening_queries.snapshots_visible_to(user), pk=pk)
    return _detail(request, user, snapshot)


def _detail(
    request: Request, user: User, snapshot: Snapshot, form: ActivateForm | None = None
) -> HttpResponse:
    if request.htmx:
        return render(
            request, "suppliers/screening/lists/list_preview.html", _effects(request, user, snapshot)
        )
    active = screening_queries.active_twin(snapshot)
    before = screening_queries.replaced_by(snapshot) if snapshot.is_active else active
    context: dict[str, Any] = {
        **_effects(request, user, snapshot, form),
        "title": desk.list_title(snapshot.source),
        "active": active,
        "before": before,
        "changes": _changes(before, snapshot) if before else [],
        "losses": [
            (words, was, now, now - was) for words, was, now in screening_queries.losses(snapshot, before)
        ],
        "kinds": snapshot.parties.values("kind").annotate(count=Count("id")).order_by("-count", "kind"),
        "run": snapshot.runs.select_related("by").order_by("-pk").first(),
    }
    return render(request, "suppliers/screening/lists/list_detail.html", context)


def _effects(
    request: HttpRequest, user: User, snapshot: Snapshot, form: ActivateForm | None = None
) -> dict[str, Any]:
    """What using the list would change among our suppliers, as far as that is known, and the form that does it."""
    if snapshot.is_active:
        return {"snapshot": snapshot, "preview": None, "form": None}
    active = screening_queries.active_twin(snapshot)
    preview = screening_queries.latest_preview(snapshot)
    is_known = screening_queries.is_previewed(snapshot, active)
    may_use = (
        company_queries.is_officer(user)
        and is_known
        and not screening_queries.missing_files(snapshot, active)
    )
    if may_use and form is None:
        form = activate_form(snapshot, active)
    if form is not None:
        form.submit = "Go back to this list" if snapshot.activated_at else "Use this list"
    return {
        "snapshot": snapshot,
        "active": active,
        "preview": preview,
        "is_known": is_known,
        "waits": preview is not None and preview.finished_at is None,
        "missing": screening_queries.missing_files(snapshot, active),
        "doubts": screening_queries.doubts(snapshot, active),
        "form": form if may_use else None,
        "officer": company_queries.is_officer(user),
        **(_lines(request, preview) if preview is not None and is_known else {}),
    }


def _lines(request: HttpRequest, preview: ListPreview) -> dict[str, Any]:
    """How many changes of each kind, and a page of one kind of them."""
    counted = preview.lines.order_by("effect").values_list("effect").annotate(count=Count("id"))
    found: dict[str, int] = dict(counted)
    effects = [(each.value, each.label, found.get(each.value, 0)) for each in PreviewLine.Effect]
    effect = asked.text(request, "effect")
    first = next((code for code, _, count in effects if count), "")
    shown = effect if found.get(effect) else first
    lines = (
        preview.lines.filter(effect=shown).select_related("supplier").order_by("supplier__legal_name", "id")
    )
    return {
        "effects": effects,
        "shown": shown,
        "page": asked.page_of(request, lines, PAGE),
    }


def activate_form(snapshot: Snapshot, active: Snapshot | None, data: Any = None) -> ActivateForm:
    form = ActivateForm(data, active=active, doubts=screening_queries.doubts(snapshot, active))
    form.action = reverse("suppliers:list_activate", args=[snapshot.pk])
    return form


Changes = tuple[str, int, list[tuple[ListedParty, str]], int]


def _changes(before: Snapshot, snapshot: Snapshot) -> list[Changes]:
    """(word, how many, the first of them with what changed, how many more) for added, removed and changed."""
    found = screening_queries.difference(before, snapshot)
    rows: list[Changes] = []
    for word, each in (("Added", found.added), ("Removed", found.removed), ("Changed", found.changed)):
        count, shown = each.count(), list(each[:CHANGES_SHOWN])
        said = screening_queries.what_changed(before, shown) if word == "Changed" else {}
        lines = [(row, said.get(row.record_id, "")) for row in shown]
        rows.append((word, count, lines, max(count - CHANGES_SHOWN, 0)))
    return rows


@login_required
@require_POST
def list_activate(request: Request, pk: int) -> HttpResponse:
    """Screen against this load from now on; an older one is a rollback."""
    user = officer(request)
    snapshot = get_object_or_404(screening_queries.snapshots_visible_to(user), pk=pk)
    form = activate_form(snapshot, screening_queries.active_twin(snapshot), request.POST)
    if not form.is_valid():
        return _detail(request, user, snapshot, form)
    asked = form.cleaned_data
    try:
        list_actions.activate_list(
            snapshot,
            by=user,
            at=clock.wall_time(),
            confirmed=asked.get("confirmed", False),
            reason=asked.get("reason", ""),
            instead_of=asked["instead_of"],
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        parties = count_of(snapshot.parties_count, "record")
        messages.success(request, f"The list is active with {parties}. We are screening all suppliers again.")
    return redirect("suppliers:list_detail", pk)


@login_required
@require_POST
def list_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Work out, or work out again, what using this load would change."""
    user = officer(request)
    snapshot = get_object_or_404(screening_queries.snapshots_visible_to(user), pk=pk)
    try:
        list_actions.preview_list(snapshot, by=user, at=clock.wall_time())
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("suppliers:list_detail", pk)


@login_required
@require_GET
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the screening has come; asks again by itself until it is done."""
    reader(request)
    run = get_object_or_404(ScreeningRun, pk=pk)
    return render(request, "suppliers/screening/lists/run_progress.html", {"run": run})
