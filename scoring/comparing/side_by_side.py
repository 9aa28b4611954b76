"""Two to six proposals side by side: figures, marks by criterion with comments, and answers, differences first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from portal.kit import formats
from rfp.models import Requirement, Revision
from rfp.proposals.queries import asked_among
from scoring.panel import names
from scoring.panel import queries as panel_queries
from scoring.panel.access import Access
from scoring.panel.views.room import Room
from scoring.ranking import cards
from scoring.ranking.inputs import key_of
from scoring.ranking.mark_models import AutomaticMark, Mark
from scoring.ranking.models import RankedProposal
from scoring.reading.answers import Answer, answer_to, sections_of

NOT_ASKED = "Not asked"


@dataclass(frozen=True, kw_only=True)
class Given:
    """What one reviewer gave: the mark, and the comment that goes with it."""

    who: str
    mark: str
    comment: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one proposal has in one line. `is_best`: it has the most points, and others have fewer; `proposal`: its id,
    where comments are `given`."""

    text: str
    sub: str = ""
    is_best: bool = False
    given: tuple[Given, ...] = ()
    proposal: Any = None
    statement: str = ""
    answer: Answer | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the comparison, a cell for each proposal. `differs`: not all cells say the same."""

    head: str
    sub: str
    cells: tuple[Cell, ...]
    differs: bool = True


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """The whole comparison, columns in the order of ranks."""

    rows: Sequence[RankedProposal]
    figures: Sequence[Line]
    criteria: Sequence[Line]
    answers: Sequence[Line]
    same: Sequence[Line]


def side_by_side(rows: Sequence[RankedProposal], room: Room, access: Access) -> SideBySide:
    """Of rows that the reader may read; as many queries for six as for two."""
    found = Revision.objects.filter(pk__in=[row.revision_id for row in rows])
    revisions = {
        each.pk: each
        for each in found.select_related("score", "proposal__lot").prefetch_related(
            "items", "responses", "statements__criterion", "jobs_lines", "attachments__document"
        )
    }
    columns = [
        _Column(row, revisions[row.revision_id], _is_open(row, access))
        for row in rows
        if row.revision_id in revisions
    ]
    if not room.sees_names:
        for each in columns:
            names.name_neutrally(each.revision.attachments.all(), each.revision.proposal)
    answers = _answers(columns, room)
    return SideBySide(
        rows=[each.row for each in columns],
        figures=_figures(columns),
        criteria=_criteria(columns, room),
        answers=[line for line in answers if line.differs],
        same=[line for line in answers if not line.differs],
    )


@dataclass(frozen=True)
class _Column:
    """One proposal: its row, the revision that is ranked, whether its prices are open to the reader."""

    row: RankedProposal
    revision: Revision
    price_open: bool


def _is_open(row: RankedProposal, access: Access) -> bool:
    return row.price_open and row.lot_id in access.price_lots


# ---- figures ----------------------------------------------------------------------------------------------------


def _figures(columns: Sequence[_Column]) -> list[Line]:
    def line(head: str, text: Callable[[_Column], str], sub: str = "") -> Line:
        cells = tuple(Cell(text=text(each)) for each in columns)
        return Line(head=head, sub=sub, cells=cells, differs=len({cell.text for cell in cells}) > 1)

    lines = [
        line("Rank", _rank),
        line("Score", lambda each: formats.number(each.row.score, 2) if each.price_open else ""),
        line("Technical points", lambda each: formats.number(each.row.technical, 2)),
        line("Price", lambda each: formats.money_short(each.row.price_total) if each.price_open else ""),
        line(
            "Domestic content",
            lambda each: cards.domestic_range(each.row.domestic_low, each.row.domestic_high),
            "of component cost",
        ),
        line("Spread of marks", lambda each: formats.percent(each.row.spread, 0)),
        line("Lead time", _lead_time, "firm order to first shipment"),
        line("Jobs", _jobs, "new and kept"),
        line("Start of production", lambda each: formats.day(each.revision.start_of_production)),
    ]
    return [each for each in lines if any(cell.text for cell in each.cells)]


def _rank(column: _Column) -> str:
    row = column.row
    if row.rank is None:
        return str(row.get_standing_display())
    return f"{row.rank} in {row.lot_code}"


def _lead_time(column: _Column) -> str:
    days = column.revision.lead_time_days
    return "" if days is None else formats.count_of(days, "day")


def _jobs(column: _Column) -> str:
    lines = list(column.revision.jobs_lines.all())
    if not lines:
        return ""
    new, kept = (sum((getattr(each, name) for each in lines), Decimal(0)) for name in ("new", "retained"))
    return f"{formats.number(new)} new, {formats.number(kept)} kept"


# ---- criteria ---------------------------------------------------------------------------------------------------


def _criteria(columns: Sequence[_Column], room: Room) -> list[Line]:
    """A line for each criterion that is open somewhere, the one that moves the totals most first."""
    names = {key_of(seat.pk): seat.user.name for seat in panel_queries.panel_of(room.solicitation)}
    ids = [each.revision.pk for each in columns]
    comments = _comments(ids)
    inputs = _inputs(ids)
    by_code = [_score_lines(each) for each in columns]
    found: list[tuple[Decimal, int, Line]] = []
    for place, criterion in enumerate(room.solicitation.criteria.all()):
        lines = [known.get(criterion.code) for known in by_code]
        points = [Decimal(line.points.replace(",", "").replace("\u2212", "-")) for line in lines if line]
        if not points:
            continue
        best, gap = max(points), max(points) - min(points)
        cells = tuple(
            _criterion_cell(
                line,
                is_best=gap > 0 and line is not None and line.points == formats.number(best, 2),
                given=_given(line, comments.get((column.revision.pk, criterion.pk), {}), names),
                proposal=column.revision.proposal_id,
                statement=_statement(column.revision, criterion.pk),
                computed=inputs.get((column.revision.pk, criterion.pk), ""),
            )
            for line, column in zip(lines, columns, strict=True)
        )
        sub = f"{criterion.code}, weight {formats.number(criterion.weight)}"
        found.append((-gap, place, Line(head=criterion.title, sub=sub, cells=cells, differs=gap > 0)))
    return [line for _gap, _place, line in sorted(found, key=lambda each: each[:2])]


def _score_lines(column: _Column) -> dict[str, cards.ScoreLine]:
    """criterion's code → its line of the score, as far as envelopes are open."""
    score = getattr(column.revision, "score", None)
    card = cards.score_card(score, reviewers={}, price_open=column.price_open, row=column.row)
    return {line.code: line for line in card.lines} if card else {}


