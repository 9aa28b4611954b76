"""A ranking as a table: what the page shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from portal.tables import Figure
from rfp.models import Criterion
from scoring.models import Decision, RankedProposal


def heads(criteria: Iterable[Criterion], *, price_open: bool) -> list[str]:
    """The first row. Price columns exist only once prices are open."""
    fixed = ["Rank", "Proposal", "Supplier", "Place", "Lot", "Standing"]
    technical = "Technical points"
    figures = ["Score", technical, "Price mark", "Price total, $"] if price_open else [technical]
    marks = [f"{criterion.code}, mark" for criterion in criteria]
    return [*fixed, *figures, "Domestic from, %", "Domestic to, %", "Spread, %", *marks, "Flags", "Decision"]


def shown_criteria(criteria: Iterable[Criterion], *, price_open: bool) -> list[Criterion]:
    return [each for each in criteria if price_open or each.mode != Criterion.Mode.PRICE]


def cells(row: Any, codes: list[str], flags: dict[str, str], *, price_open: bool) -> list[Any]:
    """A row's values: numbers as Decimals, marks as the texts they are stored as, text as text."""
    marks = {code: None if mark is None else Figure(mark) for code, _weight, mark, _mode in row.marks}
    figures = [row.technical]
    if price_open:
        figures = [row.score, row.technical, row.price_mark, row.price_total]
    return [
        row.rank,
        row.proposal_number,
        row.supplier_name,
        row.place,
        row.lot_code,
        RankedProposal.Standing(row.standing).label,
        *figures,
        row.domestic_low,
        row.domestic_high,
        row.spread,
        *(marks.get(code) for code in codes),
        "; ".join(flags.get(flag, flag) for flag in row.flags),
        Decision.Verdict(row.verdict).label if row.verdict else "",
    ]


def table(
    rows: Iterable[Any], criteria: list[Criterion], flags: dict[str, str], *, price_open: bool
) -> Iterator[list[Any]]:
    """Heads, then a row for each ranked proposal."""
    shown = shown_criteria(criteria, price_open=price_open)
    yield heads(shown, price_open=price_open)
    codes = [criterion.code for criterion in shown]
    for row in rows:
        yield cells(row, codes, flags, price_open=price_open)


def file_name(number: str, window: int, kind: str) -> str:
    return f"{number}-window-{window}-ranking.{kind}"
