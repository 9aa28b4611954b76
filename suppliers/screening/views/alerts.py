"""Alerts for officers to decide. Admins and auditors only read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import pairs
from portal.accounts.fresh import fresh_sign_in
from portal.kit import asked, clock, tables
from portal.kit.asked import IdPages
from portal.kit.refused import Refused
from portal.kit.tables import exported
from portal.models import User
from suppliers import lists
from suppliers.company import queries as company_queries
from suppliers.screening import alert_actions, desk
from suppliers.screening import queries as screening_queries
from suppliers.screening.forms import AssignForm, DecisionForm
from suppliers.screening.models import Alert, Disposition, Snapshot

PAGE = 50
# What the queue can be narrowed to: the words for it, and the rows.
# A confirmed match counts whether or not the lists in use still hold it.
COUNTS = Q(is_current=True) | Q(state__in=Alert.CONFIRMED)
WAITS = Q(is_current=True, state__in=Alert.UNDECIDED) | Q(state=Alert.State.ENDING)
VIEWS: dict[str, tuple[str, Q | None]] = {
    "waiting": ("To decide", WAITS),
    "second": (
        "Needs a second officer",
        Q(is_current=True, state=Alert.State.CLEARING) | Q(state=Alert.State.ENDING),
    ),
    "escalated": ("Escalated", Q(is_current=True, state=Alert.State.ESCALATED)),
    "true": ("Confirmed matches", Q(state__in=Alert.CONFIRMED)),
    "decided": ("Decided", COUNTS & ~WAITS),
    "past": ("No longer on a list", ~COUNTS),
    "all": ("All", None),
}
# Whose alerts: everybody's, one's own, nobody's.
OWNERS = {"me": "Mine", "none": "No owner"}
FILTERS = ("q", "show", "list", "owner", "sort")
SHOWN = (
    *("supplier__legal_name", "name", "role", "matched_name", "source", "record_id", "score", "band"),
    *("identifier", "priority", "reasons", "state", "is_current", "raised_at", "changed_at", "due_on"),
    *("owner__name", "owner__email", "proposals"),
)
SORTS = {
    "urgency": "priority",
    "name": "name",
    "listed": "matched_name",
    "likeness": "score",
    "state": "state",
    "raised": "raised_at",
    "due": "due_on",
}


def reader(request: HttpRequest) -> User:
    """Who may read screening; for anyone else these pages do not exist."""
    if not company_queries.may_read_screening(request.user):
        raise Http404
    assert isinstance(request.user, User)
    return request.user


def officer(request: HttpRequest) -> User:
    if not company_queries.is_officer(request.user):
        raise Http404
    assert isinstance(request.user, User)
    return request.user


def _queue(request: HttpRequest, user: User) -> tuple[dict[str, str], QuerySet[Alert]]:
    """What the address asks for, and the alerts that fit; the most pressing first unless it says otherwise."""
    values = asked.texts(request, *FILTERS)
    values["show"] = asked.one_of(request, "show", VIEWS, "waiting")
    # Only the columns of the queue: the record's remarks are long, the supplier's employer number encrypted.
    alerts = _shown(screening_queries.alerts_visible_to(user))
    if narrowed := VIEWS[values["show"]][1]:
        alerts = alerts.filter(narrowed)
    if words := values["q"]:
        alerts = alerts.filter(
            Q(name__icontains=words)
            | Q(matched_name__icontains=words)
            | Q(supplier__legal_name__icontains=words)
            | Q(record_id__iexact=words)
        )
    if values["list"]:
        alerts = alerts.filter(source=values["list"])
    if values["owner"] in OWNERS:
        alerts = alerts.filter(owner=user if values["owner"] == "me" else None)
    return values, asked.ordered(alerts, values["sort"], SORTS, "id")


def _shown(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """With the columns of the queue."""
    return alerts.select_related(None).select_related("supplier", "owner").only(*SHOWN)


@login_required
@require_GET
def alert_list(request: HttpRequest) -> HttpResponse:
    """The queue, most pressing first."""
    values, alerts = _queue(request, reader(request))
    in_pages = IdPages(
        alerts.select_related(None).values_list("pk", flat=True),
        PAGE,
        fetch=lambda keys: _shown(Alert.objects.filter(pk__in=keys)),
    )
    page = asked.page_of(request, in_pages, PAGE)
    counts = Alert.objects.filter(WAITS).values_list("state").annotate(count=Count("id"))
    waiting = dict(counts.order_by("state"))
    # A list is asked for once, by its index; reading every alert for their lists would grow with them.
    raised = Exists(Alert.objects.filter(source=OuterRef("source")))
    lists_loaded = Snapshot.objects.order_by("source").values_list("source", flat=True).distinct()
    sources = lists_loaded.filter(raised)
    context = {
        "page": page,
        "rows": [(each, desk.band_words(each), desk.urgency(each)) for each in page],
        "asked": values,
        "counts": waiting,
        "second": waiting.get(Alert.State.CLEARING, 0) + waiting.get(Alert.State.ENDING, 0),
        "owners": list(OWNERS.items()),
        "waiting_states": (*Alert.UNDECIDED, Alert.State.ENDING),
        "today": clock.wall_time().date(),
        "views": {key: label for key, (label, _) in VIEWS.items()},
        "sources": [(source, desk.list_title(source)) for source in sources],
        "is_filtered": bool(values["q"] or values["list"] or values["owner"] or values["show"] != "waiting"),
    }
    return render(request, "suppliers/screening/alert/alert_list.html", context)


@login_required
@require_GET
def alert_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What the queue shows, as CSV or XLSX: every page of it, in its order."""
    _asked, alerts = _queue(request, reader(request))
    return exported(_table(alerts), kind, name="alerts", title="Alerts")


