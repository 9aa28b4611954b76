"""What a trial would move: everybody's place beside the published one, and who enters or leaves the shortlist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from portal.kit import formats
from scoring.calculation.figures import half_up
from scoring.calculation.recomputing import SetResults
from scoring.calculation.totals import Row
from scoring.comparing.trying.trial import Published, Trial
from scoring.ranking.models import RankedProposal

NAMED = 2  # proposals that the headline names
OUT = {
    "below_threshold": "Below the technical threshold",
    "not_scored": "Not ranked: its price doesn’t count",
}


@dataclass(frozen=True, kw_only=True)
class Move:
    """One proposal, every value as text; `rank` is blank where the trial doesn't rank it.

    `way`: up, down, or blank. `note`: (shape, words) of what a chair must see, or None. `is_last`: the last place of
    the shortlist.
    """

    pk: str
    number: str
    supplier: str
    place: str
    rank: str
    score: str
    was_rank: str
    was_score: str
    change: str
    way: str
    steps: str
    note: tuple[str, str] | None
    is_last: bool = False
    enters: bool = False
    leaves: bool = False


def moves_of(
    stored: Iterable[Any], results: SetResults, *, places: int, price_open: bool, comparable: bool
) -> list[Move]:
    """The proposals with a place in either order, in the trial's order.

    `stored`: the lot's rows of the published ranking. `comparable`: whether both totals are the same kind of number.
    """
    was = {row.proposal_number: row for row in stored}
    found = []
    last = max((place.rank for place in results.places.values() if place.rank <= places), default=0)
    for row in results.rows:
        before = was.get(row.proposal.id)
        place = results.places.get(row.proposal.id)
        if before is None or (place is None and before.rank is None):
            continue
        rank = place.rank if place else None
        found.append(_move(before, row, rank, places, price_open=price_open, comparable=comparable))
    for index in range(len(found) - 1, -1, -1):
        if last and found[index].rank == str(last):
            found[index] = _as_last(found[index])
            break
    return found


def _as_last(move: Move) -> Move:
    from dataclasses import replace

    return replace(move, is_last=True)


def _move(
    before: Any, row: Row, rank: int | None, places: int, *, price_open: bool, comparable: bool
) -> Move:
    old = before.score if price_open else before.technical
    new = row.total if price_open else row.technical_final
    moved = 0 if rank is None or before.rank is None else before.rank - rank
    was_in = before.rank is not None and before.rank <= places
    is_in = rank is not None and rank <= places
    return Move(
        pk=str(before.proposal_id),
        number=before.proposal_number,
        supplier=before.supplier_name,
        place=before.place,
        rank="" if rank is None else str(rank),
        score="" if rank is None or new is None else formats.number(_shown(new), 2),
        was_rank="" if before.rank is None else str(before.rank),
        was_score="" if before.rank is None else formats.number(old, 2),
        change=_change(new, old) if comparable and rank is not None and before.rank is not None else "",
        way="up" if moved > 0 else "down" if moved < 0 else "",
        steps=str(abs(moved)) if moved else "",
        note=_note(row, rank, was_in=was_in, is_in=is_in, places=places),
        enters=is_in and not was_in,
        leaves=was_in and not is_in,
    )


def _shown(value: Fraction) -> Decimal:
    rounded = half_up(value, 12)
    return Decimal(rounded.numerator) / Decimal(rounded.denominator)


def _change(new: Fraction | None, old: Decimal | None) -> str:
    """The difference of the two figures as they are shown, with its sign: what a reader would subtract."""
    if new is None or old is None:
        return ""
    gain = half_up(new, 2) - half_up(Fraction(old), 2)
    text = formats.number(_shown(gain), 2)
    return f"+{text}" if gain > 0 else text


def _note(row: Row, rank: int | None, *, was_in: bool, is_in: bool, places: int) -> tuple[str, str] | None:
    if rank is None:
        return "not", OUT.get(row.standing, "Not ranked")
    if is_in and not was_in:
        return "open", f"Enters the top {places}"
    if was_in and not is_in:
        return "open", f"Leaves the top {places}"
    return None


# ---- in words ---------------------------------------------------------------------------------------------------


def headline(moves: Sequence[Move], *, places: int, changed: bool) -> str:
    """What the trial does, in one sentence without a period."""
    if not changed:
        return "This is the published order"
    entering = [each.supplier for each in moves if each.enters]
    leaving = [each.supplier for each in moves if each.leaves]
    if entering and leaving:
        verb = "would replace" if len(leaving) <= NAMED else "would replace some of"
        if len(leaving) <= NAMED and len(entering) <= NAMED:
            return f"{_listed(entering)} {verb} {_listed(leaving)} in the top {places}"
        return f"{formats.count_word(len(entering))} of the top {places} would be others"
    if entering or leaving:
        word = "enter" if entering else "leave"
        return f"{_listed((entering or leaving)[:NAMED])} would {word} the top {places}"
    moved = sum(bool(each.way) for each in moves)
    if not moved:
        return "No proposal would change places"
    who = "1 proposal" if moved == 1 else f"{formats.number(moved)} proposals"
    return f"The top {places} would be the same; {who} would change places"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)


def changes_in_words(trial: Trial, published: Published, titles: Mapping[str, str]) -> str:
    """ "Resilience 18, not 12. Price 9, not 15." Blank for a trial that changes nothing."""
    before = published.trial
    said = [
        f"{titles[each.code]} {formats.number(trial.weights[each.code])}, not {formats.number(each.weight)}."
        for each in published.weighed
        if trial.weights[each.code] != each.weight
    ]
    if trial.price_share != before.price_share:
        said.append(
            f"Price share {formats.percent(trial.price_share, None)}, not {formats.percent(before.price_share, None)}."
        )
    if trial.formula != before.formula:
        said.append(f"Price formula: {titles[trial.formula]}, not {titles[before.formula]}.")
    if trial.cap != before.cap:
        said.append("Price points capped." if trial.cap else "Price points not capped.")
    if trial.reference != before.reference:
        said.append(f"Reference prices at {formats.percent(trial.reference, None)}.")
    return " ".join(said)


STORED = ("proposal_id", "proposal_number", "supplier_name", "place", "rank", "score", "technical")


def stored_rows(rows: Any) -> Any:
    """What `moves_of` needs of the published ranking's rows, by name; one query."""
    assert rows.model is RankedProposal
    return rows.values_list(*STORED, named=True)
