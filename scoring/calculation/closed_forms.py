"""What it takes to change the published order, without drawing anything: intervals, flips, and one evaluator less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scoring.calculation.figures import half_up, printed
from scoring.calculation.recomputing import SetResults, rank_rows
from scoring.calculation.totals import ZERO, Row, Terms, score_criterion, weighted_total
from scoring.calculation.weighing import PRICE, Weighing

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]

SMALL = 1e-9  # of shares and values: below it, a difference is rounding


def weight_intervals(weighed: Weighing) -> dict[str, list[float]]:
    """For each weight, the shares (others in proportion) within which the published first stays first."""
    import numpy as np

    shares, values = weighed.shares, weighed.values
    if not len(values):
        return {}
    ahead = np.maximum(weighed.scores[0] - weighed.scores[1:], 0)
    apart = values[0] - values[1:]
    summed = apart @ shares
    found = {}
    for column, (code, share) in enumerate(zip(weighed.codes, shares, strict=True)):
        low, high = 0.0, 1.0
        if share < 1:
            # The lead is a straight line in this share; `slope` is what it gains as the others shrink in proportion.
            slope = apart[:, column] - (summed - share * apart[:, column]) / (1 - share)
            rising, falling = slope > SMALL, slope < -SMALL
            low = float(max(0, (share - ahead[rising] / slope[rising]).max(initial=0)))
            high = float(min(1, (share - ahead[falling] / slope[falling]).min(initial=1)))
        found[code] = [low, high]
    return found


def flips(weighed: Weighing) -> list[dict[str, Any]]:
    """For each two neighbors, the least weight to move and the gains in value that would tie them."""
    found = []
    for above, below in zip(range(len(weighed.ids) - 1), range(1, len(weighed.ids)), strict=True):
        lead = max(float(weighed.scores[above] - weighed.scores[below]), 0.0)
        apart = weighed.values[above] - weighed.values[below]
        moved, giver, taker = _least_move(weighed, lead, apart)
        found.append(
            {
                "above": weighed.ids[above],
                "below": weighed.ids[below],
                "weight_moved": moved,
                "from": giver,
                "to": taker,
                "gains": _gains(weighed, lead, below),
            }
        )
    return found


def _least_move(weighed: Weighing, lead: float, apart: Floats) -> tuple[float | None, str | None, str | None]:
    """Moving a share from j to k changes the lead by −(apart_j − apart_k) for each unit; a weight can't give more."""
    import numpy as np

    closing = apart[:, None] - apart[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.where(closing > SMALL, lead / closing, np.inf)
    moves[moves > weighed.shares[:, None] + SMALL] = np.inf
    if not np.isfinite(moves).any():
        return None, None, None
    # Among equal moves, the one that closes fastest: it matters only for a lead of 0.
    least = np.flatnonzero(moves.ravel() <= moves.min() + 1e-15)
    giver, taker = divmod(int(least[np.argmax(closing.ravel()[least])]), len(weighed.codes))
    moved = min(float(moves[giver, taker]), float(weighed.shares[giver]))
    return moved, weighed.codes[giver], weighed.codes[taker]


def _gains(weighed: Weighing, lead: float, below: int) -> dict[str, float | None]:
    gains: dict[str, float | None] = {}
    for column, (code, share) in enumerate(zip(weighed.codes, weighed.shares, strict=True)):
        if code == PRICE:
            continue
        gain = lead / float(share) if share > 0 else None
        reachable = gain is not None and weighed.values[below, column] + gain <= 100 + SMALL
        gains[code] = gain if reachable else None
    return gains


def leave_one_out(results: SetResults, evaluators: Sequence[str]) -> dict[str, Any]:
    """The order without each evaluator's marks. Gates, threshold and price points stay as published."""
    marked = {mark.evaluator for marks in results.of.marks.values() for mark in marks if mark.is_given}
    return {who: _without(who, results) for who in evaluators if who in marked}


def _without(who: str, results: SetResults) -> dict[str, Any]:
    rows = [_row_without(row, who, results) for row in results.ranked]
    places = rank_rows(rows, results.criteria, results.method)
    order = list(places)
    totals: Mapping[str, Any] = {row.proposal.id: row.total for row in rows}
    return {
        "order": order,
        "first": order[0] if order else None,
        "totals": {each: None if totals[each] is None else printed(totals[each]) for each in order},
    }


def _row_without(row: Row, who: str, results: SetResults) -> Row:
    """The row as it would be without this evaluator's marks."""
    method, scores = results.method, dict(row.scores)
    for criterion in results.criteria:
        cell = (row.proposal.id, criterion.code)
        marks = results.of.marks.get(cell, ())
        kept = [mark for mark in marks if mark.evaluator != who]
        if len(kept) < len(marks):
            automatic, consensus = results.of.automatic.get(cell), results.of.consensus.get(cell)
            scores[criterion.code] = score_criterion(criterion, kept, automatic, consensus, method)
    technical = sum(
        (scores[each.code].points or ZERO for each in results.criteria if each.envelope == "technical"), ZERO
    )
    changed = replace(row, scores=scores, technical=technical, technical_final=technical)
    if not method.price_open:
        changed.ranked_on = technical
        return changed
    total = weighted_total(changed, technical, Terms.of(results.criteria, method))
    changed.total = changed.ranked_on = total if method.places is None else half_up(total, method.places)
    return changed