def _criterion_cell(
    line: cards.ScoreLine | None,
    *,
    is_best: bool,
    given: tuple[Given, ...],
    proposal: Any,
    statement: str,
    computed: str,
) -> Cell:
    if line is None:
        return Cell(text="", sub="Sealed until the price opening")
    mark = f"Mark {line.mark}" if line.mark else "No mark"
    how = "" if given else line.how.lower()
    sub = ", ".join(part for part in (mark, how) if part)
    return Cell(
        text=line.points,
        sub=f"{sub}. {computed}" if computed else sub,
        is_best=is_best,
        given=given,
        proposal=proposal,
        statement=statement,
    )


def _comments(revisions: Iterable[int]) -> dict[tuple[int, int], dict[str, str]]:
    """(revision, criterion) → reviewer's key → comment."""
    found: dict[tuple[int, int], dict[str, str]] = {}
    rows = Mark.objects.filter(revision__in=list(revisions))
    for revision, criterion, seat, comment in rows.values_list(
        "revision_id", "criterion_id", "evaluator_id", "comment"
    ):
        found.setdefault((revision, criterion), {})[key_of(seat)] = comment
    return found


def _inputs(revisions: Iterable[int]) -> dict[tuple[int, int], str]:
    """(revision, criterion) → the figure that a computed mark comes from, with where 0 and 100 are."""
    rows = AutomaticMark.objects.filter(revision__in=list(revisions))
    return {
        (revision, criterion): said
        for revision, criterion, trace in rows.values_list("revision_id", "criterion_id", "trace")
        if (said := input_in_words(trace))
    }


