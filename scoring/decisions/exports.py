"""A ranking as a table: what the page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from portal.kit.tables import Figure
from rfp.models import Criterion
from scoring.decisions.models import Decision
from scoring.ranking.certainty.chances import ChanceCells
from scoring.ranking.models import RankedProposal

STANDINGS = {each.value: str(each.label) for each in RankedProposal.Standing}


def heads(criteria: Iterable[Criterion], *, price_open: bool, places: int) -> list[str]:
    """The first row. Price columns exist only once prices are open. `places`: how many a shortlist has."""
    fixed = ["Lot", "Rank in lot", "Proposal", "Supplier", "Location", "Status"]
    technical = "Technical points"
    figures = ["Score", technical, "Price mark", "Price total, $"] if price_open else [technical]
    marks = [f"{criterion.code}, mark" for criterion in criteria]
    shares = ["Domestic from, %", "Domestic to, %", "Spread, %"]
    promised = ["Lead time, days", "Jobs, new and kept", "Expires before selection", "Expires on"]
    chance = [f"Chance of top {places}, %", "Contested place", "About the chance"]
    return [*fixed, *figures, *chance, *shares, *promised, *marks, "Flags", "Decision"]


def shown_criteria(criteria: Iterable[Criterion], *, price_open: bool) -> list[Criterion]:
    return [each for each in criteria if price_open or each.mode != Criterion.Mode.PRICE]


def cells(
    row: Any,
    codes: list[str],
    flags: Iterable[str],
    chance: ChanceCells,
    *,
    price_open: bool,
    shows_price: bool,
    selected_on: date | None,
) -> list[Any]:
    """A row's values: numbers as Decimals, marks as the texts they are stored as, text as text.

    `price_open`: there are price columns; `shows_price`: this row's lot is open, else they stay empty.
    `selected_on`: the day by which suppliers hear who is selected.
    """
    marks = {
        code: Figure(mark)
        for code, _weight, mark, mode in row.marks
        if mark is not None and (shows_price or mode != "price")
    }
    figures = [row.technical]
    if price_open:
        priced = [row.score, row.technical, row.price_mark, row.price_total]
        figures = priced if shows_price else [None, row.technical, None, None]
    return [
        row.lot_code,
        row.rank,
        row.proposal_number,
        row.supplier_name,
        row.place,
        STANDINGS[row.standing],
        *figures,
        *chance,
        row.domestic_low,
        row.domestic_high,
        row.spread,
        row.lead_time_days,
        row.jobs,
        *_expires(row, selected_on),
        *map(marks.get, codes),
        "; ".join(flags),
        Decision.Verdict(row.verdict).label if row.verdict else "",
    ]


def _expires(row: Any, selected_on: date | None) -> tuple[str | None, str | None]:
    """(the certificate that expires first, its day), if it does before the selection."""
    if row.expires_on is None or selected_on is None or row.expires_on >= selected_on:
        return None, None
    return row.expires_what, row.expires_on.isoformat()


def table(
    rows: Iterable[Any],
    criteria: list[Criterion],
    *,
    price_open: bool,
    shows_price: Callable[[Any], bool],
    flags: Callable[[Any], Iterable[tuple[str, str]]],
    chance: Callable[[Any], ChanceCells],
    places: int,
    selected_on: date | None = None,
) -> Iterator[list[Any]]:
    """Heads, then a row for each ranked proposal. `flags` gives (state, words) of a row; `chance`: see
    `chances.cells_of`."""
    shown = shown_criteria(criteria, price_open=price_open)
    yield heads(shown, price_open=price_open, places=places)
    codes = [criterion.code for criterion in shown]
    for row in rows:
        said = [words for _state, words in flags(row)]
        yield cells(
            row,
            codes,
            said,
            chance(row),
            price_open=price_open,
            shows_price=shows_price(row),
            selected_on=selected_on,
        )


def file_name(number: str, window: int, lot: str, kind: str) -> str:
    """ "26-01-window-1-L3-ranking.csv"; without the lot for all of them."""
    part = f"-{lot}" if lot else ""
    return f"{number}-window-{window}{part}-ranking.{kind}"
