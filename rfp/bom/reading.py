"""Read a bill of materials as suppliers send it: any delimiter, encoding and header names. Pure.

Nothing is guessed in silence: the encoding, delimiter, header row, columns and decimal mark that were assumed
are part of the answer, and every cell that cannot be read is named with its row and column.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from charset_normalizer import from_bytes

from rfp.bom.columns import guess_columns, header_score
from rfp.facts import BomLineFacts
from suppliers.reference.countries import country_code

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 30
MOST_LINES = 50_000
MOST_DIGITS = 12
PLACES = 6
LENGTHS = {"line_no": 20, "parent_line": 20, "part": 300, "manufacturer": 200, "mpn": 120}
MONEY = (
    "unit_acquisition_cost",
    "line_cost",
    "inbound_freight",
    "duty",
    "materials",
    "direct_labor",
    "allocable_overhead",
    "profit",
)
NUMBERS = ("qty", *MONEY)
YES_NO = ("us_manufactured", "is_iron_steel", "is_cots_fastener", "fe_estimated", "final_assembly")
TEXTS = ("line_no", "parent_line", "part", "manufacturer", "mpn")
MAKE = {"make": "make", "m": "make", "made": "make", "in house": "make", "internal": "make"}
BUY = {
    "buy": "buy",
    "b": "buy",
    "bought": "buy",
    "purchase": "buy",
    "purchased": "buy",
    "external": "buy",
    "": "",
}
YES = frozenset(("true", "yes", "y", "1", "x", "t"))
NO = frozenset(("false", "no", "n", "0", "f"))
SIGNS = {
    "$": "USD",
    "us$": "USD",
    "usd": "USD",
    "€": "EUR",
    "eur": "EUR",
    "£": "GBP",
    "gbp": "GBP",
    "¥": "JPY",
}
_SIGN = re.compile(r"us\$|usd|eur|gbp|[$€£¥]", re.IGNORECASE)
_PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_FOOTER = re.compile(r"(grand |sub)?-?totals?( cost| price| usd)?:?", re.IGNORECASE)
# One comma that cannot be a thousands mark: "3,5", "0,125", "12,3456".
_COMMA_DECIMAL = re.compile(r"[^\d,]*(0,\d+|\d+,(\d{1,2}|\d{4,}))\D*")
_DOTTED = re.compile(r"\d+(\.\d+)+")


@dataclass(frozen=True, kw_only=True)
class RowError:
    """A cell or row that could not be read. `row` counts from 1 as a spreadsheet does, 0 for the whole file."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, kw_only=True)
class BomReading:
    """What a file says and what was assumed to read it.

    `mapping`: our column → the header in the file. `unmapped`: headers that were left out. `header_row` counts
    from 1, 0 when none was found. `decimal_mark`: "." or ",". `notes`: assumptions, in sentences.
    """

    lines: tuple[BomLineFacts, ...]
    errors: tuple[RowError, ...]
    mapping: Mapping[str, str]
    unmapped: tuple[str, ...]
    delimiter: str
    encoding: str
    header_row: int
    decimal_mark: str
    notes: tuple[str, ...]


