"""Alerts for officers to decide. Admins and auditors only read."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import pairs
from portal.accounts.fresh import fresh_sign_in
from portal.kit import clock
from portal.kit.refused import Refused
from portal.models import User
from suppliers import lists
from suppliers.company import queries as company_queries
from suppliers.screening import alert_actions, desk, queue
from suppliers.screening import queries as screening_queries
from suppliers.screening.forms import AssignForm, DecisionForm
from suppliers.screening.models import Alert


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


@login_required
@require_GET
def alert_list(request: HttpRequest) -> HttpResponse:
    """The queue, most pressing first."""
    user = reader(request)
    context = queue.ALERTS.page(request, queue.shown(screening_queries.alerts_visible_to(user)))
    waiting = screening_queries.waiting_by_state()
    context |= {
        "rows": [(each, desk.band_words(each), desk.urgency(each)) for each in context["page"]],
        "counts": waiting,
        "second": waiting.get(Alert.State.CLEARING, 0) + waiting.get(Alert.State.ENDING, 0),
        "waiting_states": (*Alert.UNDECIDED, Alert.State.ENDING),
        "today": clock.wall_time().date(),
    }
    return render(request, "suppliers/screening/alert/alert_list.html", context)


@login_required
@require_GET
def alert_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What the queue shows, as CSV or XLSX: every page of it, in its order."""
    alerts = queue.shown(screening_queries.alerts_visible_to(reader(request)))
    return queue.ALERTS.file(request, queue.with_last_word(alerts), kind)


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
        "also": Alert.objects.filter(screening_queries.COUNTS, supplier=alert.supplier_id)
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
    alerts = queue.ALERTS.found(request, screening_queries.alerts_visible_to(user))
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
