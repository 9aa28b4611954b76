"""What every reader shares: bytes to text, text to rows, rows to a table. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

MOST_BYTES = 256 * 1024 * 1024
# The longest real record, a party with hundreds of aliases, has under 20,000 characters on a few lines.
MOST_CHARACTERS_A_ROW = 100_000
MOST_LINES_A_ROW = 50
MOST_STRAY_LINES = 20
MOST_WARNINGS = 50

# Around a cell: blanks, the end mark of DOS files, a byte order mark in the middle of joined files.
_JUNK = " \t\r\n\x0b\x0c\x1a\xa0\ufeff"
_LOOKS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "an Excel workbook or another ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "a compressed file"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


class ListError(ValueError):
    """The file is not of the format it should be; the message names the file, the row and what is wrong."""


@dataclass(slots=True)
class Notes:
    """What a reader puts up with and reports: at most MOST_WARNINGS sentences, then how many more there were."""

    texts: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, text: str) -> None:
        if len(self.texts) < MOST_WARNINGS:
            self.texts.append(text)
        else:
            self.more += 1

    def as_tuple(self) -> tuple[str, ...]:
        return (*self.texts, f"and {self.more} more warnings.") if self.more else tuple(self.texts)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file to read. `several`: it is read with others, so its warnings have to name it."""

    name: str
    data: bytes
    notes: Notes
    several: bool = False

    @property
    def shown(self) -> str:
        return shown_name(self.name)

    def error(self, text: str, row: int = 0) -> ListError:
        return ListError(f"{self.shown}, row {row}: {text}" if row else f"{self.shown}: {text}")

    def warn(self, text: str, row: int = 0) -> None:
        places = [self.shown] * self.several + [f"row {row}"] * bool(row)
        self.notes.add(f"{', '.join(places)}: {text}" if places else text)


class Row(NamedTuple):
    """Cells without blanks around them, and the line on which they begin."""

    number: int
    cells: list[str]


def shown_name(name: str) -> str:
    """The last part of a path, without what cannot be printed."""
    last = PurePath(name.replace("\\", "/")).name or "the file"
    return "".join(character if character.isprintable() else "?" for character in last)[:120]


def refuse_other_kinds(sheet: Sheet, what: str, *, xml: bool = False) -> None:
    """Raise ListError where the bytes are plainly no text table (or, with `xml`, no XML): a PDF, a web page …"""
    if len(sheet.data) > MOST_BYTES:
        raise sheet.error(f"the file is larger than {MOST_BYTES // 1024**2} MB.")
    start = sheet.data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.strip(b"\x00\x1a"):
        raise (
            sheet.error("the file is empty.") if not sheet.data.strip() else sheet.error("has no records.")
        )
    looks = next((name for magic, name in _LOOKS if start.startswith(magic)), "")
    if start.startswith(b"<") and _HTML.search(start):
        looks = "an HTML page"
    elif start.startswith(b"<") and not xml:
        looks = "XML"
    if looks:
        raise sheet.error(f"this is not {what}. It looks like {looks}.")


def decode(sheet: Sheet) -> str:
    """The text of a file in UTF-8, UTF-16 or, with a warning, Windows-1252. ListError where NULs stand inside."""
    data = sheet.data
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = data.decode("utf-16")
        elif _is_utf16_without_mark(data):
            text = data.decode("utf-16-le" if data[1:2] == b"\x00" else "utf-16-be")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        if problem.encoding.startswith("utf-16") or problem.encoding.startswith("utf16"):
            raise sheet.error("the file is damaged. It starts as UTF-16 but is not UTF-16.") from problem
        text = data.decode("cp1252", errors="replace")
        sheet.warn("the text is not UTF-8, so it was read as Windows-1252.")
    text = text.rstrip("\x00\x1a \r\n")
    if (nul := text.find("\x00")) >= 0:
        raise sheet.error("the text has a NUL byte. The file is damaged or is not text.", _line_of(text, nul))
    return text


def _is_utf16_without_mark(data: bytes) -> bool:
    """Every other byte of Latin text in UTF-16 is NUL; no other text has so many."""
    start = data[:200]
    return len(start) >= 16 and max(start[0::2].count(0), start[1::2].count(0)) > len(start) * 0.35


def _line_of(text: str, place: int) -> int:
    return len(re.findall(r"\r\n|\r|\n", text[:place])) + 1


