"""What it takes to change the published order, without drawing anything: intervals, flips, and one evaluator less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scoring.calculation.figures import half_up, printed
from scoring.calculation.recomputing import SetResults, rank_rows
from scoring.calculation.robustness.weighing import PRICE, Weighing
from scoring.calculation.totals import ZERO, Row, Terms, score_criterion, weighted_total

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]

TINY = 1e-15
CHUNK = 1000  # neighbors at a time
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
    import numpy as np

    leads = np.maximum(weighed.scores[:-1] - weighed.scores[1:], 0)
    apart = weighed.values[:-1] - weighed.values[1:]
    gains = _gains(weighed, leads)
    found = []
    for start in range(0, len(leads), CHUNK):
        moves = _least_moves(weighed, leads[start : start + CHUNK], apart[start : start + CHUNK])
        for above, (moved, giver, taker) in enumerate(moves, start):
            found.append(
                {
                    "above": weighed.ids[above],
                    "below": weighed.ids[above + 1],
                    "weight_moved": moved,
                    "from": giver,
                    "to": taker,
                    "gains": {code: column[above] for code, column in gains.items()},
                }
            )
    return found


def _least_moves(
    weighed: Weighing, leads: Floats, apart: Floats
) -> list[tuple[float | None, str | None, str | None]]:
    """Moving a share from j to k changes a lead by −(apart_j − apart_k) for each unit; a weight can't give more."""
    import numpy as np

    size = len(weighed.codes)
    closing = (apart[:, :, None] - apart[:, None, :]).reshape(len(leads), size * size)
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.where(closing > SMALL, leads[:, None] / closing, np.inf)
    moves[moves > np.repeat(weighed.shares, size) + SMALL] = np.inf
    least = moves.min(axis=1, initial=np.inf)
    # Among equal moves, the one that closes fastest: it matters only for a lead of 0.
    best = np.where(moves <= least[:, None] + TINY, closing, -np.inf).argmax(axis=1)
    found: list[tuple[float | None, str | None, str | None]] = []
    for moved, pair in zip(least.tolist(), best.tolist(), strict=True):
        giver, taker = divmod(pair, size)
        if moved == np.inf:
            found.append((None, None, None))
        else:
            found.append(
                (min(moved, float(weighed.shares[giver])), weighed.codes[giver], weighed.codes[taker])
            )
    return found


def _gains(weighed: Weighing, leads: Floats) -> dict[str, list[float | None]]:
    """By criterion, what each lower neighbor's value would have to rise; None above 100. Price never gains."""
    gains: dict[str, list[float | None]] = {}
    for column, (code, share) in enumerate(zip(weighed.codes, weighed.shares.tolist(), strict=True)):
        if code == PRICE:
            continue
        rises = (leads / share).tolist() if share > 0 else [None] * len(leads)
        room = (100 + SMALL - weighed.values[1:, column]).tolist()
        gains[code] = [
            rise if rise is not None and rise <= most else None
            for rise, most in zip(rises, room, strict=True)
        ]
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
        if len(kept) < len(marks) and criterion.stage <= row.proposal.stage:
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
