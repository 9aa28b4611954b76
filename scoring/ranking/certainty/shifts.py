"""What changed since the last ranking, and why: kept in words when a ranking is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from portal.kit import formats
from rfp.models import Criterion
from scoring.ranking.models import RankedProposal, Ranking, Score, Shift

MOST = 20  # moves that are told of one lot
KEPT = 10  # shifts of one lot
Ranks = Mapping[int, int | None]  # score id → its new rank


def store(ranking: Ranking, ranks: Ranks, *, at: datetime) -> None:
    """Keep what the new ranks change in each lot. Called before rows are replaced; a first ranking changes nothing."""
    was = {
        score: (lot, rank)
        for score, lot, rank in ranking.rows.filter(
            proposal__current_revision__score__isnull=False
        ).values_list("proposal__current_revision__score", "lot", "rank")
    }
    if not was:
        return
    moved = [score for score, rank in ranks.items() if score not in was or was[score][1] != rank]
    if not moved:
        return
    new = Score.objects.filter(pk__in=moved).values(
        "pk",
        "marks",
        "knocked_out",
        "supplier_name",
        "revision__number",
        proposal=F("revision__proposal"),
        number=F("revision__proposal__number"),
        supplier=F("revision__proposal__supplier"),
        lot=F("revision__proposal__lot"),
    )
    by_lot: dict[int, list[Mapping[str, Any]]] = {}
    before = _before(ranking, [row["proposal"] for row in new])
    for row in new:
        by_lot.setdefault(row["lot"], []).append(row)
    criteria = Criterion.objects.filter(solicitation__windows=ranking.window_id)
    titles = dict(criteria.values_list("code", "title"))
    Shift.objects.bulk_create(
        [_shift(ranking, lot, rows, was, before, ranks, titles, at=at) for lot, rows in by_lot.items()]
    )
    for lot in by_lot:
        old = Shift.objects.filter(ranking=ranking, lot=lot).values_list("pk", flat=True)[KEPT:]
        Shift.objects.filter(pk__in=list(old)).delete()


def _before(ranking: Ranking, proposals: Sequence[Any]) -> dict[Any, Mapping[str, Any]]:
    """proposal → its row in the ranking that is about to be replaced."""
    rows = RankedProposal.objects.filter(ranking=ranking, proposal__in=proposals)
    return {row["proposal"]: row for row in rows.values("proposal", "marks", "revision__number")}


def _shift(
    ranking: Ranking,
    lot: int,
    rows: Sequence[Mapping[str, Any]],
    was: Mapping[int, tuple[int, int | None]],
    before: Mapping[Any, Mapping[str, Any]],
    ranks: Ranks,
    titles: Mapping[str, str],
    *,
    at: datetime,
) -> Shift:
    moves = []
    for row in rows:
        old = was.get(row["pk"], (lot, None))[1]
        why = why_of(before.get(row["proposal"]), row, ranks[row["pk"]], titles)
        moves.append(
            {
                "number": row["number"],
                "name": row["supplier_name"],
                "supplier": row["supplier"],
                "was": old,
                "now": ranks[row["pk"]],
                "why": why,
            }
        )
    moves.sort(key=lambda each: (not each["why"], each["now"] or each["was"] or 0))
    return Shift(
        ranking=ranking, lot_id=lot, at=at, since=ranking.ranked_at, moves=moves[:MOST], count=len(moves)
    )


def why_of(
    old: Mapping[str, Any] | None, new: Mapping[str, Any], rank: int | None, titles: Mapping[str, str]
) -> str:
    """What changed in the proposal's own figures, in a sentence; blank if only others' did."""
    if old is None:
        return "New in the ranking."
    if old["revision__number"] != new["revision__number"]:
        return "Has a new revision."
    if new["knocked_out"] and rank is None:
        return "Knocked out."
    changes = list(_changes(old["marks"], new["marks"], titles))
    if changes:
        return f"{'. '.join(changes)}."
    return "No longer ranked." if rank is None else ""


def _changes(
    old: Iterable[Sequence[Any]], new: Iterable[Sequence[Any]], titles: Mapping[str, str]
) -> Iterable[str]:
    """ "Energy 80.0, before 60.0": by criterion, its mark now and before."""
    before = {code: mark for code, _weight, mark, _mode in old}
    for code, _weight, mark, _mode in new:
        was = before.get(code)
        if mark != was:
            now = formats.number(mark, 1) if mark is not None else "no mark"
            then = f"before {formats.number(was, 1)}" if was is not None else "not counted before"
            yield f"{titles.get(code, code)} {now}, {then}"
