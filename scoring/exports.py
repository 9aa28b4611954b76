"""A ranking as CSV, streamed, and as XLSX: what the page shows, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from rfp.models import Criterion
from scoring.models import Decision, RankedProposal

# What a spreadsheet would run as a formula, unless the whole cell is a number or a phone number.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*%?")
PHONE = re.compile(r"\+\d[\d ().-]{5,24}")
CHUNK = 500


class Mark(str):
    """A mark as stored, digits and a point: five thousand rows of Decimals would be made to be written out again."""


def safe(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would take it for a formula."""
    if not text.lstrip(" \u00a0").startswith(RISKY) or NUMBER.fullmatch(text) or PHONE.fullmatch(text):
        return text
    return f"'{text}"


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
    marks = {code: None if mark is None else Mark(mark) for code, _weight, mark, _mode in row.marks}
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


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        # Figures keep their twelve places: they are compared unrounded.
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, Mark):
        return value.rstrip("0").rstrip(".") if "." in value else value
    return safe(value) if isinstance(value, str) else str(value)


class _Line:
    """What csv.writer writes to: keeps nothing, gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(table: Iterable[list[Any]]) -> Iterator[str]:
    """The table as CSV, a line at a time; the mark at the beginning tells spreadsheets that it is UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff"
    for row in table:
        yield writer.writerow([_plain(value) for value in row])


def xlsx(table: Iterable[list[Any]], *, title: str) -> bytes:
    """The table as a workbook with one sheet; numbers are numbers, text is text and never a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(title))
    sheet.freeze_panes = "A2"
    for index, row in enumerate(table):
        sheet.append([_cell(sheet, value, bold=index == 0) for value in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(sheet: Any, value: Any, *, bold: bool) -> Any:
    if value is None or isinstance(value, int | Decimal):
        return value
    if isinstance(value, Mark):
        return Decimal(value)
    cell = WriteOnlyCell(sheet)
    # Control characters cannot stand in a workbook at all.
    cell.value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", safe(str(value)))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31]


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
