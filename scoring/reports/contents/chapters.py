"""The whole evaluation of one lot: panel, declarations, openings, every mark with its comment, every act and reason.

It names reviewers. So it is for those who oversee the RFP and for its chair, and for none of them with a conflict in
the window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.kit import formats
from portal.kit.compliance import Envelope
from portal.models import User
from rfp.models import Lot, Opening, Window
from scoring.comparing.side_by_side import input_in_words
from scoring.decisions import queries as decisions_queries
from scoring.decisions import rows as decisions_rows
from scoring.outcomes.models import Release
from scoring.panel import queries as panel_queries
from scoring.panel.access import Viewer, sees_names, viewer_of
from scoring.ranking import cards, inputs, sheets
from scoring.ranking import queries as ranking_queries
from scoring.ranking.mark_models import Mark
from scoring.ranking.models import RankedProposal, Ranking
from scoring.reports.contents import history
from scoring.reports.contents.advice import certainties, coverage_of, ties_of

MOST = 300  # proposals with a chapter of their own; the evaluation file has all
NO_MARK = {"abstained": "No mark", "conflict": "Conflict", "missing": "To come"}


@dataclass(frozen=True, kw_only=True)
class Given:
    """What one reviewer gave on one criterion. `note`: why it does not count."""

    who: str
    mark: str
    comment: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One criterion of one proposal: the figures of its score, everything that reviewers gave, and the figure that a
    computed mark comes from."""

    figures: cards.ScoreLine
    source: str
    given: tuple[Given, ...]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One proposal: its place, its lines, and what people did about it."""

    row: decisions_rows.RankRow
    lines: Sequence[Line]
    total: str
    acts: Sequence[history.Act]


def may_read(viewer: Viewer, window: Window, lot: Lot) -> bool:
    """Whether the person may read all of the lot's evaluation, reviewers' names too; not while names are hidden."""
    if not (viewer.oversees or viewer.is_chair) or not sees_names(viewer, window):
        return False
    access = viewer.access(window, window.openings.all())
    return lot.pk in access.panel_lots and not ranking_queries.hides_any(viewer, window)


def context_of(viewer: Viewer, window: Window, lot: Lot, ranking: Ranking) -> dict[str, Any]:
    """What the report's template shows; a fixed number of queries. `ranking`: the window's, stored."""
    solicitation = window.solicitation
    rows = _rows(ranking, lot)
    price_open = _is_open(viewer, window, lot, rows)
    sure = certainties(ranking, viewer.conflicts)[0].get(lot.pk)
    chapters = _chapters(window, lot, rows, price_open=price_open, officer=viewer.oversees)
    return {
        "window": window,
        "solicitation": solicitation,
        "lot": lot,
        "zone": solicitation.time_zone,
        "ranking": ranking,
        "price_open": price_open,
        "seats": panel_queries.panel_of(solicitation),
        "declarations": panel_queries.declarations_of(solicitation).filter(window=window),
        "conflicts": panel_queries.conflicts_of(solicitation),
        "openings": _openings(window, lot),
        "releases": Release.objects.filter(window=window, lot=lot, confirmed_at__isnull=False).select_related(
            "proposed_by", "confirmed_by"
        ),
        "rows": [chapter.row for chapter in chapters],
        "ranked_count": sum(1 for row in rows if row.rank is not None),
        "selected_count": sum(1 for chapter in chapters if chapter.row.decision_state == "met"),
        "chapters": chapters[:MOST],
        "left_out": max(len(chapters) - MOST, 0),
        "sure": sure,
        "ties": ties_of(viewer, ranking, lot, price_open=price_open),
        "coverage": coverage_of(viewer, window, lot, rows),
        "method": cards.method_in_words(solicitation),
    }


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One envelope as two people opened it."""

    envelope: str
    first: str
    first_at: datetime
    second: str
    second_at: datetime
    why: str


def _openings(window: Window, lot: Lot) -> list[Opened]:
    found = Opening.objects.filter(window=window, lot=lot, confirmed_at__isnull=False)
    return [
        Opened(
            envelope="Prices" if each.envelope == Envelope.PRICE.value else "Technical",
            first=each.proposed_by.name,
            first_at=each.proposed_at,
            second=each.confirmed_by.name,
            second_at=each.confirmed_at,
            why=each.fewer_marks_reason,
        )
        for each in found.select_related("proposed_by", "confirmed_by").order_by("confirmed_at")
        if each.confirmed_by is not None and each.confirmed_at is not None
    ]


