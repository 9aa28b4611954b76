"""Evaluation files of a window, and extracts of them, from the database. What the engine reads, and its results.

A file holds everything that a ranking was made from, so it is only for who may read all of it: see `lots_for`. What
others may read of their own goes into an extract, which `manage.py recompute` refuses by its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rfp.models import Lot, Window
from scoring.calculation import load, recompute
from scoring.calculation.file.reading import EXTRACT
from scoring.calculation.file.writing import with_results
from scoring.comparing import evaluations
from scoring.panel.access import Access, Viewer
from scoring.ranking import method as methods
from scoring.ranking import sheets
from scoring.ranking.models import RankedProposal
from scoring.ranking.queries import hides_any, ranking_of
from scoring.ranking.sheets import Submitted


def lots_for(viewer: Viewer, window: Window, access: Access, *, price_open: bool) -> list[Lot]:
    """Lots whose whole file the person may read, in order: all with their prices open, or all with them sealed.

    None for who has a conflict with anybody in the window, or while nothing is ranked.
    """
    ranking = ranking_of(window) if access.sees_panel else None
    wanted = access.panel_lots & access.price_lots if price_open else access.panel_lots - access.price_lots
    if not wanted or ranking is None or ranking.ranked_at is None or hides_any(viewer, window):
        return []
    received = set(ranking.rows.filter(lot__in=wanted).values_list("lot", flat=True).distinct())
    return [lot for lot in window.solicitation.lots.all() if lot.pk in received]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A whole file, ready to be handed out. `left_out`: proposals that wait for marks."""

    content: bytes
    left_out: int


def whole(window: Window, lots: Sequence[Lot], *, price_open: bool) -> Written:
    """The evaluation file of these lots, with results. They all have open prices, or all sealed ones."""
    raw, left_out = evaluations.whole(window, lots, price_open=price_open)
    evaluation = load(json.dumps(raw, ensure_ascii=False).encode())
    return Written(content=with_results(evaluation, recompute(evaluation)), left_out=left_out)


def file_name(window: Window, *, price_open: bool) -> str:
    """ "26-01-window-1-evaluation.json"."""
    sealed = "" if price_open else "-sealed"
    return f"{window.solicitation.number}-window-{window.number}{sealed}-evaluation.json"


# ---- extracts ---------------------------------------------------------------------------------------------------


def extract(
    window: Window, lots: Sequence[Lot], proposals: Iterable[Any], *, price_open: bool, with_marks: bool
) -> dict[str, Any]:
    """The method, and the lines of these proposals alone, each with its place in the stored ranking.

    `with_marks`: the reader sees the panel's marks of these lots; without it, only which proposals they are.
    """
    found = sheets.submitted(window, lots, price_open=price_open, only=proposals)
    everyone = [each for rows in found.values() for each in rows]
    names = sheets.pseudonyms(window.solicitation)
    sets = evaluations.sets_of(window, lots, found, names, price_open=price_open, with_marks=with_marks)
    if with_marks:
        _add_places(window, sets, everyone, price_open=price_open)
    return {**evaluations.head(EXTRACT, window, everyone, price_open=price_open), "sets": sets}


def _add_places(
    window: Window, sets: Iterable[dict[str, Any]], proposals: Iterable[Submitted], *, price_open: bool
) -> None:
    """`results` of each set: what the stored ranking says of its proposals."""
    stored = RankedProposal.objects.filter(
        ranking__window=window, proposal__in=[each.revision.proposal_id for each in proposals]
    )
    rows = {row.proposal_number: row for row in stored}
    lines = {each.number: each.revision.score.trace["lines"] for each in proposals}
    for each in sets:
        numbers = [line["id"] for line in each["proposals"]]
        each["results"] = [
            _place(rows[number], lines[number], price_open=price_open and rows[number].price_open)
            for number in numbers
            if number in rows
        ]


def _place(row: RankedProposal, lines: Iterable[Mapping[str, Any]], *, price_open: bool) -> dict[str, Any]:
    """One proposal's stored place, its figures to 12 places."""
    return {
        "id": row.proposal_number,
        "standing": row.standing,
        "rank": row.rank,
        "rank_before": row.rank_before,
        "shared": row.shared,
        "tie_step": row.tie_step,
        "technical": methods.text(row.technical),
        "total": methods.text(row.score) if price_open else None,
        "flags": list(row.flags),
        "criteria": [
            {"code": line["criterion"], "value": line["mark"], "points": line["points"], "mode": line["mode"]}
            for line in lines
            if price_open or line["envelope"] == "technical"
        ],
    }
