"""Screening for officers: the alerts to decide and the lists behind them. Admins and auditors only read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal import clock, tables
from portal.formats import count_of
from portal.models import User
from suppliers import actions, desk, queries
from suppliers.forms.screening import DecisionForm, ListForm
from suppliers.models import Alert, ListedParty, ScreeningRun, Snapshot
from suppliers.screening import lists
from suppliers.views.exporting import exported

PAGE = 50
CHANGES_SHOWN = 100
# What the queue can be narrowed to: the words for it, and the rows.
VIEWS: dict[str, tuple[str, Q | None]] = {
    "waiting": ("To decide", Q(is_current=True, state__in=Alert.UNDECIDED)),
    "second": ("Waits for a second officer", Q(is_current=True, state=Alert.State.CLEARING)),
    "escalated": ("Escalated", Q(is_current=True, state=Alert.State.ESCALATED)),
    "true": ("True matches", Q(is_current=True, state=Alert.State.TRUE_MATCH)),
    "decided": ("Decided", Q(is_current=True) & ~Q(state__in=Alert.UNDECIDED)),
    "past": ("No longer on a list", Q(is_current=False)),
    "all": ("All", None),
}
FILTERS = ("q", "show", "list", "sort")
SHOWN = (
    *("supplier__legal_name", "name", "role", "matched_name", "source", "record_id", "score", "band"),
    *("identifier", "priority", "reasons", "state", "is_current", "raised_at", "changed_at"),
)
SORTS = {
    "urgency": "priority",
    "name": "name",
    "listed": "matched_name",
    "likeness": "score",
    "state": "state",
    "raised": "raised_at",
}


def reader(request: HttpRequest) -> User:
    """Who may read screening; for anyone else these pages do not exist."""
    if not queries.may_read_screening(request.user):
        raise Http404
    assert isinstance(request.user, User)
    return request.user


def officer(request: HttpRequest) -> User:
    if not queries.is_officer(request.user):
        raise Http404
    assert isinstance(request.user, User)
    return request.user


def _queue(request: HttpRequest, user: User) -> tuple[dict[str, str], QuerySet[Alert]]:
    """What the address asks for, and the alerts that fit; the most pressing first unless it says otherwise."""
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in FILTERS}
    asked["show"] = asked["show"] if asked["show"] in VIEWS else "waiting"
    # Only the columns of the queue: the record's remarks are long, the supplier's employer number encrypted.
    alerts = queries.alerts_visible_to(user).select_related(None).select_related("supplier").only(*SHOWN)
    if narrowed := VIEWS[asked["show"]][1]:
        alerts = alerts.filter(narrowed)
    if words := asked["q"]:
        alerts = alerts.filter(
            Q(name__icontains=words)
            | Q(matched_name__icontains=words)
            | Q(supplier__legal_name__icontains=words)
            | Q(record_id__iexact=words)
        )
    if asked["list"]:
        alerts = alerts.filter(source=asked["list"])
    sort = asked["sort"]
    if column := SORTS.get(sort.lstrip("-")):
        alerts = alerts.order_by(F(column).desc() if sort.startswith("-") else F(column).asc(), "id")
    return asked, alerts


@login_required
@require_GET
def alert_list(request: HttpRequest) -> HttpResponse:
    """The queue, most pressing first."""
    asked, alerts = _queue(request, reader(request))
    page = Paginator(alerts, PAGE).get_page(request.GET.get("page"))
    counts = (
        Alert.objects.filter(is_current=True, state__in=Alert.UNDECIDED)
        .values("state")
        .annotate(count=Count("id"))
    )
    sources = Alert.objects.order_by("source").values_list("source", flat=True).distinct()
    context = {
        "page": page,
        "rows": [(each, desk.band_words(each), desk.urgency(each)) for each in page],
        "asked": asked,
        "counts": {row["state"]: row["count"] for row in counts},
        "views": {key: label for key, (label, _) in VIEWS.items()},
        "sources": [(source, desk.list_title(source)) for source in sources],
        "is_filtered": bool(asked["q"] or asked["list"] or asked["show"] != "waiting"),
    }
    return render(request, "suppliers/alert_list.html", context)


@login_required
@require_GET
def alert_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What the queue shows, as CSV or XLSX: every page of it, in its order."""
    _asked, alerts = _queue(request, reader(request))
    return exported(_table(alerts), kind, name="alerts", title="Alerts")


def _table(alerts: QuerySet[Alert]) -> Iterator[list[Any]]:
    yield [
        "Alert", "Screened name", "Role", "Supplier", "Listed name", "List", "Record", "Likeness", "Band",
        "Shared identifier", "Urgency", "State", "Raised", "Last changed",
    ]  # fmt: skip
    for each in alerts.iterator(chunk_size=tables.CHUNK):
        yield [
            each.pk,
            each.name,
            each.role.replace("_", " "),
            each.supplier.legal_name,
            each.matched_name,
            desk.list_title(each.source),
            each.record_id,
            each.score,
            desk.BANDS.get(each.band, each.band),
            each.identifier,
            each.priority,
            each.get_state_display() if each.is_current else "No longer listed",
            each.raised_at.isoformat(timespec="seconds"),
            each.changed_at.isoformat(timespec="seconds"),
        ]