class _Lines:
    """Lines fed to csv.reader, watched: a quotation mark that is never closed must not swallow the file."""

    def __init__(self, sheet: Sheet, text: str) -> None:
        self._sheet = sheet
        self._lines = io.StringIO(text, newline=None)
        self.number = 0
        self.first = 1
        self.current: list[str] = []
        self._characters = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._lines.readline(MOST_CHARACTERS_A_ROW + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.current.append(line)
        self._characters += len(line)
        if len(self.current) > MOST_LINES_A_ROW:
            raise self._sheet.error("this row has an unclosed quotation mark.", self.first)
        if self._characters > MOST_CHARACTERS_A_ROW:
            raise self._sheet.error(
                f"the row has more than {MOST_CHARACTERS_A_ROW:,} characters, or a quotation mark is never closed.",
                self.first,
            )
        return line

    def next_row(self) -> None:
        self.first, self.current, self._characters = self.number + 1, [], 0


def rows_of(sheet: Sheet, text: str, delimiter: str = ",") -> Iterator[Row]:
    """The rows that are not blank. Raises ListError where quotation marks do not pair.

    Inside one line a stray quotation mark does no harm that the number of columns would not show, and official
    files have them; a row over several lines is taken only when its quotation marks are faultless.
    """
    lines = _Lines(sheet, text)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
            if len(lines.current) > 1:
                next(csv.reader(lines.current, delimiter=delimiter, strict=True))
        except StopIteration:
            return
        except csv.Error as problem:
            raise sheet.error(
                "this row does not close its quotation mark where it should.", lines.first
            ) from problem
        row = Row(lines.first, [cell.strip(_JUNK) for cell in cells])
        if lines.current[-1].count('"') % 2 and len(lines.current) == 1 and _open_at_end(lines, delimiter):
            raise sheet.error("this row has an unclosed quotation mark.", lines.first)
        lines.next_row()
        if any(row.cells):
            yield row


def _open_at_end(lines: _Lines, delimiter: str) -> bool:
    """Whether the last line of a file ends inside a quotation."""
    try:
        next(csv.reader(lines.current, delimiter=delimiter, strict=True))
    except csv.Error as problem:
        return "unexpected end" in str(problem)
    return False


def even_rows(sheet: Sheet, rows: Iterable[Row], width: int, *, ragged: bool = False) -> Iterator[Row]:
    """Rows of exactly `width` cells; blank cells too many are cut. Raises ListError for another number.

    A line of one cell is no row but litter, and left out with a warning, until there are too many of them.
    `ragged` fills short rows up: in a table made by hand the last cells are often missing. Where such a table has
    one column, a comma in a row is part of the cell.
    """
    stray = 0
    for row in rows:
        cells = row.cells
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if ragged and width == 1:
            # One name a line: its commas part nothing.
            cells = [", ".join(cells)]
        if ragged and len(cells) < width:
            cells.extend([""] * (width - len(cells)))
        if len(cells) == 1 < width:
            stray += 1
            if stray > MOST_STRAY_LINES:
                raise sheet.error(
                    f"more than {MOST_STRAY_LINES} lines do not have {width} columns.", row.number
                )
            sheet.warn("skipped a stray line.", row.number)
            continue
        if len(cells) != width:
            hint = " (a cell with a comma in it needs quotation marks)" if ragged else ""
            raise sheet.error(f"{len(cells)} columns instead of {width}{hint}.", row.number)
        yield Row(row.number, cells)


def column_key(text: str) -> str:
    """ "State / Province" and "state_province" are the same column."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


class Record:
    """One row under a header: `record["alt names"]` is its text, "" where the file has no such column."""

    __slots__ = ("_cells", "_columns", "number")

    def __init__(self, number: int, cells: Sequence[str], columns: dict[str, int]) -> None:
        self.number, self._cells, self._columns = number, cells, columns

    def __getitem__(self, column: str) -> str:
        place = self._columns.get(column)
        return "" if place is None else self._cells[place]

    def several(self, column: str) -> tuple[str, ...]:
        """The values of a cell that holds several, separated by ";"."""
        return several(self[column])

    @property
    def everything(self) -> str:
        return "\x1f".join(self._cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A header's columns by key, and the records under it."""

    columns: dict[str, int]
    records: Iterator[Record]


def table(
    sheet: Sheet,
    *,
    required: Sequence[str],
    delimiter: str = ",",
    same: dict[str, str] | None = None,
    ragged: bool = False,
) -> Table:
    """A file with a header, bound by the names of its columns. `same` gives other names of a column.

    Raises ListError for missing columns, a needed column that stands twice, and rows of another width.
    """
    rows = rows_of(sheet, decode(sheet), delimiter)
    header = next(rows, None)
    if header is None:
        raise sheet.error("has no records.")
    width = len(header.cells)
    columns: dict[str, int] = {}
    for place, cell in enumerate(header.cells):
        key = column_key(cell)
        key = (same or {}).get(key, key)
        if key in columns and key in required:
            raise sheet.error(f"the column {key} appears twice.", header.number)
        columns.setdefault(key, place)
    if missing := [name for name in required if name not in columns]:
        word = "column" if len(missing) == 1 else "columns"
        raise sheet.error(f"the header row is missing the {word} {', '.join(missing)}.", header.number)
    records = (Record(row.number, row.cells, columns) for row in even_rows(sheet, rows, width, ragged=ragged))
    return Table(columns, records)


def plain(text: str) -> str:
    """Text on one line, with single blanks."""
    return " ".join(text.split())


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def several(text: str) -> tuple[str, ...]:
    """Values separated by ";", each once."""
    return distinct(plain(part) for part in text.split(";"))
