"""The board: each proposal of a lot by each reviewer, by hand where the chair or an admin assigns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.kit import clock, formats
from portal.kit.asked import IdPages
from portal.kit.charts import bars, shapes
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from rfp.models import Proposal
from scoring.board import actions, notices, queries
from scoring.board.views.shared import PAGE, Seen, on_board, seen_in
from scoring.duties import queries as duties
from scoring.duties.models import Assignment
from scoring.panel.models import Evaluator
from scoring.panel.views.room import Room, in_room


@dataclass(frozen=True, kw_only=True)
class Person:
    """One reviewer's work in the lot."""

    seat: Evaluator
    knows: str
    done: str
    bar: shapes.Chart
    due: str
    state: str
    words: str
    is_open: bool


@in_room
def board(request: HttpRequest, room: Room) -> HttpResponse:
    """Who marks what, and how far they are. `edit`: boxes to assign by hand."""
    seen = seen_in(request, room, together=True)
    return _render(request, seen, editing=room.decides and "edit" in request.GET)


def _render(
    request: HttpRequest,
    seen: Seen,
    *,
    editing: bool,
    refused: str = "",
    checked: frozenset[tuple[str, int]] | None = None,
) -> HttpResponse:
    now = clock.wall_time()
    due, seats = duties.due_of(seen.window), seen.seats
    found = seen.proposals
    if request.GET.get("show") == "open":
        found = found.filter(pk__in=queries.unfinished_in(seen.window, seen.shown))
    pages = IdPages(
        found.order_by("lot__position", "number").values_list("pk", flat=True),
        PAGE,
        fetch=queries.proposals_on,
    )
    page = pages.get_page(request.GET.get("page"))
    rows = queries.rows_of(seen.window, list(page.object_list), seats, due, now=now)
    people = people_of(seen, seats, due, now) if seen.lots else []
    context = seen.room.context(
        "panel_board",
        seen=seen,
        window=seen.window,
        lot=seen.lot,
        seats=seats,
        page=page,
        rows=_with_boxes(rows, seats, checked),
        people=people,
        says=summary(people),
        editing=editing,
        refused=refused,
        only_open=request.GET.get("show") == "open",
        due=formats.deadline(due.everybody, seen.room.zone) if due.everybody else "",
        run=duties.last_run(seen.window),
        handovers=list(duties.handovers_of(seen.window)[:5]),
        is_shared=duties.is_shared_out(seen.window),
    )
    return render(request, "scoring/board/board.html", context)


def _with_boxes(
    rows: Sequence[queries.Row], seats: Sequence[Evaluator], checked: frozenset[tuple[str, int]] | None
) -> list[Any]:
    """(row, [(seat, cell, whether its box is checked)]); as sent where that was refused."""

    def is_checked(row: queries.Row, cell: queries.Cell) -> bool:
        return cell.is_assigned if checked is None else (str(row.proposal.pk), cell.seat) in checked

    return [
        (row, [(seat, cell, is_checked(row, cell)) for seat, cell in zip(seats, row.cells, strict=True)])
        for row in rows
    ]


def people_of(seen: Seen, seats: Sequence[Evaluator], due: duties.Due, now: datetime) -> list[Person]:
    """Who has work in the lots shown, the latest first."""
    work = queries.work_in(seen.window, seen.shown)
    found = []
    for seat in seats:
        own = work.get(seat.pk)
        if own is None:
            continue
        state, words = _state(own, due.of(seat.pk), now)
        found.append(
            Person(
                seat=seat,
                knows=", ".join(lot.code for lot in seat.knows.all()),
                done=f"{own.done} of {own.asked}",
                bar=bars.progress(own.done, own.asked),
                due=_due_words(seat, due, seen.room.zone),
                state=state,
                words=words,
                is_open=bool(own.left),
            )
        )
    order = {"open": 0, "run": 1, "todo": 2, "met": 3}
    return sorted(found, key=lambda each: order[each.state])


