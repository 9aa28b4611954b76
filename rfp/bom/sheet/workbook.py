"""An XLSX workbook as tables: values as they were last saved, bounded in rows, columns, and size. Pure.

Formulas are read by the values the spreadsheet stored; nothing is computed here.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from rfp.bom.sheet.table import NotATable, Row, RowError, Table

MOST_SHEETS = 30
MOST_ROWS = 60_000
MOST_COLUMNS = 200
MOST_CELLS = 3_000_000
MOST_TEXT = 4_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_STRINGS = 64 * 1024 * 1024
# Empty rows after which nothing more is expected: a sheet may be formatted down to its last row.
MOST_EMPTY = 2_000
_MONEY_FORMAT = re.compile(r"\[\$([^\]\-]+)(?:-[^\]]*)?\]|\"([^\"]+)\"|([$€£¥])")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    NotImplementedError,
    SyntaxError,
    InvalidFileException,
    DefusedXmlException,
)


def read_workbook(data: bytes) -> list[Table]:
    """The sheets of a workbook. Raises NotATable."""
    try:
        has_formulas = _check(data)
        return _sheets(data, has_formulas)
    except NotATable:
        raise
    except _DAMAGED:
        raise NotATable("The workbook is damaged and doesn’t open.") from None


def unpack(source: IO[bytes]) -> dict[str, Any]:
    """`read_workbook` with an answer that JSON can hold, for a child process: `why` is blank when it went well."""
    try:
        tables = read_workbook(source.read())
    except NotATable as refusal:
        return {"why": str(refusal), "sheets": []}
    sheets = [
        {
            "name": table.name,
            "rows": [[row.number, row.cells] for row in table.rows if not row.is_blank],
            "errors": [[error.row, error.column, error.why, error.is_broken] for error in table.errors],
        }
        for table in tables
    ]
    return {"why": "", "sheets": sheets}


def tables_of(answer: dict[str, Any]) -> list[Table]:
    """The tables that `unpack` answered with. Raises NotATable."""
    if answer["why"]:
        raise NotATable(answer["why"])
    return [
        Table(
            name=sheet["name"],
            rows=tuple(Row(number, tuple(cells)) for number, cells in sheet["rows"]),
            errors=tuple(
                RowError(row=row, column=column, why=why, is_broken=is_broken)
                for row, column, why, is_broken in sheet["errors"]
            ),
        )
        for sheet in answer["sheets"]
    ]


def _check(data: bytes) -> bool:
    """Whether a sheet holds formulas. Raises NotATable for one that unpacks to more than is read."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        strings = sum(e.file_size for e in entries if e.filename.lower().endswith("sharedstrings.xml"))
        if sum(e.file_size for e in entries) > MOST_UNPACKED or strings > MOST_STRINGS:
            raise NotATable("The workbook is too large to read. Save the sheet as CSV.")
        if "xl/workbook.xml" not in {entry.filename for entry in entries}:
            raise NotATable("The file is not an XLSX workbook.")
        sheets = [
            e for e in entries if e.filename.startswith("xl/worksheets/") and e.filename.endswith(".xml")
        ]
        return any(_holds(archive, entry, (b"<f>", b"<f ", b"<f/")) for entry in sheets[:MOST_SHEETS])


def _holds(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, marks: tuple[bytes, ...]) -> bool:
    tail = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(1 << 16):
            if any(mark in tail + chunk for mark in marks):
                return True
            tail = chunk[-4:]
    return False


def _sheets(data: bytes, has_formulas: bool) -> list[Table]:
    values = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    formulas = load_workbook(io.BytesIO(data), read_only=True, keep_links=False) if has_formulas else None
    tables = []
    budget = MOST_CELLS
    try:
        for sheet in values.worksheets[:MOST_SHEETS]:
            if sheet.sheet_state != "visible":
                continue
            twin = formulas[sheet.title] if formulas else None
            table, used = _table(sheet, twin, budget)
            budget -= used
            tables.append(table)
    finally:
        values.close()
        if formulas:
            formulas.close()
    return tables


def _table(sheet: Any, twin: Any, budget: int) -> tuple[Table, int]:
    """(a sheet as a table, cells read)."""
    sheet.reset_dimensions()
    if twin is not None:
        twin.reset_dimensions()
    rows: list[Row] = []
    errors: list[RowError] = []
    used = empty = number = 0
    texts: tuple[str, ...] = ()
    other = _texts_of(twin) if twin is not None else None
    for number, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 1), start=1):
        cells, used = cells[:MOST_COLUMNS], used + len(cells)
        formulas = next(other, ()) if other is not None else ()
        texts = tuple(_text(cell) for cell in cells)
        for place, formula in enumerate(formulas):
            if formula and place < len(texts) and not texts[place]:
                why = (
                    "The formula has no saved value. Save the file in your spreadsheet, then upload it again."
                )
                errors.append(RowError(row=number, column=str(place + 1), why=why))
        empty = 0 if any(texts) else empty + 1
        if used > budget or number > MOST_ROWS or empty > MOST_EMPTY:
            break
        rows.append(Row(number, texts))
    if used > budget or (number > MOST_ROWS and any(texts)):
        why = f"The sheet has more cells than we can read. Rows from {len(rows) + 1} on are missing."
        errors.append(RowError(row=len(rows) + 1, column="", why=why, is_broken=True))
    return Table(rows=tuple(rows), name=sheet.title, errors=tuple(errors)), used


def _texts_of(sheet: Any) -> Iterator[tuple[bool, ...]]:
    """For each row, which cells hold a formula."""
    for cells in sheet.iter_rows(max_row=MOST_ROWS + 1):
        yield tuple(getattr(cell, "data_type", "") == "f" for cell in cells[:MOST_COLUMNS])


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _figure(value, str(cell.number_format or ""))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)[:MOST_TEXT]


def _figure(value: int | float, number_format: str) -> str:
    """A number as text that cannot be read two ways, with the currency that its format shows."""
    if value != value or value in (float("inf"), float("-inf")):
        return "#NUM!"
    text = format(Decimal(f"{value:.15g}"), "f")
    if "." in text:
        whole, _, fraction = text.partition(".")
        # Three digits after the point could be taken for thousands.
        text = f"{whole}.{fraction}0" if len(fraction) == 3 else text
    sign = _sign(number_format)
    return f"{sign} {text}" if sign else text


def _sign(number_format: str) -> str:
    """The currency sign of a number format such as "[$€-407] #,##0.00", or blank."""
    for match in _MONEY_FORMAT.finditer(number_format):
        sign = next(part for part in match.groups() if part is not None).strip()
        if re.search(r"[$€£¥₹₩₽₺]|^[A-Z]{3}$|zł|Kč|kr", sign):
            return sign
    return ""
