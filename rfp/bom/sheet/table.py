"""Text to a table: which mark parts the cells, and where a quotation mark is a quotation mark. Pure.

Quotes follow RFC 4180 where they can. An inch mark inside a cell is kept as typed. A quote that is never closed, or
that would swallow rows, is an error with its row, and the row is read as if the quote were not there.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from rfp.bom.layout.headings import meanings_of

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SAMPLE_LINES = 400
MOST_CELL_LINES = 200
MOST_TRIES = 64
MOST_QUOTE_ERRORS = 50
HEADINGS_WITHIN = 30
MOST_COLUMNS = 500
NEAR = 2


class NotATable(ValueError):
    """The file holds no table that can be read; the message says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of one row; `number` is the line of the file on which it starts, the first being 1."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, kw_only=True)
class RowError:
    """A cell or row that could not be read. `row` is the line of the file, 0 for the whole file.

    `is_broken`: the shape of the table is in doubt, so nothing may be used before the file is corrected.
    `near`: for such an error the lines around it as (number, text).
    """

    row: int
    column: str
    why: str
    is_broken: bool = False
    near: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of cells. `name` is the sheet's. `delimiter` and `encoding` are blank for a workbook."""

    rows: tuple[Row, ...]
    name: str = ""
    delimiter: str = ""
    encoding: str = ""
    errors: tuple[RowError, ...] = ()
    notes: tuple[str, ...] = field(default=())


def read_table(text: str, encoding: str = "") -> Table:
    """Cut text into rows of cells."""
    lines = re.split(r"\r\n|\r|\n", text.replace("\x00", ""))
    start = 0
    hint = re.fullmatch(r"\ufeff?\"?sep=(.|\\t)\"?", lines[0].strip(" "), re.IGNORECASE)
    if hint:
        delimiter, start = ("\t" if hint[1] == "\\t" else hint[1]), 1
    else:
        delimiter = sniff(lines)
    cutter = _Cutter(lines, delimiter, start)
    rows = tuple(cutter.rows())
    return Table(rows=rows, delimiter=delimiter, encoding=encoding, errors=tuple(cutter.errors))


def sniff(lines: Sequence[str]) -> str:
    """The delimiter under which some early line has most known headings; else the one that cuts most evenly."""
    sample = [line for line in islice(lines, SAMPLE_LINES) if line.strip()]
    return max(
        DELIMITERS, key=lambda mark: (_headings(sample[:HEADINGS_WITHIN], mark), *_evenness(sample, mark))
    )


def _headings(sample: Sequence[str], delimiter: str) -> int:
    best = 0
    for line in sample:
        cells = line.split(delimiter)
        if len(cells) > 1:
            known = {meanings_of(cell.strip(' "'))[:1] for cell in cells[:60]} - {()}
            best = max(best, len(known))
    return best if best > 1 else 0


def _evenness(sample: Sequence[str], delimiter: str) -> tuple[float, int]:
    """(share of lines cut into the commonest number of cells, that number)."""
    widths = Counter(_rough_width(line, delimiter) for line in sample)
    widths.pop(1, None)
    if not widths:
        return (0.0, 0)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (round(count / len(sample), 1), width)


def _width(lines: Sequence[str], delimiter: str) -> int:
    """Cells of the row with the headings, else of most rows."""
    sample = [line for line in lines[:SAMPLE_LINES] if line.strip()]
    known = [(_headings([line], delimiter), -at) for at, line in enumerate(sample[:HEADINGS_WITHIN])]
    if known and max(known)[0]:
        return _rough_width(sample[-max(known)[1]], delimiter)
    widths = Counter(width for line in sample if (width := _rough_width(line, delimiter)) > 1)
    return max(widths, key=lambda width: (widths[width], width), default=1)


def _rough_width(line: str, delimiter: str) -> int:
    """Cells on a line, leaving out delimiters inside plain quotes."""
    if '"' in line:
        line = re.sub(r'(^|[;,\t|])\s*"(?:[^"]|"")*"(?=\s*($|[;,\t|]))', r"\1", line)
    return line.count(delimiter) + 1


