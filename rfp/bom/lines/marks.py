"""Decimal marks: a point or a comma, settled column by column from the cells that tell. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rfp.bom.layout.columns import MONEY, QTY, Columns
from rfp.bom.lines.cells import decimal_evidence, read_number
from rfp.bom.questions import Asked, Option, rows_in_words
from rfp.bom.sheet.table import Row

POINT, COMMA = ".", ","


@dataclass(frozen=True, kw_only=True)
class Marks:
    """The decimal mark of the file, and of columns that differ from it."""

    file: str = POINT
    columns: Mapping[int, str] = field(default_factory=dict)

    def of(self, place: int) -> str:
        """The decimal mark of a column."""
        return self.columns.get(place, self.file)


def settle_marks(rows: Sequence[Row], columns: Columns, delimiter: str, asked: Asked) -> Marks:
    """The decimal marks, with a question where a number such as "12.000" may mean two things."""
    places = [columns.places[m] for m in (*QTY, *MONEY) if m in columns.places]
    cells = {place: _cells(rows, place) for place in places}
    told = {place: decimal_evidence([text for _, text in cells[place]]) for place in places}
    point, comma = (sum(each[side] for each in told.values()) for side in (0, 1))
    is_comma = comma > point or (comma == point and delimiter in (";", "\t") and _has_comma_shape(cells))
    likely = COMMA if is_comma else POINT
    if comma and comma >= point:
        asked.note("Numbers use a decimal comma. We read 1.234,50 as 1,234.50.")
    own = {
        p: COMMA if c > d else POINT for p, (d, c) in told.items() if (c > d) != (likely == COMMA) and c != d
    }
    doubtful = [
        (number, text)
        for place in places
        for number, text in _doubtful(cells[place], told[place], likely, delimiter, point, comma)
    ]
    if doubtful:
        likely = _ask(doubtful, likely, asked)
    return Marks(file=likely, columns=own)


def _cells(rows: Sequence[Row], place: int) -> list[tuple[int, str]]:
    return [
        (row.number, text)
        for row in rows
        if place < len(row.cells) and (text := row.cells[place].strip()) and ("," in text or "." in text)
    ]


def _has_comma_shape(cells: Mapping[int, list[tuple[int, str]]]) -> bool:
    """Whether every mark in the file is a point before three digits, as thousands look where commas are decimal."""
    marked = [text for each in cells.values() for _, text in each]
    return bool(marked) and all(read_number(text).either is not None and "." in text for text in marked)


def _doubtful(
    cells: Sequence[tuple[int, str]],
    told: tuple[int, int],
    likely: str,
    delimiter: str,
    point: int,
    comma: int,
) -> list[tuple[int, str]]:
    """Cells of a column that may be read two ways, when nothing in the column settles which."""
    if (told[0] > 0) != (told[1] > 0):
        return []
    found = [(row, text) for row, text in cells if read_number(text).either is not None]
    settled_elsewhere = (point > 0) != (comma > 0)
    # "1,234" in a file whose cells are parted by commas, or with a dollar sign, has its thousands marked.
    return [
        (row, text)
        for row, text in found
        if not (likely == POINT and "," in text and (settled_elsewhere or delimiter == "," or "$" in text))
        and not (likely == COMMA and "." in text and settled_elsewhere and not text.rstrip("0").endswith("."))
    ]


def _ask(doubtful: Sequence[tuple[int, str]], likely: str, asked: Asked) -> str:
    text = doubtful[0][1]
    as_point, as_comma = read_number(text, POINT).value, read_number(text, COMMA).value
    answer = asked.ask(
        "number",
        f"{rows_in_words(row for row, _ in doubtful)}: is “{text}” {as_point:,f} or {as_comma:,f}?",
        [
            Option(key="point", label=f"{as_point:,f}", says="Decimal point, with commas for thousands."),
            Option(key="comma", label=f"{as_comma:,f}", says="Decimal comma, with periods for thousands."),
        ],
        default="comma" if likely == COMMA else "point",
        rows=sorted({row for row, _ in doubtful}),
        why="Nothing else in this column shows which one is the decimal mark.",
    )
    return COMMA if answer == "comma" else POINT
