"""The decision queue: everything about a window that a person must decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts import pairs
from portal.kit import clock
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from portal.kit.requests import Request
from rfp.models import Finding
from scoring.decisions import actions, evidence
from scoring.decisions import lots as decisions_lots
from scoring.decisions import pending as decisions_pending
from scoring.decisions.forms import FindingsForm, InputsForm
from scoring.decisions.pending import HOLD, KINDS, MISSING_INPUT, Group
from scoring.decisions.views.queue_items import (
    SHAPES,
    AnyForm,
    Asked,
    Items,
    action_of,
    ask_of,
    asked_for,
    empty_form,
    filter_form,
    kinds_of,
    queue_of,
    row_shown,
    rows_of,
    shown_holds,
    whole,
    with_names,
)
from scoring.panel.views.room import Room, in_room
from scoring.ranking.mark_models import AutomaticMark, PanelMark
from scoring.reading.views import NOBODY


@in_room
def decision_list(request: HttpRequest, room: Room) -> HttpResponse:
    asked = asked_for(request, room)
    return render_queue(request, room, asked)


def render_queue(
    request: HttpRequest,
    room: Room,
    asked: Asked,
    *,
    form: FindingsForm | InputsForm | None = None,
    picked: Iterable[int] = (),
    said: str = "",
) -> HttpResponse:
    access = room.access[asked.window.pk]
    context: dict[str, Any] = {"window": asked.window, "window_access": access, "asked": asked, "said": said}
    if access.technical_open:
        context |= queue_context(request, room, asked, form, set(picked))
    return render(
        request, "scoring/decisions/queue/decision_list.html", room.context("decision_list", **context)
    )


def queue_context(
    request: HttpRequest,
    room: Room,
    asked: Asked,
    form: FindingsForm | InputsForm | None,
    picked: set[int],
) -> dict[str, Any]:
    queue = queue_of(room, asked)
    group = queue.current if asked.kind != HOLD else None
    if group is not None and form is None:
        form = empty_form(group)
    rows, page = rows_of(queue, group, room, asked, request.GET.get("page"))
    states = decisions_lots.lots_before_prices(asked.window) if not asked.decided else []
    shows_holds = asked.kind in ("", HOLD)
    shown = row_shown(rows, picked) if group else None
    item = whole(shown) if shown else None
    total = sum(queue.counts.values())
    return {
        "filter_form": filter_form(room, asked),
        "kinds": kinds_of(queue, asked, total),
        "groups": [
            (each, SHAPES[each.kind], KINDS[each.kind], asked.query(group=each.key)) for each in queue.groups
        ],
        "group": group,
        "group_kind": KINDS[group.kind] if group else "",
        "group_shape": SHAPES[group.kind] if group else "",
        "rule": evidence.rule_of(group) if group else None,
        "rows": rows,
        "page": page,
        "picked": picked or ({rows[0].pk} if rows and not asked.decided else set()),
        "evidence": evidence.evidence_for(item, room.access, named=room.sees_names) if item else None,
        "ask_url": ask_of(room, item) if item and not asked.decided else "",
        "form": form,
        "choice_field": form["kind" if isinstance(form, InputsForm) else "outcome"] if form else None,
        "evidence_query": asked.query(),
        # One address each for all rows: resolving a hundred would be a tenth of the page's time.
        "proposals_url": reverse("scoring:proposal_detail", args=[NOBODY]).removesuffix(f"{NOBODY}/"),
        "evidence_url": evidence_url(room, group),
        "item_kind": MISSING_INPUT if group and group.kind == MISSING_INPUT else "finding",
        "choices": InputsForm.CHOICES if group and group.kind == MISSING_INPUT else FindingsForm.CHOICES,
        "action": action_of(room, asked, group),
        "may_decide": room.decides and (asked.window.pk in room.viewer.windows),
        "must_sign": room.decides and asked.window.pk not in room.viewer.windows,
        "holds": shown_holds(room, queue.holds) if shows_holds else [],
        "waiting": total - queue.counts[HOLD],
        "with_officers": queue.counts[HOLD],
        "cards": countersignatures(room) if asked.decided and room.sees_pairs else [],
        "lot_states": with_names(room, states),
        "ready": [state for state in states if state.is_ready],
    }


def evidence_url(room: Room, group: Group | None) -> str:
    """Where the evidence of the group's items is, without the item's id."""
    kind = MISSING_INPUT if group and group.kind == MISSING_INPUT else "finding"
    address = reverse("scoring:decision_evidence", args=[room.solicitation.number, kind, 0])
    return address.removesuffix("0/")


def countersignatures(room: Room) -> list[pairs.Card]:
    """Changes of decisions that an officer must countersign first."""
    acts = (actions.CHANGE_FINDING, actions.CHANGE_INPUT)
    return pairs.cards_on(acts, [room.solicitation.number], room.user, at=clock.wall_time())


# ---- deciding ---------------------------------------------------------------------------------------------------


def picked_in(request: HttpRequest) -> list[int]:
    return [int(each) for each in request.POST.getlist("item") if each.isdigit() and len(each) < 18]


@require_POST
@in_room
def decide_findings(request: Request, room: Room) -> HttpResponse:
    """Decide the findings that were picked with one reason."""

    def found(items: Items) -> QuerySet[Finding]:
        return items.findings.select_related(
            "assessment__revision__proposal__window__solicitation"
        ).prefetch_related("overrides")

    def decide(chosen: Sequence[Finding], form: FindingsForm) -> None:
        outcome, exception = form.verdict
        actions.decide_findings(
            chosen,
            outcome=outcome,
            exception=exception,
            reason=form.cleaned_data["reason"],
            by=room.user,
            at=clock.wall_time(),
        )

    return decide_picked(request, room, FindingsForm(request.POST), found, decide)


@require_POST
@in_room
def decide_inputs(request: Request, room: Room) -> HttpResponse:
    """Put a panel mark or a recorded zero in place of the inputs that were picked."""

    def found(items: Items) -> QuerySet[AutomaticMark]:
        return items.inputs.select_related("criterion", "revision__proposal__window__solicitation")

    def decide(chosen: Sequence[AutomaticMark], form: InputsForm) -> None:
        actions.stand_in_for_input(
            [(mark.revision, mark.criterion) for mark in chosen],
            kind=PanelMark.Kind(form.cleaned_data["kind"]),
            value=form.cleaned_data["value"] or Decimal(0),
            reason=form.cleaned_data["reason"],
            by=room.user,
            at=clock.wall_time(),
        )

    return decide_picked(request, room, InputsForm(request.POST), found, decide)


def decide_picked(
    request: Request,
    room: Room,
    form: AnyForm,
    found: Callable[[Items], QuerySet[Any]],
    decide: Callable[[Sequence[Any], AnyForm], None],
) -> HttpResponse:
    """Decide all that was picked or none; with bad input the same page again, nothing lost. Raises Http404."""
    if not room.decides:
        raise Http404
    asked, picked = asked_for(request, room), picked_in(request)
    chosen = list(found(Items(room=room, asked=asked)).filter(pk__in=picked))
    if problem := not_all(picked, len(chosen)):
        form.add_error(None, problem)
    elif form.is_valid():
        try:
            decide(chosen, form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return after_deciding(request, room, asked, len(chosen))
    return render_queue(request, room, asked, form=form, picked=picked)


def not_all(picked: Sequence[int], found: int) -> str:
    """Why the choice cannot be decided as it was made; blank when it can."""
    if not picked:
        return "Select at least one row to decide."
    if found < len(set(picked)):
        return "Someone else decided part of your selection, or a proposal changed. Review what is left."
    return ""


def after_deciding(request: Request, room: Room, asked: Asked, count: int) -> HttpResponse:
    """The queue without what was decided: in place for htmx, else by a redirect."""
    said = f"{count_of(count, 'decision')} recorded."
    if request.htmx:
        return render_queue(request, room, asked, said=said)
    messages.success(request, said)
    return redirect(f"{reverse('scoring:decision_list', args=[room.solicitation.number])}?{asked.query()}")


@in_room
def decision_evidence(request: HttpRequest, room: Room, kind: str, item: int) -> HttpResponse:
    """The evidence on one finding or missing input, for the panel beside the form."""
    asked = asked_for(request, room)
    items = Items(room=room, asked=asked)
    found: Any = None
    if kind == "finding":
        found = decisions_pending.with_proposal(items.findings).filter(pk=item).first()
    elif kind == MISSING_INPUT:
        found = decisions_pending.with_proposal(items.inputs).filter(pk=item).first()
    if found is None:
        raise Http404
    context = {
        "evidence": evidence.evidence_for(found, room.access, named=room.sees_names),
        "zone": room.zone,
        "ask_url": "" if asked.decided else ask_of(room, found),
    }
    return render(request, "scoring/decisions/queue/decision_evidence.html", context)
