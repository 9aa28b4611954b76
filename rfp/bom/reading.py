"""Read a bill of materials as suppliers send it, in steps: decode, sniff, table, header, columns, rows, tree. Pure.

Nothing is guessed in silence. What was assumed is said, what is doubtful is asked about with the answer that is
proposed, what is left out is named, and so is every cell that cannot be read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rfp.bom.costs import line_value
from rfp.bom.layout import mapping
from rfp.bom.layout.columns import Columns
from rfp.bom.lines import amounts
from rfp.bom.lines.left_out import LeftOut, Sorter, ask_about_charges, ask_about_not_fitted, ask_about_sums
from rfp.bom.lines.marks import settle_marks
from rfp.bom.lines.rows import Line, LineReader, distinct_names, second_texts
from rfp.bom.lines.tree import Tree, build
from rfp.bom.questions import NO_CHOICES, Asked, Choices, Question
from rfp.bom.sheet.table import NotATable, Row, RowError, Table, read_table
from rfp.bom.sheet.text import decode
from rfp.bom.sheet.workbook import read_workbook
from rfp.facts import BomLineFacts

MOST_LINES = 50_000
MOST_ERRORS = 2_000
Workbook = Callable[[bytes], Sequence[Table]]


@dataclass(frozen=True, kw_only=True)
class ReadLine:
    """A line as it will count, and where it came from.

    `facts.qty` counts per finished product, `qty_typed` as the file does. `level` counts from 1; `parent_row` is the
    row of the line that this one is part of, None on level 1.
    """

    row: int
    facts: BomLineFacts
    part_number: str
    mpn: str
    level: int
    parent_row: int | None
    qty_typed: Decimal | None

    @property
    def cost(self) -> Decimal | None:
        """What the line costs per finished product, in its currency."""
        return line_value(self.facts)


@dataclass(frozen=True, kw_only=True)
class BomReading:
    """What a file says, and what was assumed to read it.

    `rows` counts the rows below the headings that are not blank. `total`: the cost of the level-1 lines in `currency`,
    None when currencies differ or no cost is known. `sheets`: names of the sheets of a workbook.
    """

    lines: tuple[ReadLine, ...]
    errors: tuple[RowError, ...]
    left_out: tuple[LeftOut, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]
    columns: Columns
    samples: tuple[tuple[str, ...], ...]
    rows: int
    total: Decimal | None
    currency: str
    delimiter: str
    encoding: str
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    product: str = ""

    @property
    def facts(self) -> tuple[BomLineFacts, ...]:
        """The lines as the rules read them."""
        return tuple(line.facts for line in self.lines)

    @property
    def is_broken(self) -> bool:
        """Whether rows may be missing or run together, so that nothing may be used."""
        return any(error.is_broken for error in self.errors)


def read_bom(
    data: bytes, *, choices: Choices = NO_CHOICES, open_workbook: Workbook = read_workbook
) -> BomReading:
    """Read a CSV, TSV, text, or XLSX file. Raises NotATable.

    `open_workbook` unpacks an XLSX file; a caller may run it apart, with limits on memory and time.
    """
    asked = Asked(choices)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotATable("This is an old Excel file. Save it as XLSX and upload it again.")
    tables = open_workbook(data) if data.startswith(b"PK\x03\x04") else [_text_table(data)]
    table = mapping.choose_sheet(tables, choices, asked)
    if table is None:
        raise NotATable("The file has no table. Upload rows of parts with a heading on each column.")
    return _Reading(table, choices, asked, tuple(each.name for each in tables if each.name)).read()


def headings_in(data: bytes, *, open_workbook: Workbook = read_workbook) -> tuple[str, ...]:
    """The headings of a file as it is read without choices. Raises NotATable."""
    return read_bom(data, open_workbook=open_workbook).columns.headings


def _text_table(data: bytes) -> Table:
    text, encoding = decode(data)
    return read_table(text, encoding)


class _Reading:
    """One reading of one table."""

    def __init__(self, table: Table, choices: Choices, asked: Asked, sheets: tuple[str, ...]) -> None:
        self.table = table
        self.asked = asked
        self.sheets = sheets
        columns = mapping.settle_columns(table.rows, choices, asked)
        if columns is None:
            raise NotATable("The file has no table. Upload rows of parts with a heading on each column.")
        self.columns = columns
        self.below = [row for row in table.rows[columns.first :] if not row.is_blank]
        self.left_out: list[LeftOut] = []
        self.errors: list[RowError] = []

    def read(self) -> BomReading:
        lines = self._lines()
        tree = build(lines, self.columns, self.asked)
        self.errors += tree.errors
        if tree.product is not None:
            why = f"“{tree.product.name[:60]}” is the finished product."
            self.left_out.append(LeftOut(row=tree.product.row, why=why))
        amounts.costs_of_assemblies(tree, self.asked)
        lines_read = self._numbered(tree)
        total, currency = _total(lines_read)
        return BomReading(
            lines=lines_read,
            errors=self._named_errors(),
            left_out=tuple(sorted(self.left_out, key=lambda each: each.row)),
            questions=tuple(self.asked.questions),
            notes=(*self.table.notes, *self.asked.notes),
            columns=self.columns,
            samples=tuple(_samples(self.below, place) for place in range(len(self.columns.headings))),
            rows=len(self.below),
            total=total,
            currency=currency,
            delimiter=self.table.delimiter,
            encoding=self.table.encoding,
            sheet=self.table.name,
            sheets=self.sheets,
            product=tree.product.name if tree.product else "",
        )

    def _lines(self) -> list[Line]:
        marks = settle_marks(self.below, self.columns, self.table.delimiter, self.asked)
        sorter = Sorter(self.columns, marks, self.asked)
        found = sorter.sort(self.below)
        self.left_out += found.left_out
        currency = found.currency or mapping.stated_currency(self.table.rows, self.columns, found.left_out)
        reader = LineReader(self.columns, marks, currency=currency)
        lines = [reader.read(row) for row in found.parts[:MOST_LINES]]
        if len(found.parts) > MOST_LINES:
            why = f"The file has more than {MOST_LINES:,} lines. We left out the rest."
            self.errors.append(
                RowError(row=found.parts[MOST_LINES].number, column="", why=why, is_broken=True)
            )
        distinct_names(lines, second_texts(found.parts, self.columns))
        lines = self._without(lines, ask_about_not_fitted(lines, self.asked), "It is marked “do not place”.")
        amounts.quantities(lines, self.columns, self.asked)
        amounts.unit_costs(lines, self.columns, self.asked)
        amounts.currencies(lines, reader, self.asked)
        amounts.origins(lines, reader, self.asked)
        amounts.rough_and_per(lines, reader, self.asked)
        lines = self._without(lines, ask_about_sums(lines, self.asked), "You said it is a subtotal.")
        lines = self._without(lines, ask_about_charges(lines, self.asked), "You said it is a charge.")
        gone = {each.row for each in self.left_out}
        self.errors += [error for error in reader.errors if error.row not in gone]
        return lines

    def _without(self, lines: list[Line], rows: set[int], why: str) -> list[Line]:
        self.left_out += [LeftOut(row=row, why=why) for row in sorted(rows)]
        return [line for line in lines if line.row not in rows]

    def _numbered(self, tree: Tree) -> tuple[ReadLine, ...]:
        numbers = self._numbers(tree.lines)
        has_mpn = "mpn" in self.columns.places
        has_maker = "manufacturer" in self.columns.places
        found = []
        for index, line in enumerate(tree.lines):
            parent = tree.parents[index]
            mpn = line.mpn if has_mpn else line.part_number if has_maker else ""
            found.append(
                ReadLine(
                    row=line.row,
                    facts=_facts(line, numbers[index], numbers[parent] if parent is not None else ""),
                    part_number=line.part_number,
                    mpn=mpn,
                    level=tree.levels[index],
                    parent_row=tree.lines[parent].row if parent is not None else None,
                    qty_typed=line.qty_typed,
                )
            )
        return tuple(found)

    def _numbers(self, lines: Sequence[Line]) -> list[str]:
        """A number of its own for each line: the file's, else its place."""
        if not any(line.line_no for line in lines):
            if "line_no" not in self.columns.places:
                self.asked.note("The file has no line numbers, so we numbered the lines from 1.")
            return [str(count) for count in range(1, len(lines) + 1)]
        taken = {line.line_no for line in lines if line.line_no}
        first: dict[str, int] = {}
        numbers = []
        spare = iter(str(count) for count in range(1, 10 * len(lines) + 10) if str(count) not in taken)
        for line in lines:
            number = line.line_no
            if number in first:
                why = f"Line {number} is also in row {first[number]}. Give each line its own number."
                self.errors.append(RowError(row=line.row, column=self.columns.heading("line_no"), why=why))
            if not number or number in first:
                number = next(spare)
            first.setdefault(line.line_no or number, line.row)
            numbers.append(number)
        return numbers

    def _named_errors(self) -> tuple[RowError, ...]:
        """All errors by row; one of the table's own gets the heading of its column."""
        gone = {each.row for each in self.left_out}
        table = [error for error in self.table.errors if error.is_broken or error.row not in gone]
        named = [_with_heading(error, self.columns) for error in table]
        return tuple(
            sorted([*named, *self.errors], key=lambda error: (not error.is_broken, error.row))[:MOST_ERRORS]
        )


