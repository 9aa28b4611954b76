"""Assigning many at once: planned by a worker and shown before it counts, or read from a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal.kit import asked, clock
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from portal.kit.tables import exported
from rfp.models import Lot
from scoring.board import actions, importing, notices, planning, queries
from scoring.board.forms import AutomaticForm, FileForm, run_title
from scoring.board.views.shared import PAGE, Seen, on_board
from scoring.duties.models import Assignment, AssignmentRun
from scoring.panel.access import proposals_in

SHOWN_PROBLEMS = 50


# ---- planned by a worker --------------------------------------------------------------------------------------------


@on_board
def automatic(request: HttpRequest, seen: Seen) -> HttpResponse:
    """What the plan must keep: reviewers for each, limits, expertise. Posted, a worker plans it."""
    seats = planning.seats_of(seen.room.solicitation)
    form = AutomaticForm(
        request.POST if request.method == "POST" else None,
        seats=seats,
        lots=_open_lots(seen),
        all_lots=list(seen.room.solicitation.lots.all()),
        groups=seen.groups,
    )
    if request.method == "POST" and form.is_valid():
        now = clock.wall_time()
        try:
            actions.set_people(seen.window, form.people(), by=seen.room.user, at=now)
            run = actions.ask_for_run(
                seen.window,
                lots=form.cleaned_data["lots"],
                group=form.cleaned_data.get("group", ""),
                each=form.cleaned_data["each"],
                cap=form.cleaned_data["cap"],
                by=seen.room.user,
                at=now,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(seen.url("panel_run", run.pk))
    context = seen.room.context("panel_board", seen=seen, window=seen.window, form=form)
    return render(request, "scoring/board/runs/automatic.html", context)


def _open_lots(seen: Seen) -> list[Lot]:
    able = set(notices.lots_to_mark(seen.window))
    return [lot for lot in seen.lots if lot.pk in able]


@on_board
def run(request: Any, seen: Seen, pk: int) -> HttpResponse:
    """The plan before it counts: what changes, and why. It asks again until the worker is done."""
    found = get_object_or_404(AssignmentRun.objects.select_related("asked_by"), pk=pk, window=seen.window)
    template = "scoring/board/runs/run.html"
    if request.htmx:
        template = "scoring/board/runs/run_state.html"
    return render(request, template, _run_context(request, seen, found))


def _run_context(request: HttpRequest, seen: Seen, found: AssignmentRun, refused: str = "") -> dict[str, Any]:
    names = {seat.pk: seat.user.name for seat in seen.seats}
    teams: dict[str, list[tuple[str, str, bool]]] = {}
    before: dict[str, int] = {}
    after: dict[str, int] = {}
    for proposal, seat, because, is_kept in found.pairs:
        name = names.get(seat, "A former reviewer")
        teams.setdefault(proposal, []).append((name, because, is_kept))
        after[name] = after.get(name, 0) + 1
        before[name] = before.get(name, 0) + bool(is_kept)
    changed = [key for key, team in teams.items() if not all(is_kept for *_said, is_kept in team)]
    visible = proposals_in(seen.room.viewer, seen.window, seen.access).filter(pk__in=changed)
    page = asked.page_of(
        request, visible.order_by("lot__position", "number").values_list("pk", flat=True), PAGE
    )
    keys = list(page.object_list)
    rows = {each.pk: each for each in queries.proposals_on(keys)}
    new = sum(1 for *_rest, is_kept in found.pairs if not is_kept)
    return seen.room.context(
        "panel_board",
        seen=seen,
        window=seen.window,
        run=found,
        title=run_title(seen.window, found.lots),
        page=page,
        rows=[(rows[key], teams[str(key)]) for key in keys if key in rows],
        hidden=len(changed) - page.paginator.count,
        loads=sorted(((name, before[name], after[name]) for name in after), key=lambda each: each[0]),
        new=new,
        same=len(teams) - len(changed),
        refused=refused,
    )


@require_POST
@on_board
def apply_run(request: HttpRequest, seen: Seen, pk: int) -> HttpResponse:
    """Assign as the plan says, in one act."""
    found = get_object_or_404(
        AssignmentRun.objects.select_related("window__solicitation", "asked_by"), pk=pk, window=seen.window
    )
    try:
        added = actions.apply_run(found, by=seen.room.user, at=clock.wall_time())
    except Refused as refusal:
        return render(
            request, "scoring/board/runs/run.html", _run_context(request, seen, found, refused=str(refusal))
        )
    messages.success(request, f"{count_of(added, 'review')} assigned.")
    return redirect(seen.url())


# ---- from a file ----------------------------------------------------------------------------------------------------


@on_board
def from_file(request: HttpRequest, seen: Seen) -> HttpResponseBase:
    """Lines of a file. Every problem is named with its line, and what was sent stays in the text field."""
    if request.method == "GET" and "download" in request.GET:
        return _download(seen)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    problems: Sequence[importing.Problem] = ()
    wanted: Sequence[importing.Wanted] = ()
    if request.method == "POST" and form.is_valid():
        wanted, problems = importing.read(form.cleaned_data["text"], _known(seen))
        if wanted and (not problems or form.cleaned_data["skip"]):
            try:
                return _stored(request, seen, wanted, problems)
            except Refused as refusal:
                form.add_error(None, str(refusal))
        form = _with_text(form)
    context = seen.room.context(
        "panel_board",
        seen=seen,
        window=seen.window,
        form=form,
        problems=problems[:SHOWN_PROBLEMS],
        more=max(len(problems) - SHOWN_PROBLEMS, 0),
        count=len(problems),
        fitting=len(wanted),
    )
    return render(request, "scoring/board/runs/file.html", context)


def _stored(
    request: HttpRequest,
    seen: Seen,
    wanted: Sequence[importing.Wanted],
    problems: Sequence[importing.Problem],
) -> HttpResponse:
    """Raises Refused."""
    added, _ = actions.assign(
        seen.window,
        [
            actions.Cell(each.proposal, each.seat, each.group, f"From a file, line {each.line}.")
            for each in wanted
        ],
        how=Assignment.How.FILE,
        by=seen.room.user,
        at=clock.wall_time(),
    )
    known = len(wanted) - added
    left = f" {count_of(len(problems), 'line')} left out." if problems else ""
    same = f" {count_of(known, 'line')} already assigned." if known else ""
    messages.success(request, f"{count_of(added, 'assignment')} added.{same}{left}")
    return redirect(seen.url())


def _known(seen: Seen) -> importing.Known:
    proposals = {each.number: each for each in seen.assignable.select_related("supplier")}
    return importing.Known.of(proposals, planning.seats_of(seen.room.solicitation), seen.groups)


def _with_text(form: Any) -> FileForm:
    """The form with what was read in its text field, errors and all."""
    again = FileForm({**form.data.dict(), "text": form.cleaned_data["text"]})
    again.is_valid()
    for error in form.non_field_errors():
        again.add_error(None, error)
    return again


def _download(seen: Seen) -> HttpResponseBase:
    """The window's assignments as a file that this page reads back."""
    visible: Any = proposals_in(seen.room.viewer, seen.window, seen.access)
    rows = (
        Assignment.objects.filter(Q(proposal__in=visible.values("pk")), window=seen.window)
        .order_by("proposal__lot__position", "proposal__number", "evaluator")
        .values_list("proposal__number", "evaluator__user__email", "group")
    )
    table = [list(importing.HEADS), *([number, email, group] for number, email, group in rows.iterator())]
    name = f"{seen.room.solicitation.number}-window-{seen.window.number}-assignments"
    return exported(table, "csv", name=name, title="Assignments")
