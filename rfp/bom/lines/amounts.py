"""Quantities, costs, and currencies that the file does not say outright: each derived one is asked about. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from rfp.bom.layout.columns import QTY, Columns
from rfp.bom.lines.money import SHARED_SIGNS, UNKNOWN_CURRENCY
from rfp.bom.lines.rows import Line, LineReader, rounded
from rfp.bom.lines.tree import Tree
from rfp.bom.questions import Asked, Option, rows_in_words

ONE = Decimal(1)
# A total may differ from quantity x unit cost by the rounding of either.
CLOSE = Decimal("0.01")
KEEP, BLANK, DOLLARS = "keep", "blank", "usd"


def quantities(lines: Sequence[Line], columns: Columns, asked: Asked) -> None:
    """Count designators, or take one, where the file has no quantity column."""
    if not any(kind in columns.places for kind in QTY):
        counted = [line for line in lines if line.designators]
        if counted:
            _count_designators(counted, columns, asked)
        _take_one([line for line in lines if line.qty is None], columns, asked)
    for line in lines:
        line.qty_typed = line.qty


def _count_designators(lines: Sequence[Line], columns: Columns, asked: Asked) -> None:
    heading = columns.heading("designator")
    answer = asked.ask(
        "quantity_counted",
        "There is no quantity column. Should we count the designators?",
        [
            Option(key="count", label="Count them", says=f"“{heading}” with three designators counts 3."),
            Option(key=BLANK, label="Don’t count them", says="Each line counts as 1."),
        ],
        default="count",
        rows=[line.row for line in lines],
        why=f"We count the quantity from “{heading}”.",
    )
    if answer == "count":
        for line in lines:
            line.qty = Decimal(line.designators or 1)


def _take_one(lines: Sequence[Line], columns: Columns, asked: Asked) -> None:
    if not lines or not any(m in columns.places for m in ("unit_cost", "line_cost", "materials")):
        if lines:
            asked.note("No column has a quantity.")
        return
    answer = asked.ask(
        "quantity_missing",
        "There is no quantity column. Is each line one piece?",
        [
            Option(key="one", label="One piece each", says="Each cost counts once."),
            Option(key=BLANK, label="Unknown", says="Leave quantities empty and fill them in later."),
        ],
        default="one",
        rows=[line.row for line in lines],
        why="We can’t count a cost without a quantity.",
    )
    if answer == "one":
        for line in lines:
            line.qty = ONE


def unit_costs(lines: Sequence[Line], columns: Columns, asked: Asked) -> None:
    """Derive a unit cost from the total of a line, and ask where the two disagree."""
    derived = [line for line in lines if line.unit_cost is None and line.line_cost is not None and line.qty]
    if derived:
        _derive(derived, columns, asked)
    given = {line.row for line in derived}
    both = [line for line in lines if line.unit_cost is not None and line.line_cost is not None and line.qty]
    wrong = [line for line in both if line.row not in given and not _agrees(line)]
    # A column that never fits is not a total per line, and says nothing about the unit cost.
    if wrong and 2 * len(wrong) <= len(both) + 1:
        _ask_which_cost(wrong, columns, asked)


def _derive(lines: Sequence[Line], columns: Columns, asked: Asked) -> None:
    heading = columns.heading("line_cost")
    example = next((line for line in lines if line.qty != ONE), lines[0])
    unit = rounded((example.line_cost or Decimal(0)) / (example.qty or ONE))
    shown = f"{example.line_cost:,f} ÷ {(example.qty or ONE).normalize():,f} = {unit.normalize():,f}"
    answer = asked.ask(
        "unit_cost",
        f"{rows_in_words(line.row for line in lines)}: is “{heading}” the cost of the whole line?",
        [
            Option(key="divide", label="Whole line", says=f"Row {example.row}: {shown} each."),
            Option(key="unit", label="One piece", says="Use it as the unit cost."),
        ],
        default="divide",
        rows=[line.row for line in lines],
        why="There is no unit cost, so we divide the line cost by the quantity.",
    )
    for line in lines:
        total = line.line_cost or Decimal(0)
        line.unit_cost = rounded(total / (line.qty or ONE)) if answer == "divide" else total


def _agrees(line: Line) -> bool:
    assert line.unit_cost is not None and line.line_cost is not None and line.qty is not None
    difference = abs(line.unit_cost * line.qty - line.line_cost)
    return difference <= max(CLOSE * line.qty / 2, CLOSE, line.line_cost * CLOSE / 2)


def _ask_which_cost(lines: Sequence[Line], columns: Columns, asked: Asked) -> None:
    example = lines[0]
    answer = asked.ask(
        "cost_mismatch",
        f"{rows_in_words(line.row for line in lines)}: quantity × unit cost does not equal the line cost",
        [
            Option(key="unit", label="The unit cost is right", says=f"Use “{columns.heading('unit_cost')}”."),
            Option(
                key="line",
                label="The line cost is right",
                says=f"“{columns.heading('line_cost')}” counts.",
            ),
        ],
        default="unit",
        rows=[line.row for line in lines],
        why=f"Row {example.row}: {example.qty} × {example.unit_cost:,f} is not {example.line_cost:,f}.",
    )
    if answer == "line":
        for line in lines:
            line.unit_cost = rounded((line.line_cost or Decimal(0)) / (line.qty or ONE))


def currencies(lines: Sequence[Line], reader: LineReader, asked: Asked) -> None:
    """Foreign money stays foreign; a sign of two currencies, or two signs in one row, is asked about."""
    by_row = {line.row: line for line in lines}
    for code, rows in reader.shared.items():
        _ask_whose_sign(code, [by_row[row] for row in rows if row in by_row], asked)
    rows = [row for row in dict.fromkeys(reader.disagreeing) if row in by_row]
    if rows:
        code = by_row[rows[0]].currency
        answer = asked.ask(
            "currency",
            f"{rows_in_words(rows)}: two currencies in one row",
            [
                Option(key=KEEP, label=code, says="Use this currency for the costs in these rows."),
                Option(key=DOLLARS, label="U.S. dollars", says="Treat them as dollars."),
            ],
            default=KEEP,
            rows=rows,
            why="The currency sign on an amount differs from the currency of its row.",
        )
        if answer == DOLLARS:
            for row in rows:
                by_row[row].currency = "USD"
    for code in dict.fromkeys(line.currency for line in lines if line.currency != "USD"):
        _ask_about_foreign(code, [line for line in lines if line.currency == code], asked)


def _ask_whose_sign(code: str, lines: Sequence[Line], asked: Asked) -> None:
    codes = next((codes for codes in SHARED_SIGNS.values() if code in codes), ())
    mine = [line for line in lines if line.currency == code]
    if not mine or not codes:
        return
    answer = asked.ask(
        "currency_sign",
        f"{rows_in_words(line.row for line in mine)}: which currency is this?",
        [Option(key=each, label=each) for each in codes],
        default=code,
        rows=[line.row for line in mine],
        why="More than one currency uses this sign.",
        about=code,
    )
    for line in mine:
        line.currency = answer


def _ask_about_foreign(code: str, lines: Sequence[Line], asked: Asked) -> None:
    rows = [line.row for line in lines]
    named = "a currency we don’t recognize" if code == UNKNOWN_CURRENCY else code
    answer = asked.ask(
        "foreign_currency",
        f"{rows_in_words(rows)}: priced in {named}",
        [
            Option(
                key=KEEP,
                label="Not dollars" if code == UNKNOWN_CURRENCY else code,
                says="Keep it. We can’t calculate the domestic share until the costs are in dollars.",
            ),
            Option(
                key=DOLLARS,
                label="U.S. dollars",
                says="The file has the wrong currency. These are dollars.",
            ),
        ],
        default=KEEP,
        rows=rows,
        why="We don’t convert foreign currencies.",
        about=code,
    )
    if answer == DOLLARS:
        for line in lines:
            line.currency = "USD"


def origins(lines: Sequence[Line], reader: LineReader, asked: Asked) -> None:
    """Georgia is a country and a state; the one that does not count as domestic is proposed."""
    georgia = set(reader.georgia)
    rows = [line.row for line in lines if line.row in georgia]
    if not rows:
        return
    answer = asked.ask(
        "origin",
        f"{rows_in_words(rows)}: Georgia the country or the state?",
        [Option(key="GE", label="The country"), Option(key="US", label="The U.S. state")],
        default="GE",
        rows=rows,
        why="“Georgia” could be either.",
    )
    for line in lines:
        if line.row in georgia:
            line.origin = answer


def rough_and_per(lines: Sequence[Line], reader: LineReader, asked: Asked) -> None:
    """Prices that are only about right, and prices for a hundred or a thousand pieces."""
    by_row = {line.row: line for line in lines}
    rough = [row for row in dict.fromkeys(reader.rough) if row in by_row]
    if rough:
        answer = asked.ask(
            "approximate",
            f"{rows_in_words(rows=rough)}: an approximate figure",
            [
                Option(key=KEEP, label="Use it as is"),
                Option(key=BLANK, label="Leave the cost empty", says="Fill in the exact cost later."),
            ],
            default=KEEP,
            rows=rough,
            why="The cell says “about”.",
        )
        if answer == BLANK:
            for row in rough:
                by_row[row].unit_cost = None
    per = [row for row in dict.fromkeys(reader.per) if row in by_row]
    if per:
        _ask_about_per(per, by_row, asked)


def _ask_about_per(rows: Sequence[int], by_row: dict[int, Line], asked: Asked) -> None:
    cost = by_row[rows[0]].unit_cost
    shown = f"Row {rows[0]} costs {cost.normalize():,f} each." if cost is not None else ""
    answer = asked.ask(
        "price_per",
        f"{rows_in_words(rows)}: a price for more than one piece",
        [
            Option(key="divide", label="Divide it", says=shown),
            Option(key=BLANK, label="Leave the cost empty", says="Fill in the price per piece later."),
        ],
        default="divide",
        rows=rows,
        why="The file has a price for more than one piece.",
    )
    if answer == BLANK:
        for row in rows:
            by_row[row].unit_cost = None


def costs_of_assemblies(tree: Tree, asked: Asked) -> None:
    """An assembly without a cost costs what its parts cost, unless somebody says otherwise."""
    found = _sums_of_parts(tree)
    if not found:
        return
    rows = [tree.lines[index].row for index in sorted(found)]
    answer = asked.ask(
        "assembly_cost",
        f"{rows_in_words(rows)}: an assembly without a cost",
        [
            Option(key="sum", label="The cost of its parts", says="Add up the lines inside it."),
            Option(
                key=BLANK,
                label="Leave it empty",
                says="Fill in its cost later. Until then it does not count.",
            ),
        ],
        default="sum",
        rows=rows,
        why="We count only level-1 lines, so an assembly needs its own cost.",
    )
    if answer == "sum":
        for index, unit in found.items():
            tree.lines[index].unit_cost = unit


def _sums_of_parts(tree: Tree) -> dict[int, Decimal]:
    """Index of each assembly without a cost → the unit cost that its parts make up, where all of them have one."""
    lines = tree.lines
    inside: dict[int, list[int]] = {}
    for index, parent in enumerate(tree.parents):
        if parent is not None:
            inside.setdefault(parent, []).append(index)
    bare = [
        i for i in inside if lines[i].unit_cost is None and not any(lines[i].costs.values()) and lines[i].qty
    ]
    found: dict[int, Decimal] = {}
    # The deepest first, so that an assembly inside another is known when the outer one is added up.
    for index in sorted(bare, key=lambda i: -tree.levels[i]):
        total = Decimal(0)
        for part in inside[index]:
            unit, qty = found.get(part, lines[part].unit_cost), lines[part].qty
            if unit is None or qty is None:
                break
            total += unit * qty
        else:
            found[index] = rounded(total / (lines[index].qty or ONE))
    return found
