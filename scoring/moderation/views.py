"""The moderation room: where a panel is apart, and what the chair settles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import wraps
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.kit import asked, clock, formats
from portal.kit.refused import Refused
from rfp.method.scales import steps_of
from rfp.models import Lot, Proposal, Revision, Window
from scoring.board.views.shared import Seen, seen_in
from scoring.moderation import actions, agreement, queries, rows
from scoring.moderation.forms import AgreeForm, ReopenForm, TakeBackForm
from scoring.panel import queries as panel_queries
from scoring.panel.views.room import Room, access_for, in_room, with_proposal
from scoring.ranking import inputs, sheets
from scoring.ranking import queries as ranking_queries
from scoring.ranking.mark_models import Mark
from scoring.settling import queries as settling
from scoring.settling.models import Reopening

PAGE = 25


def may_moderate(room: Room) -> bool:
    """Chair, admins, officers and auditors see the room; the chair settles."""
    return room.viewer.is_chair or room.viewer.oversees


# ---- the list -----------------------------------------------------------------------------------------------------


@in_room
def moderation_list(request: HttpRequest, room: Room) -> HttpResponse:
    """A lot's proposals, those first on which the panel is furthest apart."""
    if not may_moderate(room):
        raise Http404
    seen = seen_in(request, room)
    found = queries.by_spread(seen.proposals)
    page = asked.page_of(request, found.values_list("pk", flat=True), PAGE)
    listed = rows_on(seen, page) if seen.lot else []
    context = room.context(
        "moderation_list",
        seen=seen,
        window=seen.window,
        lot=seen.lot,
        page=page,
        prices_open=seen.lot is not None and seen.lot.pk in seen.access.price_lots,
        rows=listed,
        minutes_url=seen.url("minutes"),
        sentences=agreement.sentences_for(seen.window, seen.lot, room.viewer.conflicts) if seen.lot else (),
    )
    return render(request, "scoring/moderation/list.html", context)


def rows_on(seen: Seen, page: Page[Any]) -> list[rows.Row]:
    """The page's rows in order; a fixed number of queries."""
    assert seen.lot is not None
    keys = list(page.object_list)
    found = submitted(seen.window, seen.lot, keys)
    usual = queries.usual_in(seen.window, seen.lot)
    criteria = inputs.criteria_of(seen.room.solicitation)
    return [
        rows.row_of(found[key], rows.cells_of(found[key], criteria, usual)) for key in keys if key in found
    ]


def submitted(window: Window, lot: Lot, proposals: Sequence[Any]) -> Mapping[Any, sheets.Submitted]:
    """proposal id → its sheet without prices."""
    found = sheets.submitted(window, [lot], price_open=False, only=proposals)
    return {each.revision.proposal_id: each for each in found[lot.pk]}


# ---- one proposal ---------------------------------------------------------------------------------------------------


