"""Tables as CSV, streamed, and as XLSX, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

# What a spreadsheet would run as a formula, unless the whole cell is a number or a phone number.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*%?")
PHONE = re.compile(r"\+\d[\d ().-]{5,24}")
CHUNK = 500


class Figure(str):
    """A number as stored, digits and a point: thousands of Decimals would be made to be written out again."""


def safe(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would take it for a formula."""
    # Nearly every cell begins with a letter or a figure, which nothing risky does.
    if (
        text[:1].isalnum()
        or not text.lstrip(" \u00a0").startswith(RISKY)
        or NUMBER.fullmatch(text)
        or PHONE.fullmatch(text)
    ):
        return text
    return f"'{text}"


def as_typed(text: str) -> str:
    """A cell of a file that came back, without the apostrophe that `safe` put there."""
    return text[1:] if text.startswith("'") and safe(text[1:]) == text else text


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: Any) -> str:
    # By the exact kind first: a file of five thousand rows has two hundred thousand cells.
    way = _WAYS.get(type(value))
    if way is not None:
        return way(value)
    return safe(value) if isinstance(value, str) else str(value)


_WAYS: dict[type, Callable[[Any], str]] = {
    Figure: _trimmed,
    str: safe,
    type(None): lambda _value: "",
    # Figures keep their twelve places: they are compared unrounded.
    Decimal: lambda value: _trimmed(f"{value:f}"),
    int: str,
}


class _Line:
    """What csv.writer writes to: keeps nothing, gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(table: Iterable[list[Any]]) -> Iterator[str]:
    """The table as CSV, some hundred lines at a time, the first alone: a piece for each line would be sent, and
    compressed, on its own. The mark at the beginning tells spreadsheets that it is UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff"
    lines: list[str] = []
    most = 1
    for row in table:
        lines.append(writer.writerow([_plain(value) for value in row]))
        if len(lines) >= most:
            yield "".join(lines)
            lines.clear()
            most = 200
    yield "".join(lines)


def xlsx(table: Iterable[list[Any]], *, title: str) -> bytes:
    """The table as a workbook with one sheet; numbers are numbers, text is text and never a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(title))
    sheet.freeze_panes = "A2"
    for index, row in enumerate(table):
        sheet.append([cell_of(sheet, value, bold=index == 0) for value in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def cell_of(sheet: Any, value: Any, *, bold: bool) -> Any:
    if value is None or isinstance(value, int | Decimal):
        return value
    if isinstance(value, Figure):
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


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported(table: Iterable[list[Any]], kind: str, *, name: str, title: str) -> HttpResponseBase:
    """`table` as CSV, streamed, or as XLSX; 404 for another kind. Not for anybody's cache: it tells of holds."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "private, no-store",
    }
    if kind == "csv":
        lines = csv_lines(table)
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
    return HttpResponse(xlsx(table, title=title), content_type=SHEET, headers=headers)
