"""Rows that are not parts: totals, headings of sections, headings again, remarks. Pure.

A row is left out only for what it says, and what is left out is always named. A row that merely equals the sum above
it stays, and is asked about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rfp.bom.layout.columns import MONEY, QTY, Columns
from rfp.bom.layout.headings import meanings_of, plain
from rfp.bom.lines.cells import is_number_like, read_number
from rfp.bom.lines.marks import Marks
from rfp.bom.lines.money import UNKNOWN_CURRENCY, currency_of
from rfp.bom.lines.rows import Line
from rfp.bom.questions import Asked, Option, rows_in_words
from rfp.bom.sheet.table import Row

KEEP, LEAVE_OUT = "keep", "leave_out"
MOST_SUM_QUESTIONS = 5
CLOSE = Decimal("0.005")
_TOTAL_WORDS = (
    r"grand total|sub ?totals?|totals?|sum|summe|gesamtsumme|gesamt|gesamtpreis|zwischensumme|endsumme|total general|"
    r"total geral|totale|totaal|subtotaal|sous total|somme|suma|razem|lacznie|celkem|mezisoucet|osszesen|totalt|"
    r"delsumma|summa|sammenlagt|toplam|ara toplam|yhteensa|итого|всего|сумма|"
    r"合计|总计|小计|總計|合計|小計|総計|합계|총계|소계"
)
_ABOUT_TOTALS = (
    r"materials?|costs?|prices?|amounts?|value|parts?|components?|items?|pieces|pcs|qty|quantity|bom|bill of|of|all|"
    r"for|the|this|net|gross|unit|per|each|usd|us|eur|dollars?|in|estimated|approx|overall|above|lines?|assembly|"
    r"assemblies|carried forward|before|after|tax|incl|excl|including|excluding|shipping|freight|page|section|"
    r"general|kosten|preis|netto|brutto|neto|bruto|de|la|costos|costes|coste|costo|precio|materiales|cost of|and|"
    r"a|b|c|sheet|buy|make"
)
TOTAL = re.compile(
    rf"(?:(?:{_ABOUT_TOTALS}) )*(?:{_TOTAL_WORDS})(?: (?:{_ABOUT_TOTALS}|{_TOTAL_WORDS}|\d+))*"
)
_HAS_TOTAL = re.compile(rf"(?:^|\s)(?:{_TOTAL_WORDS})(?:\s|$)")
# Cheap to look for in every cell, before it is made plain.
_MAY_BE_TOTAL = re.compile(
    r"total|totaal|sum|somme|gesamt|razem|[łl][ąa]cznie|celkem|mezisou|[öo]sszesen|toplam|yhteens|итого|всего|сумма|"
    r"合|总|總|総|小计|小計|합계|총계|소계"
)
_NOT_A_PART = re.compile(
    r"(?i)(estimated )?(shipping|freight|postage|sales tax|tax|vat|mwst|gst|discount|rabatt|nre|tooling|handling|"
    r"shipping (and|&) handling|import duties|duties|contingency|overhead|profit|margin|versand|frachtkosten)"
    r"( costs?| charges?| fees?)?"
)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A row that does not become a line, and why."""

    row: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """Rows that are parts, rows that are not, and the units or currency that a row under the headings gave."""

    parts: tuple[Row, ...]
    left_out: tuple[LeftOut, ...]
    currency: str = ""