def in_moderation(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view gets a Room and a Proposal; 404 for who may not see the room, or has not signed."""

    @with_proposal
    @wraps(view)
    def inner(request: HttpRequest, room: Room, proposal: Proposal, **rest: Any) -> HttpResponseBase:
        if not may_moderate(room):
            raise Http404
        return view(request, room, proposal, **rest)

    return inner


@in_moderation
def moderate(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """One proposal's marks side by side; one criterion is open below them."""
    return _render(request, room, proposal)


@dataclass(frozen=True, kw_only=True)
class Voice:
    """One reviewer on one criterion."""

    name: str
    mark: str
    means: str
    comment: str
    sure: str
    note: str
    before: Sequence[str]


def _render(
    request: HttpRequest,
    room: Room,
    proposal: Proposal,
    forms: Mapping[str, django_forms.Form] | None = None,
    *,
    code: str = "",
) -> HttpResponse:
    """`forms`: those that were sent and are not right; `code`: the criterion that they are about."""
    assert proposal.window is not None and proposal.current_revision is not None, "it is visible"
    found, cells = _marked(room, proposal)
    shown = _seats_shown(panel_queries.panel_of(room.solicitation), cells)
    cell = _chosen(code or asked.text(request, "criterion"), cells)
    against, access = rows.against_threshold(found), access_for(room, proposal)
    settles = room.viewer.is_chair and not access.price_open
    voices, choices = _voices(room, proposal, shown, cell)
    revision = proposal.current_revision
    agreed = settling.agreed_on([revision.pk])
    context = room.context(
        "moderation_list",
        proposal=proposal,
        window=proposal.window,
        lot=proposal.lot,
        name=found.revision.score.supplier_name,
        title=revision.title or proposal.number,
        seats=shown,
        table=[(each, [each.of(inputs.key_of(seat.pk)) for seat in shown]) for each in cells],
        cell=cell,
        voices=voices,
        agreed=agreed.get((revision.pk, cell.criterion.pk)),
        **_threshold(against, shown),
        open_count=sum(each.is_open for each in cells),
        count=len(cells),
        settles=settles,
        effects=_effects(found, cell, against) if settles else (),
        history=settling.agreements_of(revision)[:20],
        reopenings=settling.reopenings_of(revision)[:20],
        is_closed=access.price_open,
        **(_forms(room, cell, choices, forms or {}) if settles else {}),
    )
    return render(request, "scoring/moderation/room.html", context)


def _marked(room: Room, proposal: Proposal) -> tuple[sheets.Submitted, Sequence[rows.Cell]]:
    """The proposal's sheet, and its criteria with marks. Raises Http404 without one."""
    assert proposal.window is not None, "it is visible"
    found = submitted(proposal.window, proposal.lot, [proposal.pk]).get(proposal.pk)
    if found is None:
        raise Http404
    usual = queries.usual_in(proposal.window, proposal.lot)
    cells = rows.cells_of(found, inputs.criteria_of(room.solicitation), usual)
    if not cells:
        raise Http404
    return found, cells


def _threshold(against: rows.Against, shown: Sequence[Any]) -> dict[str, Any]:
    """Each reviewer's percent beside the threshold."""
    return {
        "against": against,
        "line": "" if against.threshold is None else f"{against.threshold:.2f}%",
        "straddles": rows.straddle_words(against),
        "percents": _percents(against, shown),
    }


def _seats_shown(seats: Sequence[Any], cells: Sequence[rows.Cell]) -> list[Any]:
    """Who marked, is asked to, or is out, of those on the panel."""
    keys = {key for cell in cells for key, _anchor, _status in cell.given}
    return [seat for seat in seats if inputs.key_of(seat.pk) in keys]


def _chosen(code: str, cells: Sequence[rows.Cell]) -> rows.Cell:
    """The criterion asked for; without one the first to settle, furthest apart first."""
    for cell in cells:
        if cell.criterion.code == code:
            return cell
    if code:
        raise Http404
    return max(cells, key=lambda cell: (cell.is_open, cell.spread.apart))


def _percents(against: rows.Against, seats: Sequence[Any]) -> list[tuple[str, str, str]]:
    """(name, percent in words, the same for a bar's width) of each reviewer with marks."""
    found = []
    for seat in seats:
        own = against.percents.get(inputs.key_of(seat.pk))
        if own is not None:
            found.append((seat.user.name, formats.percent(own), f"{own:.2f}%"))
    return found


def _voices(
    room: Room, proposal: Proposal, seats: Sequence[Any], cell: rows.Cell
) -> tuple[list[Voice], list[tuple[Any, str]]]:
    """(what each reviewer gave and wrote, who could mark it again)."""
    revision = proposal.current_revision
    assert revision is not None, "it is visible"
    marks = {
        mark.evaluator_id: mark for mark in Mark.objects.filter(revision=revision, criterion=cell.criterion)
    }
    versions: dict[int, list[str]] = {}
    for old in settling.versions_of(revision).filter(criterion=cell.criterion):
        said = "no mark" if old.anchor is None else str(old.anchor)
        when = formats.when(old.marked_at, room.zone, short=True)
        versions.setdefault(old.evaluator_id, []).append(f"{said}, {when}. {old.comment}".strip())
    opened = {
        row.evaluator_id: row for row in settling.reopenings_of(revision).filter(criterion=cell.criterion)
    }
    steps = steps_of(cell.criterion.scale, cell.criterion.anchors, room.solicitation.anchor_map)
    means = {step.mark: step.text for step in steps}
    voices, choices = [], []
    for seat in seats:
        mark, given = marks.get(seat.pk), cell.of(inputs.key_of(seat.pk))
        if not given:
            continue
        note = _note(given, mark, opened.get(seat.pk))
        if not note and mark is not None:
            choices.append((seat, "no mark" if mark.anchor is None else f"marked {mark.anchor}"))
        voices.append(
            Voice(
                name=seat.user.name,
                mark="" if mark is None else "–" if mark.anchor is None else str(mark.anchor),
                means=_meaning(mark, means),
                comment=mark.comment if mark is not None else "",
                sure=mark.get_confidence_display() if mark is not None else "",
                note=note,
                before=versions.get(seat.pk, ()),
            )
        )
    return voices, choices


def _note(given: str, mark: Mark | None, reopened: Reopening | None) -> str:
    """Why a mark doesn't count, or waits to be given again; blank for one that stands."""
    if given == "conflict":
        return "Has a conflict. The mark does not count."
    if reopened is not None and (mark is None or reopened.at >= mark.marked_at):
        return f"Open again: {reopened.reason}"
    return ""


def _meaning(mark: Mark | None, means: Mapping[str, str]) -> str:
    if mark is None:
        return "To do"
    return means.get(str(mark.anchor), "No mark" if mark.abstained else "")


def _effects(found: sheets.Submitted, cell: rows.Cell, against: rows.Against) -> list[tuple[str, str, str]]:
    """(mark, what it means, what the technical percent becomes) of each step that could be agreed on."""
    criterion = cell.criterion
    own = {str(anchor): str(value) for anchor, value in found.sheet.anchor_map.items()}
    effects = []
    for step in steps_of(criterion.scale, criterion.anchors, own):
        percent = rows.with_agreement(found, criterion.code, Decimal(step.mark))
        said = (
            formats.percent_against(percent, against.threshold)
            if against.threshold
            else formats.percent(percent)
        )
        if against.threshold is not None:
            said += ", passes" if percent >= against.threshold else ", below the threshold"
        effects.append((step.mark, step.text, said))
    return effects


def _forms(
    room: Room, cell: rows.Cell, choices: list[tuple[Any, str]], given: Mapping[str, django_forms.Form]
) -> dict[str, Any]:
    agree = given.get("agree") or AgreeForm(criterion=cell.criterion, anchor_map=room.solicitation.anchor_map)
    return {
        "agree_form": agree,
        "reopen_form": given.get("reopen") or ReopenForm(seats=choices),
        "back_form": given.get("back") or TakeBackForm(),
        "form": next(iter(given.values()), None),
    }


# ---- what the chair does --------------------------------------------------------------------------------------------


def settle(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view of the chair, with the criterion; 404 for others."""

    @require_POST
    @in_moderation
    @wraps(view)
    def inner(request: HttpRequest, room: Room, proposal: Proposal, code: str) -> HttpResponseBase:
        if not room.viewer.is_chair:
            raise Http404
        criteria = {each.code: each for each in inputs.criteria_of(room.solicitation)}
        if code not in criteria:
            raise Http404
        return view(request, room, proposal, criteria[code])

    return inner


def _settled(
    request: HttpRequest,
    room: Room,
    proposal: Proposal,
    code: str,
    act: Callable[[Revision], str],
    **sent: Any,
) -> HttpResponse:
    """Do what one form asks for; `act` says what was done. `sent`: the form, by its name on the page."""
    (form,) = sent.values()
    assert proposal.current_revision_id is not None, "it is visible"
    if form.is_valid():
        try:
            done = act(ranking_queries.revision_to_score(proposal.current_revision_id))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect(f"{reverse('scoring:moderate', args=[proposal.pk])}?criterion={code}#settle")
    return _render(request, room, proposal, sent, code=code)


@settle
def agree(request: HttpRequest, room: Room, proposal: Proposal, criterion: Any) -> HttpResponse:
    """Record an agreed mark."""
    form = AgreeForm(request.POST, criterion=criterion, anchor_map=room.solicitation.anchor_map)

    def act(revision: Revision) -> str:
        given = form.cleaned_data
        stored = actions.agree(
            revision, criterion, given["mark"], reason=given["reason"], by=room.user, at=clock.wall_time()
        )
        return f"{criterion.title}: the panel agreed on {stored.anchor}."

    return _settled(request, room, proposal, criterion.code, act, agree=form)


@settle
def take_back(request: HttpRequest, room: Room, proposal: Proposal, criterion: Any) -> HttpResponse:
    """Take an agreement back: the marks count again."""
    form = TakeBackForm(request.POST)

    def act(revision: Revision) -> str:
        reason = form.cleaned_data["reason"]
        actions.agree(revision, criterion, None, reason=reason, by=room.user, at=clock.wall_time())
        return f"{criterion.title}: the reviewers’ marks count again."

    return _settled(request, room, proposal, criterion.code, act, back=form)


@settle
def reopen(request: HttpRequest, room: Room, proposal: Proposal, criterion: Any) -> HttpResponse:
    """Ask one reviewer to mark the criterion again."""
    marked = Mark.objects.filter(revision=proposal.current_revision_id, criterion=criterion).values(
        "evaluator"
    )
    seats = [(seat, "") for seat in panel_queries.seats_of(room.solicitation).filter(pk__in=marked)]
    form = ReopenForm(request.POST, seats=seats)

    def act(revision: Revision) -> str:
        reason = form.cleaned_data["reason"]
        actions.reopen(revision, criterion, form.who, reason=reason, by=room.user, at=clock.wall_time())
        return f"{form.who.user.name} is asked to mark {criterion.title} again."

    return _settled(request, room, proposal, criterion.code, act, reopen=form)
