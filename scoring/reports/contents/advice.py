"""What a report says beside a lot's ranking: how sure the places are, what is tied, and what its proposals cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.kit.charts import shapes
from rfp.models import Lot, Window
from scoring.comparing import covering
from scoring.comparing import queries as comparing_queries
from scoring.comparing.models import Portfolio
from scoring.drawing import queries as drawing
from scoring.panel.access import Conflicts, Viewer
from scoring.ranking.certainty.chances import Certainty, certainty_of
from scoring.ranking.models import RankedProposal, Ranking, Stability
from scoring.ranking.queries import hides_any


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """One lot: who makes what in the last year of delivery, capacity against demand, states, and the latest suggestion.

    `year`: 0 where the RFP names none.
    """

    year: int
    verdict: covering.Verdict
    rows: Sequence[covering.Row]
    capacity: shapes.Chart | None
    states: Sequence[tuple[str, int, int]]
    suggestion: covering.Suggestion | None
    asked_at: Any = None


def certainties(ranking: Ranking, conflicts: Conflicts) -> tuple[dict[int, Certainty], list[Stability]]:
    """(lot id → how sure its ranking is, the rows that this was read from); only of the ranking that is stored now."""
    stored = [each for each in ranking.stabilities.all() if each.served == ranking.served]
    found = {each.lot_id: certainty_of(each, ranking, conflicts) for each in stored}
    return {lot: each for lot, each in found.items() if each is not None and not each.is_behind}, stored


def ties_of(viewer: Viewer, ranking: Ranking, lot: Lot, *, price_open: bool) -> list[str]:
    """What is tied in the lot and what was drawn, in sentences: as on the page of the ranking."""
    solicitation = ranking.window.solicitation
    if not price_open or not drawing.settles_by_draw(solicitation):
        return []
    slots, zone = solicitation.slots_per_lot, solicitation.time_zone
    return drawing.in_words(ranking, lot, viewer.conflicts, slots=slots, zone=zone, most=20)


def coverage_of(viewer: Viewer, window: Window, lot: Lot, rows: Sequence[RankedProposal]) -> Coverage | None:
    """`rows`: the lot's rows that the reader may read. None for who has a conflict in the window, as on the page."""
    ranked = [row for row in rows if row.rank is not None]
    items = list(lot.items.all())
    if not ranked or not items or hides_any(viewer, window):
        return None
    years = window.solicitation.delivery_years
    year = years[-1] if years else 0
    revisions = [row.revision_id for row in ranked]
    found = comparing_queries.offered(items, revisions, year)
    priced = all(row.price_open for row in ranked)
    portfolio = _latest(window, lot) if priced else None
    by_number = {row.proposal_number: row for row in ranked}
    suggestion = _suggestion(portfolio, by_number, {each.code: each.title for each in items}, lot)
    chosen = frozenset(row.proposal_number for row in suggestion.chosen) if suggestion else frozenset[str]()
    inside = {by_number[number].revision_id for number in chosen}
    cells = comparing_queries.cells(items, inside, year)
    return Coverage(
        year=year,
        verdict=covering.verdict_of(found, frozenset(item for item, _ in cells), has_set=bool(chosen)),
        rows=covering.rows_of(found, (), {}, chosen),
        capacity=covering.capacity_chart(found, revisions, whose="all ranked proposals"),
        states=covering.states_of(ranked, chosen),
        suggestion=suggestion,
        asked_at=portfolio.finished_at if portfolio else None,
    )


def _latest(window: Window, lot: Lot) -> Portfolio | None:
    return comparing_queries.portfolios_of(window.pk, lot.pk).filter(state=Portfolio.State.DONE).first()


def _suggestion(
    portfolio: Portfolio | None, rows: Mapping[str, Any], items: Mapping[str, str], lot: Lot
) -> covering.Suggestion | None:
    """The portfolio in words, unless proposals that it chose are not ranked anymore."""
    if portfolio is None or not set(portfolio.result.get("chosen") or ()) <= rows.keys():
        return None
    return covering.suggestion_of(portfolio, rows, items, lot.code)
