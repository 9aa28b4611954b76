"""One criterion over all proposals of a reviewer: marks side by side keep one measure for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portal.kit import clock
from portal.kit.asked import IdPages
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from rfp.models import Criterion, Proposal, Statement, Window
from scoring.duties import queries as duties
from scoring.marking import actions
from scoring.marking import queries as marking_queries
from scoring.marking.forms import Asked, MarkForm, Option
from scoring.panel.access import proposals_in
from scoring.panel.models import Evaluator
from scoring.panel.views.room import Room, in_room
from scoring.ranking import inputs
from scoring.ranking import queries as ranking_queries
from scoring.ranking.mark_models import Mark

PAGE = 20


@dataclass(frozen=True)
class Line:
    """One proposal: its form for this criterion, and what the supplier says."""

    proposal: Any
    form: MarkForm
    asked: Asked
    says: str

    @property
    def anchor(self) -> Any:
        return self.form[self.asked.anchor_name]

    @property
    def comment(self) -> Any:
        return self.form[self.asked.comment_name]

    @property
    def shown(self) -> str:
        return self.form.stored_print(self.asked)

    @property
    def options(self) -> list[Option]:
        """The choices in short, from the lowest mark to none."""
        given = str(self.anchor.value() or "")
        return [
            Option(self.asked, value, text, given == value, f"{self.anchor.auto_id}_{value}")
            for value, text in self.asked.choices
        ]


@in_room
def by_criterion(request: HttpRequest, room: Room, code: str) -> HttpResponse:
    """A page of the reviewer's proposals, each with this criterion; saved together, each for itself."""
    if room.seat is None:
        raise Http404
    criteria = [each for each in inputs.criteria_of(room.solicitation) if _is_marked(each)]
    criterion = next((each for each in criteria if each.code == code), None)
    if criterion is None:
        raise Http404
    window = room.window(request.GET.get("window"))
    pages = _pages(room, room.seat, window)
    page = pages.get_page(request.GET.get("page"))
    data = request.POST if request.method == "POST" else None
    lines = _lines(room.seat, list(page.object_list), criterion, data)
    if request.method == "POST":
        count = _store(room, lines, criterion)
        if count is not None:
            messages.success(request, f"{count_of(count, 'mark')} saved.")
            tail = (
                f"?window={window.number}&page={page.next_page_number() if page.has_next() else page.number}"
            )
            return redirect(
                reverse("scoring:mark_criterion", args=[room.solicitation.number, criterion.code]) + tail
            )
    context = room.context(
        "queue",
        window=window,
        page=page,
        lines=lines,
        criterion=criterion,
        criteria=criteria,
        errors=[line for line in lines if line.form.is_bound and line.form.errors],
        anchors=Asked(criterion=criterion, anchor_map=room.solicitation.anchor_map).steps,
    )
    return render(request, "scoring/marking/by_criterion.html", context)


def _is_marked(criterion: Criterion) -> bool:
    """Whether reviewers mark it on every proposal; one that is computed is left to them on some only."""
    return criterion.mode == Criterion.Mode.EVALUATOR and criterion.envelope == "technical"


def _pages(room: Room, seat: Evaluator, window: Window) -> IdPages:
    """Proposals that the reviewer is asked to mark and whose prices are sealed, by number."""
    access = room.access[window.pk]
    found = proposals_in(room.viewer, window, access).exclude(lot__in=access.price_lots)
    found = found.filter(duties.asked_in(window, seat))
    return IdPages(
        found.order_by("number").values_list("pk", flat=True),
        PAGE,
        fetch=lambda keys: duties.with_asked(
            marking_queries.with_own_marks(Proposal.objects.filter(pk__in=keys), seat), seat
        ).select_related("lot__solicitation", "current_revision"),
    )


def _lines(
    seat: Evaluator, proposals: Sequence[Any], criterion: Criterion, data: Mapping[str, Any] | None
) -> list[Line]:
    """The rows of a page without those on which the criterion is not asked, or settled; a fixed number of queries."""
    revisions = [each.current_revision_id for each in proposals]
    given = {
        mark.revision_id: mark
        for mark in Mark.objects.filter(revision__in=revisions, criterion=criterion, evaluator=seat)
    }
    settled = marking_queries.settled_on(seat, revisions, criterion)
    said = dict(
        Statement.objects.filter(revision__in=revisions, criterion=criterion).values_list("revision", "text")
    )
    lines = []
    for proposal in proposals:
        key = proposal.current_revision_id
        asked = duties.asked_as_said(proposal.is_shared, proposal.groups_asked)
        if key in settled or not asked.of([criterion]):
            continue
        one = Asked(
            criterion=criterion,
            solicitation=proposal.lot.solicitation,
            anchor_map=proposal.lot.solicitation.anchor_map,
            of=f"-{key}",
        )
        mark = given.get(key)
        form = MarkForm(data, asked=[one], given={criterion.pk: mark} if mark else {})
        lines.append(Line(proposal, form, one, said.get(key, "")))
    return lines


def _store(room: Room, lines: Sequence[Line], criterion: Criterion) -> int | None:
    """How many marks were stored; None where something is wrong, which the forms then say. Others are stored."""
    assert room.seat is not None, "only reviewers mark"
    count, is_fine = 0, True
    for line in lines:
        if not line.form.is_valid():
            is_fine = False
            continue
        changed = line.form.changed_marks()
        if not changed:
            continue
        try:
            actions.record_marks(
                ranking_queries.revision_to_score(line.proposal.current_revision_id),
                changed,
                evaluator=room.seat,
                by=room.user,
                at=clock.wall_time(),
                confidence=line.form.confidence(),
            )
            count += 1
        except Refused as refusal:
            line.form.add_error(None, str(refusal))
            is_fine = False
    return count if is_fine else None
