"""What would put a proposal above the one before it: stored as figures, told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from portal.kit import formats
from scoring.calculation.facts import Evaluation
from scoring.calculation.robustness.weighing import PRICE, weight_points
from scoring.panel.access import Conflicts

NOTHING = 1e-9  # of shares: two totals that are closer are the same


def kept(flips: Iterable[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The engine's flips as they are stored, by the lower proposal's number.

    `rows`: the ranked proposals with rank, proposal_number, supplier_name and supplier_id. `gain`: the least rise of a
    mark, of 100, with the criterion's code; None where no mark on one criterion could rise that far.
    """
    by_number = {row["proposal_number"]: row for row in rows}
    found = {}
    for flip in flips:
        above, below = by_number.get(flip["above"]), by_number.get(flip["below"])
        if above is None or below is None:
            continue
        gains = [(gain, code) for code, gain in flip["gains"].items() if gain is not None]
        found[flip["below"]] = {
            "rank": below["rank"],
            "name": below["supplier_name"],
            "supplier": below["supplier_id"],
            "above": {
                "number": flip["above"],
                "rank": above["rank"],
                "name": above["supplier_name"],
                "supplier": above["supplier_id"],
            },
            "moved": flip["weight_moved"],
            "from": flip["from"],
            "to": flip["to"],
            "gain": min(gains) if gains else None,
        }
    return found


def in_words(flip: Mapping[str, Any], shares: Mapping[str, float], titles: Mapping[str, str]) -> str:
    """ "#4 Tualatin passes #3 Caprock if Energy weighs more than 27% and Price less than 8%, or if its mark on Energy
    rises by 8 points of 100."

    `shares`: published weights as shares of 1, by code, "price" for price; `titles`: how each is called.
    """
    above = flip["above"]
    low, high = f"#{flip['rank']} {flip['name']}", f"#{above['rank']} {above['name']}"
    moved, gain = flip["moved"], flip["gain"]
    if moved is not None and moved < NOTHING:
        return f"{low} and {high} have the same total. Any shift of weight in its favor puts {flip['name']} above."
    ways = []
    if moved is not None and flip["to"] in shares and flip["from"] in shares:
        more, less = shares[flip["to"]] + moved, max(0.0, shares[flip["from"]] - moved)
        ways.append(
            f"if {titles[flip['to']]} weighs more than {_percent(more)} and {titles[flip['from']]} less than "
            f"{_percent(less)}"
        )
    if gain is not None and gain[1] in titles:
        points = formats.count_of(1, "point") if _one(gain[0]) else f"{formats.number(gain[0], 1)} points"
        ways.append(f"if its mark on {titles[gain[1]]} rises by more than {points} of 100")
    if not ways:
        return (
            f"Nothing on one criterion alone puts {low} above {high}: no shift of weight between two criteria, and no "
            "higher mark."
        )
    return f"{low} passes {high} {', or '.join(ways)}."


def _percent(share: float) -> str:
    return formats.share(f"{share:.6f}", 1)


def _one(gain: float) -> bool:
    return formats.number(gain, 1) == "1.0"


def shares_of(read: Evaluation) -> dict[str, float]:
    """The published weights as shares of 1, by code; price has a code of the engine's own."""
    points = weight_points(read.criteria, read.method)
    whole = sum(points.values(), Fraction(0))
    return {code: float(weight / whole) for code, weight in points.items()} if whole else {}


def titles_of(read: Evaluation) -> dict[str, str]:
    return {each.code: each.title for each in read.criteria} | {PRICE: "Price"}


def told(flips: Iterable[Mapping[str, Any]], read: Evaluation, conflicts: Conflicts) -> list[str]:
    """Each in words, without those that name a supplier who is hidden from the reader."""
    shares, titles = shares_of(read), titles_of(read)
    return [
        in_words(flip, shares, titles)
        for flip in flips
        if not conflicts.everybody
        and flip["supplier"] not in conflicts.suppliers
        and flip["above"]["supplier"] not in conflicts.suppliers
    ]