class _Cutter:
    """Cuts lines into rows, and remembers the quotes that are not what they seem."""

    def __init__(self, lines: Sequence[str], delimiter: str, start: int) -> None:
        self.lines = lines
        self.delimiter = delimiter
        self.errors: list[RowError] = []
        self._at = start
        mark = re.escape(delimiter)
        self._cell = re.compile(rf' *"((?:[^"]|"")*)" *({mark}|$)|([^"\n{mark}]*)({mark}|$)')
        plain = [
            line.split(delimiter)
            for line in lines[start : start + SAMPLE_LINES]
            if line.strip() and '"' not in line
        ]
        self._width = _width(lines[start:], delimiter)
        self._numeric = _numeric_places(plain, self._width)

    def rows(self) -> Iterator[Row]:
        lines = self.lines
        while self._at < len(lines):
            line, number = lines[self._at], self._at + 1
            if '"' in line:
                yield Row(number, self._quoted(number))
            else:
                self._at += 1
                yield Row(number, tuple(line.split(self.delimiter, MOST_COLUMNS)))

    def _quoted(self, number: int) -> tuple[str, ...]:
        """The cells of a row with quotes; moves on past its last line."""
        line = self.lines[self._at]
        is_wide = line.count(self.delimiter) > MOST_COLUMNS
        on_one_line = tuple(line.split(self.delimiter, MOST_COLUMNS)) if is_wide else self._one_line(line)
        if on_one_line is not None:
            self._at += 1
            return on_one_line
        if (cells := self._several_lines()) is not None:
            return cells
        self._at += 1
        as_typed, column = self._as_typed(line)
        first, last = max(0, self._at - 1 - NEAR), min(len(self.lines), self._at + NEAR)
        self.errors.append(
            RowError(
                row=number,
                column=str(column),
                why="This row has an unclosed quotation mark. Remove it or close it.",
                is_broken=True,
                near=tuple((at + 1, self.lines[at][:400]) for at in range(first, last)),
            )
        )
        return as_typed

    def _one_line(self, line: str) -> tuple[str, ...] | None:
        """The cells when every quote that opens on the line also closes there; else None."""
        strict = self._strict(line)
        if strict is not None:
            return strict
        first: tuple[str, ...] | None = None
        for cells in islice(self._readings(line, 0), MOST_TRIES):
            if len(cells) == self._width:
                return cells
            first = first or cells
        if first is None:
            return None
        # A cell that holds a delimiter beside a quote has swallowed its neighbor.
        beside = (f'{self.delimiter}"', f'"{self.delimiter}')
        return None if any(mark in cell for cell in first for mark in beside) else first

    def _readings(self, line: str, at: int) -> Iterator[tuple[str, ...]]:
        """Ways to cut a line from a position on; the one that closes quotes soonest comes first."""
        cell_at = at + len(line[at:]) - len(line[at:].lstrip(" "))
        if line.startswith('"', cell_at):
            yield from self._quoted_readings(line, at, cell_at + 1)
            return
        end = line.find(self.delimiter, at)
        if end < 0:
            yield (line[at:],)
            return
        for rest in self._readings(line, end + 1):
            yield (line[at:end], *rest)

    def _quoted_readings(self, line: str, start: int, at: int) -> Iterator[tuple[str, ...]]:
        is_closed = False
        for end in _closers(line, at, self.delimiter):
            is_closed = True
            cell = line[at:end].replace('""', '"')
            after = line.find(self.delimiter, end)
            if after < 0:
                yield (cell,)
                continue
            for rest in self._readings(line, after + 1):
                yield (cell, *rest)
        if not is_closed and line.find('"', at) >= 0:
            yield from self._inch_mark(line, at)

    def _inch_mark(self, line: str, at: int) -> Iterator[tuple[str, ...]]:
        """ "19" rack: a second quote inside the cell that does not close it belongs to the text."""
        end = line.find(self.delimiter, at)
        cell = line[at : end if end >= 0 else len(line)]
        if '"' not in cell:
            return
        if end < 0:
            yield (cell,)
            return
        for rest in self._readings(line, end + 1):
            yield (cell, *rest)

    def _several_lines(self) -> tuple[str, ...] | None:
        """The cells of a row that has a cell of several lines, if it is a legal one."""
        if len(self.errors) > MOST_QUOTE_ERRORS:
            return None
        text = self.lines[self._at]
        for last in range(self._at + 1, min(self._at + MOST_CELL_LINES, len(self.lines))):
            text = f"{text}\n{self.lines[last]}"
            if '"' not in self.lines[last]:
                continue
            found = self._strict(text)
            if found is None:
                continue
            inside = [line.replace('"', "") for line in self.lines[self._at : last]]
            is_title = len(found) < self._width and not any(self.delimiter in line for line in inside)
            fits = len(found) == self._width or is_title
            if not fits or any(self._looks_like_a_row(line) for line in inside):
                return None
            self._at = last + 1
            return found
        return None

    def _strict(self, text: str) -> tuple[str, ...] | None:
        """The cells by RFC 4180 alone, or None when the text is not a whole row by it."""
        cells = []
        at = 0
        while match := self._cell.match(text, at):
            is_quoted = match[1] is not None
            cells.append(match[1].replace('""', '"') if is_quoted else match[3])
            at = match.end()
            if not match[2 if is_quoted else 4]:
                return tuple(cells) if at == len(text) else None
        return None

    def _looks_like_a_row(self, line: str) -> bool:
        """Whether a line by itself is a row of this table: as many cells, and numbers where others have numbers."""
        cells = line.split(self.delimiter)
        if len(cells) != self._width or self._width < 2:
            return False
        told = [cells[place].strip() for place in self._numeric if cells[place].strip()]
        if not self._numeric:
            return self._width > 2
        return bool(told) and all(_is_figure(cell) for cell in told)

    def _as_typed(self, line: str) -> tuple[tuple[str, ...], int]:
        """(cells of a line whose quotes mean nothing, position of the cell with the quote, from 1)."""
        cells = line.split(self.delimiter)
        column = next(
            (at for at, cell in enumerate(cells, 1) if cell.lstrip().startswith('"') and cell.count('"') % 2),
            0,
        )
        return tuple(_stripped(cell) for cell in cells), column