class Sorter:
    """Tells parts from totals, headings, and remarks."""

    def __init__(self, columns: Columns, marks: Marks, asked: Asked) -> None:
        self.columns = columns
        self.marks = marks
        self.asked = asked
        self.left_out: list[LeftOut] = []
        self.headings: list[Row] = []
        self.currency = ""
        self._figures = [columns.places[m] for m in (*QTY, *MONEY) if m in columns.places]
        self._identity = [columns.places[m] for m in ("part_number", "mpn") if m in columns.places]
        self._identity = [place for place in self._identity if place != columns.names[:1]]
        self._origin = [
            columns.places[m]
            for m in ("manufacturer", "origin", "us_manufactured", "make_or_buy")
            if m in columns.places
        ]
        self._header = tuple(plain(heading) for heading in columns.headings)
        self._header_words = {heading.strip().lower() for heading in columns.headings} - {""}
        self._since: list[Decimal] = []
        self._all: list[Decimal] = []

    def sort(self, rows: Sequence[Row]) -> Sorted:
        """Sort the rows below the headings."""
        kept = []
        for index, row in enumerate(rows):
            if row.is_blank:
                continue
            if not self._is_left_out(row, is_first=index == 0):
                kept.append(row)
                self._remember(row)
        parts = self._with_headings(kept)
        return Sorted(parts=parts, left_out=tuple(self.left_out), currency=self.currency)

    def _is_left_out(self, row: Row, *, is_first: bool) -> bool:
        told = [cell.strip() for cell in row.cells if cell.strip()]
        if self._is_header_again(row):
            self._leave(row, "Repeats the headings.")
        elif is_first and self._is_units(row):
            self._leave(row, "Lists the columns’ units.")
        elif self._is_total(row, told):
            pass
        elif self._is_heading(row, told):
            self.headings.append(row)
        else:
            return False
        return True

    def _leave(self, row: Row, why: str) -> None:
        self.left_out.append(LeftOut(row=row.number, why=why))

    def _cell(self, row: Row, place: int) -> str:
        return row.cells[place].strip() if place < len(row.cells) else ""

    def _is_header_again(self, row: Row) -> bool:
        if not any(self._header):
            return False
        same = sum(cell.strip().lower() in self._header_words for cell in row.cells if cell.strip())
        if same < 2:
            return False
        pairs = [
            (plain(cell), self._header[at])
            for at, cell in enumerate(row.cells[: len(self._header)])
            if cell.strip()
        ]
        return len(pairs) > 1 and sum(cell == heading for cell, heading in pairs) * 4 >= len(pairs) * 3

    def _is_units(self, row: Row) -> bool:
        """A row under the headings that names units: pcs, USD, kg."""
        told = [self._cell(row, place) for place in self._figures if self._cell(row, place)]
        if not told or any(self._cell(row, place) for place in self.columns.names):
            return False
        if any(any(c.isdigit() for c in text) for text in told):
            return False
        codes = [
            code for text in told if (code := currency_of(text.strip("[]()"))) not in ("", UNKNOWN_CURRENCY)
        ]
        self.currency = next(iter(codes), "")
        return bool(codes) or all(meanings_of(text) or len(text.strip("[]()")) <= 4 for text in told)

    def _is_total(self, row: Row, told: Sequence[str]) -> bool:
        """A total word and no part number. What else stands in the row decides whether to ask."""
        phrase, cell = self._total_phrase(told)
        if not phrase or any(
            self._cell(row, place) and self._cell(row, place) != cell for place in self._identity
        ):
            return False
        is_plain = bool(TOTAL.fullmatch(phrase))
        has_more = any(self._cell(row, place) and self._cell(row, place) != cell for place in self._origin)
        equals = self._equals_a_sum(row)
        if not is_plain and not equals and not self._starts_total(phrase):
            return False
        shown = cell[:60]
        if (is_plain and not has_more) or equals:
            self._end_section(phrase)
            self._leave(row, f"“{shown}” is a total without a part number.")
            return True
        default = KEEP if has_more and not is_plain else LEAVE_OUT
        answer = self.asked.ask(
            "total_row",
            f"Row {row.number}: is “{shown}” a total or a part?",
            [
                Option(key=LEAVE_OUT, label="A total", says="Leave it out."),
                Option(key=KEEP, label="A part", says="Count it as a line."),
            ],
            default=default,
            rows=[row.number],
            why="It looks like a total and has no part number, but its figures do not match the sum above.",
            each=True,
        )
        if answer == KEEP:
            return False
        self._end_section(phrase)
        self._leave(row, f"“{shown}” is a total without a part number.")
        return True

    def _total_phrase(self, told: Sequence[str]) -> tuple[str, str]:
        for cell in told:
            if not _MAY_BE_TOTAL.search(cell.lower()):
                continue
            phrase = plain(re.sub(r"[$€£]?\s*\d[\d.,]*\s*$", "", cell))
            if phrase and len(phrase) < 80 and _HAS_TOTAL.search(phrase):
                return phrase, cell
        return "", ""

    def _starts_total(self, phrase: str) -> bool:
        return bool(
            re.match(rf"(?:{_TOTAL_WORDS})(?:\s|$)", phrase) or re.search(rf"\s(?:{_TOTAL_WORDS})$", phrase)
        )

    def _end_section(self, phrase: str) -> None:
        self._since = []

    def _remember(self, row: Row) -> None:
        value = self._value(row)
        if value is not None:
            self._since.append(value)
            self._all.append(value)

    def _number(self, row: Row, meaning: str) -> Decimal | None:
        place = self.columns.places.get(meaning)
        return read_number(self._cell(row, place), self.marks.of(place)).value if place is not None else None

    def _value(self, row: Row) -> Decimal | None:
        unit, line = self._number(row, "unit_cost"), self._number(row, "line_cost")
        place = self.columns.qty
        qty = read_number(self._cell(row, place), self.marks.of(place)).value if place is not None else None
        if unit is not None and qty is not None:
            return unit * qty
        return line if line is not None else unit

    def _equals_a_sum(self, row: Row) -> bool:
        told = {self._number(row, "unit_cost"), self._number(row, "line_cost"), self._value(row)} - {
            None,
            Decimal(0),
        }
        sums = [sum(values, Decimal(0)) for values in (self._since, self._all) if values]
        return any(abs(figure - total) <= CLOSE for figure in told for total in sums if figure is not None)

    def _is_heading(self, row: Row, told: Sequence[str]) -> bool:
        """One text, no figures: the heading of a section. "Boards built: 3" is a remark under the table."""
        is_remark = len(told) == 2 and told[0].endswith(":")
        if not self._figures or (len(told) > 1 and not is_remark) or is_number_like(told[0]):
            return False
        places = {place for place, cell in enumerate(row.cells) if cell.strip()}
        return not places & set(self._figures)

    def _with_headings(self, kept: list[Row]) -> tuple[Row, ...]:
        """Ask once about all rows that are only a text; keep them when most rows of the file are that."""
        if not self.headings:
            return tuple(kept)
        default = LEAVE_OUT if len(self.headings) <= len(kept) else KEEP
        numbers = [row.number for row in self.headings]
        example = next(cell.strip() for cell in self.headings[0].cells if cell.strip())
        answer = self.asked.ask(
            "heading_row",
            f"{rows_in_words(numbers)}: {'a heading' if len(numbers) == 1 else 'headings'}or parts without figures?",
            [
                Option(key=LEAVE_OUT, label="Headings or remarks", says="Leave them out."),
                Option(key=KEEP, label="Parts", says="Count them as lines with no quantity or cost."),
            ],
            default=default,
            rows=numbers,
            why=f"“{example[:60]}” is the only text in its row.",
        )
        if answer == KEEP:
            return tuple(sorted([*kept, *self.headings], key=lambda row: row.number))
        for row in self.headings:
            text = next(cell.strip() for cell in row.cells if cell.strip())
            self._leave(
                row, f"“{text[:60]}” is a heading or remark. It is the only text in its row, with no figures."
            )
        self.left_out.sort(key=lambda each: each.row)
        return tuple(kept)