def _table(alerts: QuerySet[Alert]) -> Iterator[list[Any]]:
    yield [
        "Alert", "Screened name", "Role", "Supplier", "Listed name", "List", "Record", "Similarity", "Band",
        "Shared identifier", "Urgency", "State", "Raised", "Last changed", "Owner", "Due", "Proposals",
        "Decision", "Decided by", "Decided", "Kind of reason", "Reason",
    ]  # fmt: skip
    said = Disposition.objects.select_related("by").order_by("id")
    shown = alerts.prefetch_related(Prefetch("dispositions", queryset=said))
    for each in shown.iterator(chunk_size=tables.CHUNK):
        last = [*each.dispositions.all()][-1:]
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
            desk.state_words(each),
            each.raised_at.isoformat(timespec="seconds"),
            each.changed_at.isoformat(timespec="seconds"),
            str(each.owner) if each.owner else "",
            each.due_on.isoformat() if each.due_on else "",
            " ".join(each.proposals),
            *(_decision(last[0]) if last else [""] * 5),
        ]


def _decision(said: Disposition) -> list[str]:
    """The latest decision: what, by whom, when, and why."""
    return [
        said.get_decision_display(),
        str(said.by),
        said.at.isoformat(timespec="seconds"),
        said.get_code_display(),
        said.reason,
    ]


def _weighs(request: HttpRequest, pk: int) -> bool:
    """Whether deciding the alert asks for a fresh sign-in: the same name or identifier, or a confirmed match."""
    weighty = Q(band="exact") | ~Q(identifier="") | Q(state__in=Alert.CONFIRMED)
    return screening_queries.alerts_visible_to(request.user).filter(weighty, pk=pk).exists()


@login_required
@fresh_sign_in(when=_weighs)
def alert_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Our name beside the listed record, what was said before, and the decision."""
    user = reader(request)
    alert = _alert(user, pk)
    if request.method == "POST" and not company_queries.is_officer(user):
        raise Http404
    form = None
    if company_queries.is_officer(user) and alert.may_be_decided:
        form = DecisionForm(request.POST or None, alert=alert, by=user)
        form.cancel = _back_to_queue(request)
        if request.method == "POST" and form.is_valid():
            if _decided(request, alert, form, user):
                return redirect(_back_to_queue(request))
            # What was refused may be no longer what it was.
            alert = _alert(user, pk)
    return _detail(request, user, alert, form=form)


def _detail(
    request: HttpRequest,
    user: User,
    alert: Alert,
    *,
    form: DecisionForm | None,
    assign: AssignForm | None = None,
) -> HttpResponse:
    if assign is None and company_queries.is_officer(user) and _may_be_assigned(alert):
        assign = AssignForm(alert=alert)
    if assign is not None:
        assign.action = reverse("suppliers:alert_assign", args=[alert.pk]) + _asked(request)
    context = {
        "alert": alert,
        "form": form if alert.may_be_decided else None,
        "assign": assign,
        "band": desk.band_words(alert),
        "beside": desk.beside(alert),
        "tokens": desk.tokens(alert),
        "history": desk.history(alert),
        "cards": _countersignatures(alert, user),
        "list_title": desk.list_title(alert.source),
        "list_basis": lists.source_of(alert.source).basis,
        "remarks": desk.hide_shared(alert, alert.party.remarks),
        "urgency": desk.urgency(alert),
        "following": _following(request, user, alert),
        "also": Alert.objects.filter(COUNTS, supplier=alert.supplier_id)
        .exclude(pk=alert.pk)
        .order_by("-priority", "id")[:20],
    }
    return render(request, "suppliers/screening/alert/alert_detail.html", context)


def _countersignatures(alert: Alert, user: User) -> list[pairs.Card]:
    """What an officer must countersign before a second one's word on this alert counts."""
    begun = Alert.State.CLEARING, Alert.State.ENDING, Alert.State.ESCALATED
    last = alert.dispositions.order_by("id").last() if alert.state in begun else None
    return pairs.cards_about([last] if last else [], user, at=clock.wall_time())