def _stripped(cell: str) -> str:
    """A cell without the quotes around it, or the lone one before it."""
    text = cell.strip()
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('""', '"')
    return text[1:] if text.startswith('"') else text


def _closers(line: str, at: int, delimiter: str) -> Iterator[int]:
    """Positions of quotes that may close a cell that starts at `at`: at the end, or before a delimiter."""
    place = line.find('"', at)
    while place >= 0:
        after = line[place + 1 :].lstrip(" ")
        if not after or after.startswith(delimiter):
            yield place
            place = line.find('"', place + 1)
        elif line.startswith('""', place) and line[place + 2 :].lstrip(" ")[:1] not in ("", delimiter):
            # A doubled quote is one inside the cell.
            place = line.find('"', place + 2)
        else:
            place = line.find('"', place + 1)


def _numeric_places(rows: Sequence[Sequence[str]], width: int) -> tuple[int, ...]:
    """Columns that hold figures in most rows."""
    whole = [row for row in rows if len(row) == width][1:]
    if not whole:
        return ()
    return tuple(
        place
        for place in range(width)
        if sum(_is_figure(row[place]) for row in whole) * 2 > sum(bool(row[place].strip()) for row in whole)
    )


def _is_figure(cell: str) -> bool:
    return bool(re.fullmatch(r"[^\w]*[A-Za-z]{0,3}\s*\d[\d.,' ]*\s*\S{0,3}", cell.strip()))