def ask_about_sums(lines: Sequence[Line], asked: Asked) -> set[int]:
    """Rows that equal the sum of rows above them, and that somebody said to leave out. They are kept by default."""
    found = _sum_rows(lines)
    dropped = set()
    for line, first, last in found[:MOST_SUM_QUESTIONS]:
        span = f"rows {first} to {last}" if last - first > 1 else f"rows {first} and {last}"
        answer = asked.ask(
            "sum_row",
            f"Row {line.row}: is “{line.name[:60]}” a part or a subtotal?",
            [
                Option(key=KEEP, label="A part", says="Count its cost."),
                Option(key=LEAVE_OUT, label="A subtotal", says="Leave it out."),
            ],
            default=KEEP,
            rows=[line.row],
            why=f"It has no part number, and its cost equals the total of {span}.",
            each=True,
        )
        if answer == LEAVE_OUT:
            dropped.add(line.row)
    return dropped


def _sum_rows(lines: Sequence[Line]) -> list[tuple[Line, int, int]]:
    """(line, first row, last row) where a line without a part number costs what a run of rows above it does."""
    runs: dict[tuple[str, int], _Run] = {}
    found = []
    for line in lines:
        run = runs.setdefault((line.parent, _depth(line)), _Run())
        value = line.value()
        figures = {figure for figure in (value, line.unit_cost, line.line_cost) if figure}
        span = None if line.identity or not figures else run.equal_to(figures)
        if span:
            found.append((line, *span))
        if value is not None:
            run.add(value, line.row)
    return found