@login_required
def alert_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Our name beside the listed record, what was said before, and the decision."""
    user = reader(request)
    alert = _alert(user, pk)
    if request.method == "POST" and not queries.is_officer(user):
        raise Http404
    form = None
    if queries.is_officer(user) and alert.is_current:
        form = DecisionForm(request.POST or None, alert=alert)
        form.cancel = _back_to_queue(request)
        if request.method == "POST" and form.is_valid():
            if _decided(request, alert, form, user):
                return redirect(_back_to_queue(request))
            # What was refused may be no longer what it was.
            alert = _alert(user, pk)
    context = {
        "alert": alert,
        "form": form if alert.is_current else None,
        "band": desk.band_words(alert),
        "beside": desk.beside(alert),
        "tokens": desk.tokens(alert),
        "history": desk.history(alert),
        "list_title": desk.list_title(alert.source),
        "list_basis": lists.source_of(alert.source).basis,
        "remarks": desk.hide_shared(alert, alert.party.remarks),
        "urgency": desk.urgency(alert),
        "following": _following(request, user, alert),
        "also": Alert.objects.filter(supplier=alert.supplier_id, is_current=True)
        .exclude(pk=alert.pk)
        .order_by("-priority", "id")[:20],
    }
    return render(request, "suppliers/alert_detail.html", context)


def _alert(user: User, pk: int) -> Alert:
    found = queries.alerts_visible_to(user).select_related("supplier", "party__snapshot")
    return get_object_or_404(
        found.prefetch_related("supplier__sites", "supplier__owners", "supplier__officers"), pk=pk
    )


def _back_to_queue(request: HttpRequest) -> str:
    """The queue as the officer left it: the address carries its filters along."""
    asked = request.GET.urlencode()
    return reverse("suppliers:alert_list") + (f"?{asked}" if asked else "")


def _following(request: HttpRequest, user: User, alert: Alert) -> int | None:
    """The alert after this one in the queue the officer came from; the first one after the last."""
    _asked, alerts = _queue(request, user)
    order = list(alerts.values_list("pk", flat=True)[:1000])
    place = order.index(alert.pk) + 1 if alert.pk in order else 0
    others = [pk for pk in order[place:] + order[:place] if pk != alert.pk]
    return others[0] if others else None


def _decided(request: HttpRequest, alert: Alert, form: DecisionForm, user: User) -> bool:
    """Whether the decision is stored; why not stands in the form, which keeps what was typed."""
    asked = form.cleaned_data
    try:
        decided = actions.decide_alert(
            alert,
            decision=asked["decision"],
            reason=asked["reason"],
            seen=asked["seen"] or None,
            by=user,
            at=clock.wall_time(),
        )
    except actions.Refused as refused:
        form.add_error(None, str(refused))
        form.look_again(Alert.objects.get(pk=alert.pk))
        return False
    words = {
        Alert.State.CLEARING: "Saved. A second officer must agree before the alert is cleared.",
        Alert.State.FALSE_POSITIVE: "Cleared as a false positive.",
        Alert.State.TRUE_MATCH: "Confirmed as a true match.",
        Alert.State.ESCALATED: "Escalated. The other officers are written to; the alert stays open.",
    }
    messages.success(request, words[Alert.State(decided.state)])
    return True


@login_required
@require_GET
def list_index(request: HttpRequest) -> HttpResponse:
    """The active lists with their age, the loads of the past, and the screening that runs."""
    snapshots = queries.snapshots_visible_to(reader(request))
    today = clock.wall_time().date()
    active = list(snapshots.filter(is_active=True).order_by("source"))
    context = {
        "active": [(each, (today - each.as_of).days, desk.list_title(each.source)) for each in active],
        "page": Paginator(snapshots.select_related("loaded_by"), PAGE).get_page(request.GET.get("page")),
        "run": ScreeningRun.objects.order_by("-pk").first(),
    }
    return render(request, "suppliers/list_index.html", context)


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
        except actions.LoadedAlready as known:
            messages.info(request, f"{known} This is that load.")
            return redirect("suppliers:list_detail", known.snapshot.pk)
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
    before = queries.replaced_by(snapshot) if snapshot.is_active else active
    context: dict[str, Any] = {
        "snapshot": snapshot,
        "title": desk.list_title(snapshot.source),
        "active": active,
        "before": before,
        "changes": _changes(before, snapshot) if before else [],
        "kinds": snapshot.parties.values("kind").annotate(count=Count("id")).order_by("-count", "kind"),
        "doubt": actions.doubt(snapshot, active),
        "run": snapshot.runs.order_by("-pk").first(),
        "officer": queries.is_officer(user),
    }
    return render(request, "suppliers/list_detail.html", context)


Changes = tuple[str, int, list[tuple[ListedParty, str]], int]


def _changes(before: Snapshot, snapshot: Snapshot) -> list[Changes]:
    """(word, how many, the first of them with what changed, how many more) for added, removed and changed."""
    found = queries.difference(before, snapshot)
    rows: list[Changes] = []
    for word, each in (("Added", found.added), ("Removed", found.removed), ("Changed", found.changed)):
        count, shown = each.count(), list(each[:CHANGES_SHOWN])
        said = queries.what_changed(before, shown) if word == "Changed" else {}
        lines = [(row, said.get(row.record_id, "")) for row in shown]
        rows.append((word, count, lines, max(count - CHANGES_SHOWN, 0)))
    return rows


@login_required
@require_POST
def list_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Screen against this load from now on; an older one is a rollback."""
    user = officer(request)
    snapshot = get_object_or_404(queries.snapshots_visible_to(user), pk=pk)
    compared = request.POST.get("instead_of", "")[:20]
    try:
        actions.activate_list(
            snapshot,
            by=user,
            at=clock.wall_time(),
            confirmed=request.POST.get("confirmed") == "yes",
            instead_of=int(compared) if compared.isascii() and compared.isdigit() else None,
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