def input_in_words(trace: Mapping[str, Any]) -> str:
    """The figure that a computed mark comes from; blank where its trace names none."""
    if not {"value", "from", "ideal"} <= trace.keys():
        return ""
    return f"From {_figure(trace['value'])}: 0 at {_figure(trace['from'])}, 100 at {_figure(trace['ideal'])}."


def _figure(text: str) -> str:
    """A stored figure with at most four digits after the point."""
    value = Decimal(text)
    return formats.number(round(value, 1 if abs(value) >= 10 else 4))


def _given(
    line: cards.ScoreLine | None, comments: Mapping[str, str], names: Mapping[str, str]
) -> tuple[Given, ...]:
    """The marks that count, each with its comment; a mark that was taken out brings none."""
    return tuple(
        Given(who=names.get(key, key), mark=mark, comment=comments.get(key, ""))
        for key, mark in (line.given if line else ())
    )


def _statement(revision: Revision, criterion: int) -> str:
    return next((each.text for each in revision.statements.all() if each.criterion_id == criterion), "")


# ---- answers ----------------------------------------------------------------------------------------------------


def _answers(columns: Sequence[_Column], room: Room) -> list[Line]:
    """A line for each requirement that concerns any of them, in the order of the RFP."""
    lots = {each.row.lot_id for each in columns}
    requirements = list(
        Requirement.objects.filter(Q(lot__in=lots) | Q(lot__isnull=True), solicitation=room.solicitation)
        .select_related("feeds")
        .prefetch_related("applies_to")
        .order_by("lot__position", "position", "code", "since")
    )
    asked = [_asked(each, requirements) for each in columns]
    found = []
    # One line for a question, in its newest wording, whichever wording a proposal answered.
    for requirement in {each.question: each for each in requirements}.values():
        cells = tuple(_answer_cell(answers.get(requirement.question)) for answers in asked)
        if all(cell.text == NOT_ASKED for cell in cells):
            continue
        feeds = f", counts for {requirement.feeds.title}" if requirement.feeds else ""
        found.append(
            Line(
                head=requirement.text,
                sub=f"{requirement.code}{feeds}",
                cells=cells,
                differs=len({_same(cell) for cell in cells}) > 1,
            )
        )
    return found


def _asked(column: _Column, requirements: Iterable[Requirement]) -> dict[int, Answer]:
    """Question → the proposal's answer, for those that concern it, as it was asked when the proposal answered."""
    revision = column.revision
    own = [
        each
        for each in requirements
        if each.lot_id in (None, column.row.lot_id) and each.is_asked_in(revision.rfp_version)
    ]
    values = {each.requirement_id: each.value for each in revision.responses.all()}
    sections = sections_of(revision)
    return {
        each.question: answer_to(
            each,
            values.get(each.pk),
            [file for file in revision.attachments.all() if file.requirement_id == each.pk],
            sections,
            price_open=column.price_open,
        )
        for each in asked_among(revision, own, own)
    }


def _answer_cell(answer: Answer | None) -> Cell:
    if answer is None:
        return Cell(text=NOT_ASKED)
    return Cell(text=answer.value, answer=answer)


def _same(cell: Cell) -> tuple[Any, ...]:
    """What two cells must share to say the same. Two files are two answers, whatever their names."""
    answer = cell.answer
    files = tuple(file.pk for file in answer.files) if answer else ()
    return cell.text, answer.rows if answer else (), answer.is_sealed if answer else False, files