def _depth(line: Line) -> int:
    return len(re.findall(r"\d+", line.level)) if "." in line.level.strip(". ") else hash(line.level.strip())


class _Run:
    """Costs of rows in order. The sum of some last ones is the sum of all less the sum of those before them."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.rows: list[int] = []
        self.before = {Decimal("0.00"): 0}

    def add(self, value: Decimal, row: int) -> None:
        self.total += value
        self.rows.append(row)
        self.before[round(self.total, 2)] = len(self.rows)

    def equal_to(self, figures: set[Decimal]) -> tuple[int, int] | None:
        """(first row, last row) of at least two last rows whose sum is one of these figures."""
        for figure in figures:
            start = self.before.get(round(self.total - figure, 2))
            if start is not None and len(self.rows) - start > 1:
                return self.rows[start], self.rows[-1]
        return None


def ask_about_charges(lines: Sequence[Line], asked: Asked) -> set[int]:
    """Rows such as "Shipping" that name a charge rather than a part, and that somebody said to leave out."""
    found = [line for line in lines if not line.identity and _NOT_A_PART.fullmatch(line.name.strip(" :."))]
    if not found:
        return set()
    rows = [line.row for line in found]
    answer = asked.ask(
        "charge_row",
        f"{rows_in_words(rows)}: {'a charge' if len(rows) == 1 else 'charges'}or parts?",
        [
            Option(key=KEEP, label="Parts", says="Count them as components."),
            Option(
                key=LEAVE_OUT, label="Charges", says="Leave them out. Enter freight and duty for each part."
            ),
        ],
        default=KEEP,
        rows=rows,
        why=f"“{found[0].name[:60]}” looks like a charge.",
    )
    return set(rows) if answer == LEAVE_OUT else set()


def ask_about_not_fitted(lines: Sequence[Line], asked: Asked) -> set[int]:
    """Rows marked "do not place": not part of the product, unless somebody says so."""
    rows = [line.row for line in lines if line.is_not_fitted]
    if not rows:
        return set()
    answer = asked.ask(
        "not_fitted",
        f"{rows_in_words(rows)}: marked “do not place”",
        [
            Option(key=LEAVE_OUT, label="Not in the product", says="Leave them out."),
            Option(key=KEEP, label="In the product", says="Count them as lines."),
        ],
        default=LEAVE_OUT,
        rows=rows,
        why="The file says these parts are not installed.",
    )
    return set(rows) if answer == LEAVE_OUT else set()