def chapters_of(user: User, window: Window, lot: Lot) -> list[Chapter]:
    """The lot's proposals as the person may read them; see `may_read`. None while nothing is ranked."""
    viewer = viewer_of(user, window.solicitation)
    ranking = ranking_queries.ranking_of(window)
    if ranking is None:
        return []
    rows = _rows(ranking, lot)
    return _chapters(
        window, lot, rows, price_open=_is_open(viewer, window, lot, rows), officer=viewer.oversees
    )


def _rows(ranking: Ranking, lot: Lot) -> list[RankedProposal]:
    return list(ranking.rows.filter(lot=lot).select_related("lot", "revision__score").order_by("position"))


def _is_open(viewer: Viewer, window: Window, lot: Lot, rows: Iterable[RankedProposal]) -> bool:
    """Whether the lot's prices are open to the person, and the stored ranking was made with them."""
    access = viewer.access(window, window.openings.all())
    return lot.pk in access.price_lots and all(row.price_open for row in rows)


def _chapters(
    window: Window, lot: Lot, rows: Sequence[RankedProposal], *, price_open: bool, officer: bool
) -> list[Chapter]:
    names = {inputs.key_of(seat.pk): seat.user.name for seat in panel_queries.panel_of(window.solicitation)}
    # Prices are not needed for marks, so none are read.
    found = sheets.submitted(window, [lot], price_open=False)
    sheet_of = {each.revision.pk: each for each in found.get(lot.pk, ())}
    comments = _comments([row.revision_id for row in rows])
    codes = {each.code: each.pk for each in inputs.criteria_of(window.solicitation)}
    decided = decisions_queries.latest_decisions([row.proposal_id for row in rows])
    acts = history.history_of(rows, price_open=price_open, officer=officer)
    return [
        _chapter(
            row,
            sheet_of.get(row.revision_id),
            comments.get(row.revision_id, {}),
            names,
            codes,
            decision=decided.get(row.proposal_id),
            acts=acts.get(row.proposal_id, ()),
            price_open=price_open,
        )
        for row in rows
    ]


def _chapter(
    row: RankedProposal,
    sheet: sheets.Submitted | None,
    comments: Mapping[tuple[int, str], str],
    names: Mapping[str, str],
    codes: Mapping[str, int],
    *,
    decision: Any,
    acts: Iterable[history.Act],
    price_open: bool,
) -> Chapter:
    score = getattr(row.revision, "score", None)
    card = cards.score_card(score, reviewers=names, price_open=price_open, row=row if price_open else None)
    lines = [
        Line(
            figures=line,
            source=input_in_words(sheet.traces.get(line.code, {})) if sheet else "",
            given=_given(sheet.marks.get(line.code, ()), codes[line.code], comments, names) if sheet else (),
        )
        for line in (card.lines if card else ())
    ]
    return Chapter(
        row=decisions_rows.rank_row(row, decision, price_open=price_open, in_full=True),
        lines=lines,
        total=(card.total or card.technical) if card else "",
        acts=tuple(acts),
    )


def _given(
    marks: Iterable[sheets.Given],
    criterion: int,
    comments: Mapping[tuple[int, str], str],
    names: Mapping[str, str],
) -> tuple[Given, ...]:
    """Everybody who marked it, and whose mark is missing; nobody where reviewers are not asked."""
    found = list(marks)
    if all(
        status == "missing" or (status == "conflict" and anchor is None) for _key, anchor, status in found
    ):
        return ()
    return tuple(
        Given(
            who=names.get(key, key),
            mark=formats.number(anchor) if anchor is not None else NO_MARK[status],
            comment=comments.get((criterion, key), ""),
            note="Has a conflict. The mark does not count."
            if status == "conflict" and anchor is not None
            else "",
        )
        for key, anchor, status in found
    )


def _comments(revisions: Sequence[int]) -> dict[int, dict[tuple[int, str], str]]:
    """revision id → (criterion id, reviewer's key) → comment; one query."""
    found: dict[int, dict[tuple[int, str], str]] = {}
    rows = Mark.objects.filter(revision__in=revisions).exclude(comment="")
    for revision, criterion, seat, comment in rows.values_list(
        "revision_id", "criterion_id", "evaluator_id", "comment"
    ):
        found.setdefault(revision, {})[criterion, inputs.key_of(seat)] = comment
    return found