def read_bom(data: bytes, *, name: str = "") -> BomReading:
    """Read a delimited text file. Never raises for its content: what is wrong stands in `errors`."""
    text, encoding = decode(data)
    delimiter = _delimiter(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        return _unreadable(f"The file cannot be read as a table: {error}.", delimiter, encoding)
    return read_rows(rows, delimiter=delimiter, encoding=encoding)


def read_rows(rows: Sequence[Sequence[str]], *, delimiter: str = "", encoding: str = "") -> BomReading:
    """Read rows of cells, as a text file or a spreadsheet gives them."""
    place, columns = _header(rows)
    if not columns:
        return _unreadable(
            "No header row was found. Name the columns: part, qty, unit cost, origin.",
            delimiter,
            encoding,
        )
    header, body = rows[place], rows[place + 1 :]
    reader = _Reader(header, columns, _decimal_mark(body, columns), first_row=place + 2)
    lines = list(reader.lines(body))
    notes = list(reader.notes)
    if place:
        notes.append(f"The header was found in row {place + 1}; what stands above it was left out.")
    lines, more = _structured(lines, reader.levels, "parent_line" in columns)
    return BomReading(
        lines=tuple(lines),
        errors=tuple(reader.errors) + _duplicates(lines),
        mapping={ours: header[at].strip() for ours, at in sorted(columns.items(), key=lambda item: item[1])},
        unmapped=tuple(
            cell.strip() for at, cell in enumerate(header) if cell.strip() and at not in columns.values()
        ),
        delimiter=delimiter,
        encoding=encoding,
        header_row=place + 1,
        decimal_mark=reader.mark,
        notes=tuple(notes + more),
    )


def decode(data: bytes) -> tuple[str, str]:
    """(text, name of the encoding): by byte order mark, UTF-8, UTF-16, East Asian, else Windows or Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), "utf-16"
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", errors="replace"), "utf-8-sig"
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        kind = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return data.decode(kind, errors="replace"), kind
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_legacy(data)


def _decode_legacy(data: bytes) -> tuple[str, str]:
    high = len(re.findall(rb"[\x80-\xff]", data))
    in_pairs = sum(len(run) for run in re.findall(rb"(?:[\x80-\xff]{2})+", data))
    # Two-byte scripts come in runs; a µ or an é among Latin letters stands alone.
    if in_pairs > high * 0.8 and high > 8:
        guess = from_bytes(data[:65536]).best()
        if guess is not None and guess.encoding not in ("ascii", "utf_8"):
            return data.decode(guess.encoding, errors="replace"), guess.encoding.replace("_", "-")
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _delimiter(text: str) -> str:
    """The delimiter under which some early row names most known columns; then the one that cuts most evenly."""
    head = text[:40_000]
    hint = re.match(r"sep=(.)\r?\n", head, re.IGNORECASE)
    if hint:
        return hint[1]
    return max(DELIMITERS, key=lambda mark: _fit(head, mark))


def _fit(head: str, delimiter: str) -> tuple[int, int]:
    try:
        rows = list(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))[:HEADER_WITHIN]
    except csv.Error:
        return (0, 0)
    best = max((header_score(guess_columns(row)) for row in rows), default=0)
    return (best, sum(len(row) > 1 for row in rows))


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """(position, columns) of the row among the first thirty that names most columns, at least two."""
    best = -1
    found: dict[str, int] = {}
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        columns = guess_columns(row, rows[place + 1 : place + 200])
        if len(columns) >= 2 and (not found or header_score(columns) > header_score(found)):
            best, found = place, columns
    return best, found


def _decimal_mark(body: Sequence[Sequence[str]], columns: Mapping[str, int]) -> str:
    """ "," when the cells that tell speak for it, else "."; "1,234" alone tells nothing."""
    places = [columns[column] for column in NUMBERS if column in columns]
    comma = dot = 0
    for row in body:
        for place in places:
            cell = row[place] if place < len(row) else ""
            if "," in cell:
                at_comma, at_dot = cell.rfind(","), cell.rfind(".")
                if at_dot > at_comma:
                    dot += 1
                elif at_dot >= 0 or _COMMA_DECIMAL.fullmatch(cell.strip()):
                    comma += 1
            elif "." in cell:
                dot += cell.count(".") == 1
    return "," if comma > dot else "."


class _Reader:
    """Turns rows into lines and remembers what could not be read."""

    def __init__(
        self, header: Sequence[str], columns: Mapping[str, int], mark: str, *, first_row: int
    ) -> None:
        self.header = header
        self.columns = columns
        self.mark = mark
        self.first_row = first_row
        self.errors: list[RowError] = []
        self.levels: list[Decimal | None] = []
        self.notes: list[str] = []
        self._row = 0
        if mark == ",":
            self.notes.append("Numbers are read with a decimal comma: 1.234,50 is 1,234.50.")
        if "line_no" not in columns:
            self.notes.append("There is no line number column; the lines are numbered from 1.")
        if "qty" not in columns and "line_cost" in columns:
            name = header[columns["line_cost"]].strip()
            self.notes.append(
                f"There is no quantity column: “{name}” is read as the cost of the line, quantity 1."
            )
        elif "qty" not in columns:
            self.notes.append("There is no quantity column.")
        if (
            "unit_acquisition_cost" not in columns
            and "line_cost" not in columns
            and "materials" not in columns
        ):
            self.notes.append("There is no cost column.")
        if "origin" not in columns:
            self.notes.append("There is no origin column, so every origin is unknown.")

    def lines(self, body: Sequence[Sequence[str]]) -> Iterator[BomLineFacts]:
        count = 0
        for number, row in enumerate(body, start=self.first_row):
            self._row = number
            if not any(cell.strip() for cell in row):
                continue
            if self._is_footer(row):
                self.notes.append(f"Row {number} looks like a total and was left out.")
                continue
            if count == MOST_LINES:
                self._say("", f"The file has more than {MOST_LINES:,} lines; the rest was left out.")
                return
            extra = [cell for cell in row[len(self.header) :] if cell.strip()]
            if extra:
                self._say("", "This row has more cells than the header; check for a stray delimiter.")
            count += 1
            yield self._line(row, count)

    def _say(self, column: str, message: str) -> None:
        self.errors.append(RowError(row=self._row, column=column, message=message))

    def _cell(self, row: Sequence[str], column: str) -> str:
        place = self.columns.get(column)
        return row[place].strip() if place is not None and place < len(row) else ""

    def _name(self, column: str) -> str:
        return self.header[self.columns[column]].strip()

    def _is_footer(self, row: Sequence[str]) -> bool:
        words = [cell.strip() for cell in row if cell.strip() and not re.search(r"\d", cell)]
        return len(words) == 1 and bool(_FOOTER.fullmatch(words[0])) and not self._cell(row, "qty")

    def _line(self, row: Sequence[str], count: int) -> BomLineFacts:
        texts = {column: self._text(row, column) for column in TEXTS}
        numbers = {column: self._number(row, column) for column in NUMBERS if column in self.columns}
        answers = {column: self._yes_no(row, column) for column in YES_NO}
        self.levels.append(self._number(row, "level") if "level" in self.columns else None)
        if not (texts["part"] or texts["mpn"]):
            self._say(self._named("part", "mpn"), "The part has no name.")
        qty, unit = self._quantity_and_cost(numbers)
        return BomLineFacts(
            line_no=texts["line_no"] or str(count),
            parent_line=texts["parent_line"],
            part=texts["part"] or texts["mpn"],
            qty=qty,
            make_or_buy=self._make_or_buy(row, numbers),
            unit_acquisition_cost=unit,
            inbound_freight=numbers.get("inbound_freight"),
            duty=numbers.get("duty"),
            materials=numbers.get("materials"),
            direct_labor=numbers.get("direct_labor"),
            allocable_overhead=numbers.get("allocable_overhead"),
            profit=numbers.get("profit"),
            origin=self._origin(row),
            us_manufactured=answers["us_manufactured"],
            is_iron_steel=answers["is_iron_steel"],
            fe_estimated=bool(answers["fe_estimated"]),
            is_cots_fastener=answers["is_cots_fastener"],
            final_assembly=bool(answers["final_assembly"]),
            manufacturer=texts["manufacturer"],
            mpn=texts["mpn"],
            currency=self._currency(row),
        )

    def _named(self, *columns: str) -> str:
        return next((self._name(column) for column in columns if column in self.columns), "")

    def _text(self, row: Sequence[str], column: str) -> str:
        text = " ".join(self._cell(row, column).replace("\x00", "").split())
        if len(text) > LENGTHS[column]:
            self._say(
                self._name(column), f"The text is longer than {LENGTHS[column]} characters and was cut."
            )
            return text[: LENGTHS[column]]
        return text

    def _number(self, row: Sequence[str], column: str) -> Decimal | None:
        cell = self._cell(row, column)
        if not cell or cell in ("-", "–", "—", "n/a", "N/A"):
            return None
        try:
            value = to_decimal(cell, self.mark)
        except ValueError:
            self._say(self._name(column), f"“{cell[:40]}” is not a number.")
            return None
        if value.adjusted() >= MOST_DIGITS:
            self._say(self._name(column), f"“{cell[:40]}” is too large.")
            return None
        if value < 0:
            self._say(self._name(column), f"“{cell[:40]}” is below zero.")
        exponent = value.as_tuple().exponent
        return round(value, PLACES) if isinstance(exponent, int) and exponent < -PLACES else value

    def _yes_no(self, row: Sequence[str], column: str) -> bool | None:
        cell = self._cell(row, column)
        word = cell.lower()
        if not word:
            return None
        if word in YES or word in NO:
            return word in YES
        self._say(self._name(column), f"“{cell[:40]}” is neither yes nor no.")
        return None

    def _origin(self, row: Sequence[str]) -> str:
        cell = self._cell(row, "origin")
        if cell.lower() in ("", "?", "-", "unknown", "n/a", "tbd"):
            return ""
        code = country_code(cell)
        if code is None:
            self._say(
                self._name("origin"), f"“{cell[:40]}” is not a country we know; write its two-letter code."
            )
        return code or ""

    def _make_or_buy(self, row: Sequence[str], numbers: Mapping[str, Decimal | None]) -> str:
        cell = self._cell(row, "make_or_buy")
        word = " ".join(cell.lower().replace("-", " ").split())
        found = {**MAKE, **BUY}.get(word)
        if found is None:
            self._say(self._name("make_or_buy"), f"“{cell[:40]}” is neither make nor buy.")
        if found:
            return found
        made = numbers.get("unit_acquisition_cost") is None and numbers.get("materials") is not None
        return "make" if made else "buy"

    def _quantity_and_cost(
        self, numbers: Mapping[str, Decimal | None]
    ) -> tuple[Decimal | None, Decimal | None]:
        qty, unit, total = numbers.get("qty"), numbers.get("unit_acquisition_cost"), numbers.get("line_cost")
        if unit is None and total is not None:
            if "qty" not in self.columns:
                return Decimal(1), total
            if qty:
                return qty, round(total / qty, PLACES)
        return qty, unit

    def _currency(self, row: Sequence[str]) -> str:
        stated = self._cell(row, "currency").upper()
        if stated:
            return SIGNS.get(stated.lower(), stated[:3])
        for column in MONEY:
            sign = _SIGN.search(self._cell(row, column)) if column in self.columns else None
            if sign:
                return SIGNS[sign[0].lower()]
        return "USD"


def to_decimal(cell: str, mark: str = ".") -> Decimal:
    """A number as people write it ("1,234.50", "$3.76", "(12)"); `mark` is its decimal mark. Raises ValueError."""
    if mark == "." and _PLAIN.fullmatch(cell):
        return Decimal(cell)
    text = _SIGN.sub("", cell).translate(
        {0x20: None, 0xA0: None, 0x202F: None, 0x2009: None, 0x27: None, 0x2212: "-"}
    )
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    thousands = "." if mark == "," else ","
    whole, _, fraction = text.partition(mark)
    groups = whole.lstrip("+-").split(thousands)
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        raise ValueError(cell)
    plain = whole.replace(thousands, "") + (f".{fraction}" if fraction else "")
    if not re.fullmatch(r"[+-]?\d*(\.\d*)?([eE][+-]?\d{1,2})?", plain, re.ASCII) or not re.search(
        r"\d", plain
    ):
        raise ValueError(cell)
    try:
        return Decimal(plain)
    except InvalidOperation:
        raise ValueError(cell) from None


def _structured(
    lines: list[BomLineFacts], levels: Sequence[Decimal | None], has_parents: bool
) -> tuple[list[BomLineFacts], list[str]]:
    """Parents from a level column or from numbers like 1.2.3, when the file names none itself."""
    if has_parents:
        return lines, []
    if any(level is not None for level in levels):
        return _by_level(lines, levels), ["The parent of each line is taken from the level column."]
    numbers = {line.line_no for line in lines}
    parents = {n: n.rpartition(".")[0] for n in numbers if _DOTTED.fullmatch(n)}
    if any(parent in numbers for parent in parents.values()):
        nested = [
            replace(line, parent_line=parents[line.line_no]) if parents.get(line.line_no) in numbers else line
            for line in lines
        ]
        return nested, ["The parent of each line is taken from its number: 1.2 belongs to 1."]
    return lines, []


def _by_level(lines: Sequence[BomLineFacts], levels: Sequence[Decimal | None]) -> list[BomLineFacts]:
    path: list[tuple[Decimal, str]] = []
    nested = []
    for line, level in zip(lines, levels, strict=True):
        depth = Decimal(0) if level is None else level
        while path and path[-1][0] >= depth:
            path.pop()
        nested.append(replace(line, parent_line=path[-1][1] if path else ""))
        path.append((depth, line.line_no))
    return nested


def _duplicates(lines: Sequence[BomLineFacts]) -> tuple[RowError, ...]:
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for line in lines:
        if line.line_no in seen:
            twice[line.line_no] = None
        seen.add(line.line_no)
    return tuple(
        RowError(row=0, column="", message=f"Line number {number} stands more than once.") for number in twice
    )


def _unreadable(message: str, delimiter: str, encoding: str) -> BomReading:
    return BomReading(
        lines=(),
        errors=(RowError(row=0, column="", message=message),),
        mapping={},
        unmapped=(),
        delimiter=delimiter,
        encoding=encoding,
        header_row=0,
        decimal_mark=".",
        notes=(),
    )
