"""The desk: the reviewer's queue, and one proposal beside the marks that are asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from portal.kit import clock, formats
from portal.kit.asked import IdPages
from portal.kit.refused import Refused
from rfp.models import Proposal, Revision, Window
from scoring.duties import queries as duties
from scoring.marking import actions
from scoring.marking import queries as marking_queries
from scoring.marking.forms import Asked, MarkForm
from scoring.panel.access import proposals_in
from scoring.panel.models import Evaluator
from scoring.panel.views.room import Room, access_for, in_room, with_proposal
from scoring.ranking import inputs
from scoring.reading import company, queries
from scoring.reading import queries as reading_queries
from scoring.reading.views import NOBODY, part_context, part_links, part_of
from scoring.settling.queries import agreed_on

PAGE = 100


def _pages(found: QuerySet[Proposal], seat: Evaluator, *, count: int, is_todo: bool) -> IdPages:
    """The least-reviewed first while they are to be marked, then by number."""
    order = ["reviewers", "number"] if is_todo else ["number"]
    return IdPages(
        found.order_by(*order).values_list("pk", flat=True),
        PAGE,
        fetch=lambda keys: marking_queries.as_rows(
            marking_queries.with_own_marks(Proposal.objects.filter(pk__in=keys), seat), "marks_own", "to_mark"
        ),
        count=count,
        order=order,
    )


@in_room
def queue(request: HttpRequest, room: Room) -> HttpResponse:
    """What this reviewer has still to mark, the least-reviewed first; then what is done."""
    if room.seat is None:
        raise Http404
    window = room.window(request.GET.get("window"))
    access = room.access[window.pk]
    show = "done" if request.GET.get("show") == "done" else "todo"
    received = proposals_in(room.viewer, window, access).filter(duties.asked_in(window, room.seat))
    final = Q(lot__in=access.price_lots)
    is_done = marking_queries.done_by(room.seat, room.solicitation) | final
    among = marking_queries.done_by(room.seat, room.solicitation, counted=True) | final
    counted = received.aggregate(all=Count("pk"), done=Count("pk", filter=among))
    marked, left = counted["done"], counted["all"] - counted["done"]
    is_todo = show == "todo"
    found = received.exclude(is_done) if is_todo else received.filter(is_done)
    pages = _pages(found, room.seat, count=left if is_todo else marked, is_todo=is_todo)
    page = pages.get_page(request.GET.get("page"))
    return render(
        request,
        "scoring/marking/queue.html",
        room.context(
            "queue",
            window=window,
            window_access=access,
            prices=queries.prices_of(window, access.price_lots),
            page=page,
            # One address for all rows: resolving a hundred would be a tenth of the page's time.
            proposals_url=reverse("scoring:proposal_detail", args=[NOBODY]).removesuffix(f"{NOBODY}/"),
            show=show,
            other=left if show == "done" else marked,
            due=duties.due_of(window).of(room.seat.pk),
            by_criterion=first_to_mark(room) if access.technical_open else "",
            now=clock.wall_time(),
        ),
    )


def first_to_mark(room: Room) -> str:
    """The code of the first criterion that reviewers mark on every proposal; blank for none."""
    found = inputs.criteria_of(room.solicitation)
    evaluator = [each for each in found if each.mode == each.Mode.EVALUATOR and each.envelope == "technical"]
    return evaluator[0].code if evaluator else ""


@with_proposal
def mark(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """The proposal on the left, its criteria on the right. Read-only once prices are open."""
    if room.seat is None:
        raise Http404
    # What is sent is checked where it is stored, with the window held.
    asked = duties.EVERYTHING if request.method == "POST" else duties.asked_on(proposal, room.seat)
    if not asked:
        raise Http404
    form = mark_form(request, room.seat, proposal, asked)
    if request.method == "POST" and request.headers.get("X-Autosave"):
        return save_alone(form, room, proposal)
    if request.method == "POST" and form.is_valid():
        now = clock.wall_time()
        try:
            stored = store(form, room, proposal, at=now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return after_saving(request, room, proposal, stored=stored, at=now)
    return render(request, "scoring/marking/desk.html", desk_context(request, room, proposal, form))


def mark_form(request: HttpRequest, seat: Evaluator, proposal: Proposal, asked: duties.Asked) -> MarkForm:
    revision = proposal.current_revision
    assert revision is not None, "it is visible"
    # Asked for when the form is shown; a form that is saved needs no texts.
    written: Any = SimpleLazyObject(lambda: reading_queries.statements_of(revision))
    solicitation = proposal.lot.solicitation
    # What is settled is refused where it is stored; the page that is shown leaves it out.
    left_out, again = (set(), {}) if request.method == "POST" else settled_for(seat, revision)
    return MarkForm(
        request.POST if request.method == "POST" else None,
        asked=[
            Asked(
                criterion=criterion,
                solicitation=solicitation,
                again=again.get(criterion.pk, ""),
                written=written,
                anchor_map=solicitation.anchor_map,
            )
            for criterion in asked.of(inputs.criteria_to_mark(revision))
            if criterion.pk not in left_out
        ],
        given=marking_queries.marks_by(seat, revision),
    )


def settled_for(seat: Evaluator, revision: Revision) -> tuple[set[int], dict[int, str]]:
    """(criteria whose marks stay as they are, why others are asked again) for this reviewer."""
    again = {pk: row.reason for pk, row in marking_queries.open_again(seat, revision).items()}
    settled = {criterion for _revision, criterion in agreed_on([revision.pk])}
    if marking_queries.is_final(seat, revision):
        settled |= set(marking_queries.marks_by(seat, revision))
    return settled - set(again), again


def settled_lines(form: MarkForm, seat: Evaluator, revision: Revision) -> list[tuple[str, str, str, str]]:
    """(criterion, own mark, what is settled, the others' marks) of criteria that the page shows without a form.

    The others' marks where the RFP shows them after own ones.
    """
    shown = {each.criterion.pk for each in form.asked}
    agreed = {criterion: row for (_revision, criterion), row in agreed_on([revision.pk]).items()}
    others = others_marks(seat, revision) if marking_queries.is_final(seat, revision) else {}
    lines = []
    for criterion in inputs.criteria_to_mark(revision):
        mark = form.given.get(criterion.pk)
        if criterion.pk in shown or (mark is None and criterion.pk not in agreed):
            continue
        own = "No mark of yours" if mark is None else f"Yours: {'no mark' if mark.abstained else mark.anchor}"
        settled = agreed.get(criterion.pk)
        said = f"Agreed: {settled.anchor}" if settled else "Final"
        lines.append((criterion.title, own, said, others.get(criterion.pk, "")))
    return lines


def others_marks(seat: Evaluator, revision: Revision) -> dict[int, str]:
    """criterion id → the marks of the others that count, with names."""
    found: dict[int, list[str]] = {}
    marks = inputs.marks_that_count(revision).exclude(evaluator=seat).select_related("evaluator__user")
    for mark in marks.order_by("evaluator_id"):
        said = "no mark" if mark.abstained else str(mark.anchor)
        found.setdefault(mark.criterion_id, []).append(f"{mark.evaluator.user.name} {said}")
    return {criterion: ", ".join(words) for criterion, words in found.items()}


def save_alone(form: MarkForm, room: Room, proposal: Proposal) -> JsonResponse:
    """One criterion that saves itself: when, and what the page shows from now on; or 422 and why it did not."""
    now = clock.wall_time()
    if form.is_valid():
        try:
            store(form, room, proposal, at=now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"error": said}, status=422)
    saved = formats.clock_time(now, room.zone, seconds=True)
    return JsonResponse({"saved": saved, "shown": form.sent_print()})


def store(form: MarkForm, room: Room, proposal: Proposal, *, at: datetime) -> int:
    """Store what changed; returns how many marks that were. Raises Refused."""
    assert room.seat is not None and proposal.current_revision is not None
    changed = form.changed_marks()
    if changed:
        actions.record_marks(
            proposal.current_revision,
            changed,
            evaluator=room.seat,
            by=room.user,
            at=at,
            confidence=form.confidence(),
        )
    return len(changed)


def after_saving(
    request: HttpRequest, room: Room, proposal: Proposal, *, stored: int, at: datetime
) -> HttpResponse:
    """To the least-reviewed proposal still to mark, or back to this one."""
    assert room.seat is not None and proposal.window is not None
    if stored:
        said = formats.clock_time(at, room.zone, seconds=True)
        messages.success(request, f"Marks on {proposal.number} saved, {said}.")
    else:
        messages.info(request, f"Nothing changed on {proposal.number}. No marks were saved.")
    if "next" not in request.POST:
        return redirect("scoring:proposal_mark", pk=proposal.pk)
    following = next_to_mark(room, proposal.window, proposal)
    if following is not None:
        return redirect("scoring:proposal_mark", pk=following)
    address = reverse("scoring:queue", args=[room.solicitation.number])
    return redirect(f"{address}?window={proposal.window.number}")


def next_to_mark(room: Room, window: Window, proposal: Proposal) -> UUID | None:
    """The id of the least-reviewed proposal that this reviewer has still to mark, this one aside; one query."""
    assert room.seat is not None, "only reviewers mark"
    access = room.access[window.pk]
    todo = proposals_in(room.viewer, window, access).filter(duties.asked_of(room.seat))
    todo = todo.exclude(marking_queries.done_by(room.seat, room.solicitation))
    todo = todo.exclude(lot__in=access.price_lots).exclude(pk=proposal.pk)
    found: UUID | None = todo.order_by("reviewers", "number").values_list("pk", flat=True).first()
    return found


def desk_context(request: HttpRequest, room: Room, proposal: Proposal, form: MarkForm) -> dict[str, Any]:
    key = part_of(request)
    address = reverse("scoring:proposal_mark", args=[proposal.pk])
    access = access_for(room, proposal)
    assert proposal.current_revision is not None and room.seat is not None, "it is visible"
    stamps = [mark.marked_at for mark in form.given.values()]
    sealed = [
        (criterion.title, formats.number(criterion.weight))
        for criterion in room.solicitation.criteria.all()
        if criterion.mode == criterion.Mode.PRICE
    ]
    return room.context(
        "queue",
        proposal=proposal,
        revision=proposal.current_revision,
        supplier_name=company.company_of(proposal.current_revision).legal_name,
        window=proposal.window,
        form=form,
        running=form.running(),
        saved_at=max(stamps, default=None),
        sealed=sealed,
        final_lines=settled_lines(form, room.seat, proposal.current_revision),
        is_closed=access.price_open,
        may_cite=not access.price_open,
        parts=part_links(proposal, key, address),
        **part_context(proposal, key, room),
    )