def _with_heading(error: RowError, columns: Columns) -> RowError:
    if not error.column.isdigit() or int(error.column) < 1:
        return RowError(row=error.row, column="", why=error.why, is_broken=error.is_broken, near=error.near)
    heading = columns.named(int(error.column) - 1)
    return RowError(row=error.row, column=heading, why=error.why, is_broken=error.is_broken, near=error.near)


def _facts(line: Line, number: str, parent: str) -> BomLineFacts:
    costs: Mapping[str, Decimal | None] = line.costs
    return BomLineFacts(
        line_no=number,
        parent_line=parent,
        part=line.name,
        qty=line.qty,
        make_or_buy=line.make_or_buy,
        unit_acquisition_cost=line.unit_cost,
        inbound_freight=costs.get("inbound_freight"),
        duty=costs.get("duty"),
        materials=costs.get("materials"),
        direct_labor=costs.get("direct_labor"),
        allocable_overhead=costs.get("allocable_overhead"),
        profit=costs.get("profit"),
        origin=line.origin,
        us_manufactured=line.answers.get("us_manufactured"),
        is_iron_steel=line.answers.get("is_iron_steel"),
        fe_estimated=bool(line.answers.get("fe_estimated")),
        is_cots_fastener=line.answers.get("is_cots_fastener"),
        final_assembly=bool(line.answers.get("final_assembly")),
        manufacturer=line.manufacturer,
        mpn=line.mpn or line.part_number,
        currency=line.currency,
    )


def _total(lines: Sequence[ReadLine]) -> tuple[Decimal | None, str]:
    """(cost of the level-1 lines, its currency)."""
    top = [line for line in lines if line.level == 1]
    currencies = {line.facts.currency for line in top}
    costs = [cost for line in top if (cost := line.cost) is not None]
    if len(currencies) != 1:
        return None, ""
    return (sum(costs, Decimal(0)) if costs else None), currencies.pop()


def _samples(rows: Sequence[Row], place: int) -> tuple[str, ...]:
    cells = (row.cells[place].strip() for row in rows[:60] if place < len(row.cells))
    return tuple(dict.fromkeys(cell[:60] for cell in cells if cell))[:3]