def _state(work: queries.Work, at: datetime | None, now: datetime) -> tuple[str, str]:
    if not work.left:
        return "met", "Done"
    if at is not None and at < now:
        return "open", queries.late_words(at, now)
    return ("run", "In progress") if work.done or work.begun else ("todo", "Not started")


def _due_words(seat: Evaluator, due: duties.Due, zone: str) -> str:
    at = due.of(seat.pk)
    if at is None:
        return "No date set"
    return formats.deadline(at, zone) + (", own date" if seat.pk in due.own else "")


def summary(people: Sequence[Person]) -> str:
    """ "31 of 36 reviews done. 3 reviewers are late." """
    done = [each.done.split(" of ") for each in people]
    whole = sum(int(of) for _done, of in done)
    late = [each.seat.user.name for each in people if each.state == "open"]
    words = [f"{sum(int(n) for n, _of in done)} of {count_of(whole, 'review')} done."]
    if len(late) == 1:
        words.append(f"{late[0]} is late.")
    elif late:
        words.append(f"{count_of(len(late), 'reviewer')} are late.")
    return " ".join(words) if whole else ""


@require_POST
@on_board
def by_hand(request: HttpRequest, seen: Seen) -> HttpResponse:
    """Store the boxes of one page of the board: what was checked is assigned, what was unchecked is taken away."""
    shown, checked = _sent(request)
    proposals = {each.pk: each for each in seen.assignable.filter(pk__in=shown)}
    if len(proposals) != len(shown):
        return _render(request, seen, editing=True, refused=GONE, checked=checked)
    seats = {seat.pk: seat for seat in seen.seats}
    before = {
        (str(proposal), seat)
        for proposal, seat in Assignment.objects.filter(proposal__in=shown, group=duties.ALL).values_list(
            "proposal", "evaluator"
        )
    }
    try:
        added, removed = actions.assign(
            seen.window,
            [_cell(proposals, seats, key) for key in sorted(checked - before)],
            [_cell(proposals, seats, key) for key in sorted(before - checked)],
            how=Assignment.How.HAND,
            by=seen.room.user,
            at=clock.wall_time(),
        )
    except Refused as refusal:
        return _render(request, seen, editing=True, refused=str(refusal), checked=checked)
    if added or removed:
        messages.success(request, f"{count_of(added, 'assignment')} added, {removed} removed.")
    else:
        messages.info(request, "Nothing changed.")
    return redirect(seen.url())


GONE = (
    "Some proposals on this page can’t be assigned anymore. Their prices are open, or they were knocked out."
)


def _sent(request: HttpRequest) -> tuple[list[UUID], frozenset[tuple[str, int]]]:
    """(proposals that the page showed boxes for, the boxes that are checked). Raises Http404 for nonsense."""
    try:
        shown = [UUID(each) for each in request.POST.getlist("shown")[:PAGE]]
        pairs = [each.partition(":") for each in request.POST.getlist("cell")]
        checked = frozenset((str(UUID(proposal)), int(seat)) for proposal, _, seat in pairs)
    except ValueError:
        raise Http404 from None
    if not {proposal for proposal, _seat in checked} <= {str(each) for each in shown}:
        raise Http404
    return shown, checked


def _cell(proposals: dict[Any, Proposal], seats: dict[int, Evaluator], key: tuple[str, int]) -> actions.Cell:
    if key[1] not in seats:
        raise Http404
    return actions.Cell(proposals[UUID(key[0])], seats[key[1]], because="Assigned by hand.")


@require_POST
@on_board
def remind(request: HttpRequest, seen: Seen, seat: int) -> HttpResponse:
    """A letter now to one reviewer with marks left. One a day, however often this is asked."""
    found = [each for each in seen.seats if each.pk == seat]
    if not found:
        raise Http404
    sent = notices.remind(seen.window, found, duties.due_of(seen.window), clock.wall_time())
    name = found[0].user.name
    if sent:
        messages.success(request, f"{name} gets a reminder today.")
    else:
        messages.info(request, f"{name} has nothing left to mark in this window.")
    return redirect(seen.url())
