"""Does withdrawing one proposal reorder the others? It should not; with a formula that looks at rivals it can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rfp.method.prices import FORMULAS
from scoring.calculation.recomputing import SetResults, rank_rows
from scoring.calculation.ties import Place
from scoring.calculation.totals import Row, finish


def withdrawals(results: SetResults) -> list[dict[str, Any]]:
    """`[{"withdrawn", "order_changed", "now_before": [[id, id]]}]` for every proposal that takes part, in order.

    A pair in `now_before`: the first is now before the second and was not. An order also changes where a rank that was
    not shared now is.
    """
    published = results.places
    found = []
    for withdrawn in results.rows:
        if withdrawn.proposal.gate != "in":
            continue
        now = _without(withdrawn, results) if _looks_at_rivals(results) else published
        changed = _pairs(published, now, withdrawn.proposal.id)
        found.append(
            {
                "withdrawn": withdrawn.proposal.id,
                "order_changed": bool(changed),
                "now_before": [[first, second] for first, second, is_before in changed if is_before],
            }
        )
    return found


def _looks_at_rivals(results: SetResults) -> bool:
    method = results.method
    is_relative = method.technical == "relative"
    return is_relative or (method.price_open and FORMULAS[method.price.formula].needs_rivals)


def _without(withdrawn: Row, results: SetResults) -> Mapping[str, Place]:
    """The places of the others, computed anew from their values and prices."""
    from dataclasses import replace

    others = [replace(row) for row in results.rows if row is not withdrawn]
    finish(others, results.criteria, results.method)
    return rank_rows(others, results.criteria, results.method)


def _pairs(
    published: Mapping[str, Place], now: Mapping[str, Place], withdrawn: str
) -> list[tuple[str, str, bool]]:
    """Pairs whose order differs, and whether the first is now strictly before the second."""
    before = _levels(published, [each for each in published if each != withdrawn])
    after = _levels(now, [each for each in now if each != withdrawn])
    if before == after:
        return []
    order = sorted((each for each in after if each in before), key=lambda each: (after[each], each))
    found = []
    for index, first in enumerate(order):
        for second in order[index + 1 :]:
            was = (before[first] > before[second]) - (before[first] < before[second])
            is_now = (after[first] > after[second]) - (after[first] < after[second])
            if was != is_now:
                found.append((first, second, is_now < 0))
    return found


def _levels(places: Mapping[str, Place], kept: Sequence[str]) -> dict[str, int]:
    """Competition ranks among those kept."""
    found: dict[str, int] = {}
    rank, before = 0, 0
    for index, each in enumerate(kept):
        if index == 0 or places[each].rank != before:
            rank, before = index + 1, places[each].rank
        found[each] = rank
    return found