def _may_be_assigned(alert: Alert) -> bool:
    return alert.waits or alert.state == Alert.State.ENDING


@login_required
@require_POST
def alert_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Who works on the alert, and by when; "take" makes it the officer's own."""
    user = officer(request)
    alert = _alert(user, pk)
    form = AssignForm(request.POST, alert=alert)
    if request.POST.get("take") == "yes":
        owner, due_on = user, alert.due_on
    elif form.is_valid():
        owner, due_on = form.cleaned_data["owner"], form.cleaned_data["due_on"]
    else:
        return _detail(request, user, alert, form=_fresh_form(alert, user), assign=form)
    try:
        alert_actions.assign_alert(alert, owner=owner, due_on=due_on, by=user, at=clock.wall_time())
    except Refused as refused:
        if request.POST.get("take") != "yes":
            form.add_error(None, str(refused))
            return _detail(request, user, _alert(user, pk), form=_fresh_form(alert, user), assign=form)
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Assigned to {owner}." if owner else "No one is assigned.")
    return redirect(reverse("suppliers:alert_detail", args=[pk]) + _asked(request))


def _fresh_form(alert: Alert, user: User) -> DecisionForm | None:
    return DecisionForm(alert=alert, by=user) if alert.may_be_decided else None


def _asked(request: HttpRequest) -> str:
    """The queue's filters, which every address of an alert carries along."""
    asked = request.GET.urlencode()
    return f"?{asked}" if asked else ""


def _alert(user: User, pk: int) -> Alert:
    found = screening_queries.alerts_visible_to(user).select_related("supplier", "party__snapshot")
    return get_object_or_404(
        found.prefetch_related("supplier__sites", "supplier__owners", "supplier__officers"), pk=pk
    )


def _back_to_queue(request: HttpRequest) -> str:
    """The queue as the officer left it: the address carries its filters along."""
    return reverse("suppliers:alert_list") + _asked(request)


def _following(request: HttpRequest, user: User, alert: Alert) -> int | None:
    """The alert after this one in the queue the officer came from; the first one after the last."""
    _asked, alerts = _queue(request, user)
    order = list(alerts.values_list("pk", flat=True)[:1000])
    place = order.index(alert.pk) + 1 if alert.pk in order else 0
    others = [pk for pk in order[place:] + order[:place] if pk != alert.pk]
    return others[0] if others else None


def _decided(request: HttpRequest, alert: Alert, form: DecisionForm, user: User) -> bool:
    """Whether the decision is stored; why not stands in the form, which keeps what was typed."""
    given = form.cleaned_data
    try:
        decided = alert_actions.decide_alert(
            alert,
            decision=given["decision"],
            code=given["code"],
            reason=given["reason"],
            seen=given["seen"] or None,
            by=user,
            at=clock.wall_time(),
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        form.look_again(Alert.objects.get(pk=alert.pk))
        return False
    words = {
        Alert.State.CLEARING: "Saved. A second officer must agree before the alert is cleared.",
        Alert.State.FALSE_POSITIVE: "Cleared as a false positive.",
        Alert.State.TRUE_MATCH: "Confirmed. Only two officers can end a confirmed match.",
        Alert.State.ENDING: "Saved. The match stays confirmed until a second officer agrees.",
        Alert.State.ENDED: "The confirmed match has ended.",
        Alert.State.ESCALATED: "Escalated. The other officers will get an email. The alert stays open.",
    }
    messages.success(request, words[Alert.State(decided.state)])
    return True
