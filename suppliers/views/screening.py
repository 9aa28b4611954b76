"""Screening for officers: the alerts to decide, the lists they come from. Auditors read the same pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal import clock
from portal.formats import count_of
from portal.models import User
from suppliers import actions, queries
from suppliers.facts import OWN_NAMES
from suppliers.forms.screening import DecisionForm, ListForm
from suppliers.models import Alert, ListedParty, ScreeningRun, Snapshot
from suppliers.screening import lists

PAGE = 50
CHANGES_SHOWN = 100
WAITING = (Alert.State.OPEN, Alert.State.CLEARING, Alert.State.ESCALATED)
VIEWS = {"waiting": "To decide", "decided": "Decided", "past": "No longer on a list", "all": "All"}


def reader(request: HttpRequest) -> User:
    """The officer or auditor who asks; nobody else knows that these pages exist."""
    if not queries.may_read_screening(request.user):
        raise Http404
    assert isinstance(request.user, User)
    return request.user


def officer(request: HttpRequest) -> User:
    if not queries.is_officer(request.user):
        raise Http404
    assert isinstance(request.user, User)
    return request.user


@login_required
@require_GET
def alert_list(request: HttpRequest) -> HttpResponse:
    """The queue, most pressing first."""
    alerts = queries.alerts_visible_to(reader(request))
    shown = request.GET.get("show", "waiting")
    if shown == "waiting":
        alerts = alerts.filter(is_current=True, state__in=WAITING)
    elif shown == "decided":
        alerts = alerts.filter(is_current=True).exclude(state__in=WAITING)
    elif shown == "past":
        alerts = alerts.filter(is_current=False)
    if words := request.GET.get("q", "").replace("\x00", "").strip()[:200]:
        alerts = alerts.filter(
            Q(name__icontains=words)
            | Q(matched_name__icontains=words)
            | Q(supplier__legal_name__icontains=words)
            | Q(record_id=words)
        )
    if source := request.GET.get("list", "").replace("\x00", ""):
        alerts = alerts.filter(source=source)
    page = Paginator(alerts, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "words": words,
        "shown": shown,
        "source": source,
        "views": VIEWS,
        "sources": Snapshot.objects.filter(is_active=True)
        .order_by("source")
        .values_list("source", flat=True),
    }
    return render(request, "suppliers/alert_list.html", context)


@login_required
def alert_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Our name beside the listed record, what was said before, and the decision."""
    user = reader(request)
    alert = get_object_or_404(queries.alerts_visible_to(user).select_related("party__snapshot"), pk=pk)
    decides = queries.is_officer(user) and alert.is_current
    if request.method == "POST" and not queries.is_officer(user):
        raise Http404
    form = DecisionForm(request.POST or None, alert=alert) if decides else None
    if form is not None:
        form.cancel = reverse("suppliers:alert_list")
        if request.method == "POST" and form.is_valid():
            return _decide(request, alert, form, user)
    context = {
        "alert": alert,
        "form": form,
        "own": alert.role in OWN_NAMES,
        "dispositions": alert.dispositions.select_related("by"),
        "also": Alert.objects.filter(supplier=alert.supplier_id, is_current=True)
        .exclude(pk=alert.pk)
        .order_by("-priority", "id")[:20],
    }
    return render(request, "suppliers/alert_detail.html", context)


def _decide(request: HttpRequest, alert: Alert, form: DecisionForm, user: User) -> HttpResponse:
    try:
        decided = actions.decide_alert(alert, by=user, at=clock.wall_time(), **form.cleaned_data)
    except actions.Refused as refused:
        messages.error(request, str(refused))
        return redirect("suppliers:alert_detail", alert.pk)
    words = {
        Alert.State.CLEARING: "Saved. A second officer must agree before the alert is cleared.",
        Alert.State.FALSE_POSITIVE: "Cleared as a false positive.",
        Alert.State.TRUE_MATCH: "Confirmed as a true match.",
        Alert.State.ESCALATED: "Escalated. The alert stays open.",
    }
    messages.success(request, words[Alert.State(decided.state)])
    return redirect("suppliers:alert_list")


@login_required
@require_GET
def list_index(request: HttpRequest) -> HttpResponse:
    """The active lists with their age, the loads of the past, and the screening that runs."""
    snapshots = queries.snapshots_visible_to(reader(request))
    today = clock.wall_time().date()
    active = list(snapshots.filter(is_active=True).order_by("source"))
    context = {
        "active": [(each, (today - each.as_of).days, title(each.source)) for each in active],
        "page": Paginator(snapshots.select_related("loaded_by"), PAGE).get_page(request.GET.get("page")),
        "run": ScreeningRun.objects.order_by("-pk").first(),
    }
    return render(request, "suppliers/list_index.html", context)


def title(source: str) -> str:
    """The list's full name, or the short one of a list of our own."""
    known = lists.SOURCES.get(source) if source != lists.CUSTOM else None
    return known.title if known else f"Own list “{source}”"


@login_required
def list_load(request: HttpRequest) -> HttpResponse:
    """Read the files into a snapshot; it is looked at before it is used."""
    user = officer(request)
    form = ListForm(request.POST or None, request.FILES or None)
    form.cancel = reverse("suppliers:list_index")
    if request.method == "POST" and form.is_valid():
        try:
            snapshot = actions.stage_list(
                lists.read_files(form.read(), source=form.named_source),
                as_of=form.cleaned_data["as_of"],
                by=user,
                at=clock.wall_time(),
            )
        except lists.ListError as error:
            form.add_error("list_files", str(error))
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("suppliers:list_detail", snapshot.pk)
    return render(request, "suppliers/list_load.html", {"form": form})


@login_required
@require_GET
def list_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What one load holds and what sets it apart from the active one."""
    user = reader(request)
    snapshot = get_object_or_404(queries.snapshots_visible_to(user), pk=pk)
    active = queries.active_twin(snapshot)
    context: dict[str, Any] = {
        "snapshot": snapshot,
        "title": title(snapshot.source),
        "active": active,
        "changes": _changes(active, snapshot) if active else [],
        "kinds": snapshot.parties.values("kind").annotate(count=Count("id")).order_by("-count"),
        "doubt": actions.doubt(snapshot, active),
        "run": snapshot.runs.order_by("-pk").first(),
        "officer": queries.is_officer(user),
    }
    return render(request, "suppliers/list_detail.html", context)


def _changes(active: Snapshot, snapshot: Snapshot) -> list[tuple[str, int, list[ListedParty], int]]:
    """(word, how many, the first of them, how many more) for what was added, removed and changed."""
    found = queries.difference(active, snapshot)
    rows = []
    for word, each in (("Added", found.added), ("Removed", found.removed), ("Changed", found.changed)):
        count = each.count()
        rows.append((word, count, list(each[:CHANGES_SHOWN]), max(count - CHANGES_SHOWN, 0)))
    return rows


@login_required
@require_POST
def list_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Screen against this load from now on; an older one is a rollback."""
    user = officer(request)
    snapshot = get_object_or_404(queries.snapshots_visible_to(user), pk=pk)
    try:
        actions.activate_list(
            snapshot, by=user, at=clock.wall_time(), confirmed=request.POST.get("confirmed") == "yes"
        )
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        parties = count_of(snapshot.parties_count, "record")
        messages.success(request, f"The list is active with {parties}. Everybody is screened again now.")
    return redirect("suppliers:list_detail", pk)


@login_required
@require_GET
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the screening has come; asks again by itself until it is done."""
    reader(request)
    run = get_object_or_404(ScreeningRun, pk=pk)
    return render(request, "suppliers/run_progress.html", {"run": run})
