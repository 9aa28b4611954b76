"""Rows below the headings as lines with figures, and what cannot be read in them. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from rfp.bom.layout.columns import MONEY, QTY, Columns
from rfp.bom.lines import cells
from rfp.bom.lines.cells import Number
from rfp.bom.lines.marks import Marks
from rfp.bom.lines.money import UNKNOWN_CURRENCY, currency_in_heading, currency_of
from rfp.bom.sheet.table import Row, RowError
from suppliers.reference.countries import countries_named, country_of_place

PLACES = 6
LENGTHS = {"line_no": 20, "name": 300, "manufacturer": 200, "mpn": 120, "part_number": 120}
YES_NO = ("us_manufactured", "is_iron_steel", "is_cots_fastener", "fe_estimated", "final_assembly")
FIGURES = (*QTY, *MONEY, "per")
_UNKNOWN_ORIGIN = frozenset(
    ("", "?", "-", "unknown", "n/a", "tbd", "various", "multiple", "mixed", "na", "none")
)
_NOT_FITTED = re.compile(
    r"(?i)dnp|dnf|dni|dns|do not (place|populate|fit)|not fitted|no ?pop|excluded?( from bom)?|x|yes|y|true|1"
)
T = TypeVar("T")


@dataclass(kw_only=True, slots=True)
class Line:
    """One part as the file has it. `qty` counts as the file counts; `name_place` is where the name was found.

    `typed`: what stands in the cells that place a line in the tree: line_no, parent, and level.
    """

    row: int
    name: str = ""
    part_number: str = ""
    manufacturer: str = ""
    mpn: str = ""
    qty: Decimal | None = None
    unit_cost: Decimal | None = None
    line_cost: Decimal | None = None
    currency: str = "USD"
    origin: str = ""
    make_or_buy: str = "buy"
    costs: dict[str, Decimal | None] = field(default_factory=dict)
    answers: dict[str, bool | None] = field(default_factory=dict)
    line_no: str = ""
    parent: str = ""
    level: str = ""
    designators: int | None = None
    is_not_fitted: bool = False
    qty_typed: Decimal | None = None

    @property
    def identity(self) -> str:
        """Whatever number identifies the part; blank when the row has none."""
        return self.part_number or self.mpn

    def value(self) -> Decimal | None:
        """What the line costs in the file's own count: its total, else quantity x unit cost."""
        if self.unit_cost is not None and self.qty is not None:
            return self.unit_cost * self.qty
        return self.line_cost if self.line_cost is not None else self.unit_cost


class LineReader:
    """Turns rows into lines and remembers what could not be read, what is rough, and whose money it is."""

    def __init__(self, columns: Columns, marks: Marks, *, currency: str = "") -> None:
        self.columns = columns
        self.marks = marks
        self.currency = currency
        self.errors: list[RowError] = []
        self.rough: list[int] = []
        self.shared: dict[str, list[int]] = {}
        self.per: list[int] = []
        self.disagreeing: list[int] = []
        self.georgia: list[int] = []
        self._row = 0
        self._cells: Sequence[str] = ()
        self._heading_currency = {
            place: currency_in_heading(heading) for place, heading in enumerate(columns.headings)
        }

    def read(self, row: Row) -> Line:
        """One line; its errors are added to `errors`."""
        self._row, self._cells = row.number, row.cells
        width = len(self.columns.headings)
        if any(cell.strip() for cell in row.cells[width:]):
            self._say("", "This row has more cells than there are headings. Check for an extra separator.")
        figures = {meaning: self._number(meaning) for meaning in FIGURES if meaning in self.columns.places}
        line = Line(row=row.number)
        self._fill_in_texts(line)
        line.qty = next((figures[kind].value for kind in QTY if kind in figures), None)
        line.costs = {
            meaning: self._money(figures, meaning)
            for meaning in MONEY
            if meaning not in ("unit_cost", "line_cost") and meaning in figures
        }
        line.unit_cost, line.line_cost = self._money(figures, "unit_cost"), self._money(figures, "line_cost")
        self._price_for_many(line, figures)
        line.currency = self._currency(figures)
        line.origin = self._origin()
        line.make_or_buy = self._make_or_buy(line)
        line.answers = {meaning: self._yes_no(meaning) for meaning in YES_NO}
        if "designator" in self.columns.places:
            line.designators = cells.designators(self.cell("designator"))
        if "not_fitted" in self.columns.places:
            line.is_not_fitted = self._not_fitted()
        if not line.name:
            self._say(self._name_heading(), "The part has no name.")
        return line

    def cell(self, meaning: str) -> str:
        """The text of the current row under a meaning."""
        place = self.columns.places.get(meaning)
        return self._cells[place].strip() if place is not None and place < len(self._cells) else ""

    def _say(self, column: str, why: str) -> None:
        self.errors.append(RowError(row=self._row, column=column, why=why))

    def _name_heading(self) -> str:
        return self.columns.named(self.columns.names[0]) if self.columns.names else ""

    def _fill_in_texts(self, line: Line) -> None:
        name, heading = "", self._name_heading()
        for place in self.columns.names:
            if place < len(self._cells) and self._cells[place].strip():
                name, heading = self._cells[place], self.columns.named(place)
                break
        line.name = self._cut(name, "name", heading)
        for meaning in ("part_number", "manufacturer", "mpn", "line_no"):
            setattr(line, meaning, self._cut(self.cell(meaning), meaning, self.columns.heading(meaning)))
        line.parent = " ".join(self.cell("parent").split())[: LENGTHS["part_number"]]
        place_of_level = self.columns.places.get("level")
        if place_of_level is not None and place_of_level < len(self._cells):
            line.level = self._cells[place_of_level]

    def _cut(self, text: str, meaning: str, heading: str) -> str:
        tidy = " ".join(text.replace("\x00", "").split())
        most = LENGTHS[meaning]
        if len(tidy) > most:
            self._say(heading, f"The text is longer than {most} characters, so we cut it.")
        return tidy[:most]

    def _number(self, meaning: str) -> Number:
        text = self.cell(meaning)
        place = self.columns.places[meaning]
        number = cells.read_number(text, self.marks.of(place))
        if number.problem:
            self._say(self.columns.heading(meaning), number.problem)
        if number.is_rough:
            self.rough.append(self._row)
        if number.shared and meaning in MONEY:
            self.shared.setdefault(number.currency, []).append(self._row)
        return number

    def _money(self, figures: Mapping[str, Number], meaning: str) -> Decimal | None:
        number = figures.get(meaning)
        if number is None or number.value is None:
            return None
        if number.per != 1:
            self.per.append(self._row)
        return rounded(number.value / number.per)

    def _price_for_many(self, line: Line, figures: Mapping[str, Number]) -> None:
        """A column says for how many pieces the price is."""
        many = figures.get("per")
        if many and many.value and many.value > 1 and line.unit_cost is not None:
            line.unit_cost = rounded(line.unit_cost / many.value)
            self.per.append(self._row)

    def _currency(self, figures: Mapping[str, Number]) -> str:
        signs = [figures[m].currency for m in MONEY if m in figures and figures[m].currency]
        stated = currency_of(self.cell("currency"))
        if stated == UNKNOWN_CURRENCY:
            shown = self.cell("currency")[:40]
            self._say(
                self.columns.heading("currency"),
                f"“{shown}” is not a currency we recognize. Use a code, for example USD.",
            )
        if stated and signs and stated not in signs:
            self.disagreeing.append(self._row)
        found = signs[0] if signs else stated
        if len(set(signs)) > 1:
            self.disagreeing.append(self._row)
            found = next((sign for sign in signs if sign != "USD"), found)
        elif stated and signs and stated != signs[0]:
            found = stated if signs[0] == "USD" else signs[0]
        if found:
            return found
        named = [self._heading_currency.get(self.columns.places[m], "") for m in MONEY if m in figures]
        return next((code for code in named if code), self.currency) or "USD"

    def _origin(self) -> str:
        text = self.cell("origin")
        if text.lower() in _UNKNOWN_ORIGIN:
            return ""
        code = country_of_place(text)
        if code is None:
            more = len(countries_named(text)) > 1
            why = (
                "has more than one country. Enter one"
                if more
                else "is not a country we recognize. Use its name or two-letter code"
            )
            self._say(self.columns.heading("origin"), f"“{text[:40]}” {why}.")
        if text.strip().lower() == "georgia":
            self.georgia.append(self._row)
        return code or ""

    def _make_or_buy(self, line: Line) -> str:
        found = self._word("make_or_buy", cells.make_or_buy, "is not make or buy.") or ""
        is_made = line.unit_cost is None and line.costs.get("materials") is not None
        return found or ("make" if is_made else "buy")

    def _yes_no(self, meaning: str) -> bool | None:
        if meaning not in self.columns.places:
            return None
        return self._word(meaning, cells.yes_or_no, "is not yes or no.")

    def _word(self, meaning: str, read: Callable[[str], T], problem: str) -> T | None:
        text = self.cell(meaning)
        try:
            return read(text)
        except ValueError:
            self._say(self.columns.heading(meaning), f"“{text[:40]}” {problem}")
            return None

    def _not_fitted(self) -> bool:
        text = self.cell("not_fitted")
        asks_if_fitted = re.fullmatch(r"(?i)\W*(fitted|populated?)\W*", self.columns.heading("not_fitted"))
        if asks_if_fitted:
            return text.lower() in cells.NO
        return bool(text and _NOT_FITTED.fullmatch(text))


def rounded(value: Decimal) -> Decimal:
    """A figure with at most six places, as it is stored."""
    exponent = value.as_tuple().exponent
    return round(value, PLACES) if isinstance(exponent, int) and exponent < -PLACES else value


def distinct_names(lines: Sequence[Line], texts: Mapping[int, str]) -> None:
    """Add the value of a component to a name that several rows share: "Unpolarized capacitor, 10n".

    `texts`: row → its value or comment.
    """
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.name.lower(), []).append(line)
    for group in groups.values():
        values = {texts.get(line.row, "").lower() for line in group}
        if len(group) < 2 or len(values) < 2:
            continue
        for line in group:
            more = " ".join(texts.get(line.row, "").split())
            if more and more.lower() not in line.name.lower():
                line.name = f"{line.name}, {more}"[: LENGTHS["name"]]


def second_texts(rows: Iterable[Row], columns: Columns) -> dict[int, str]:
    """Row → the text that tells parts of one name apart: the value, else the description."""
    places = [columns.places[m] for m in ("value", "description") if m in columns.places]
    places = [place for place in places if columns.names[:1] != (place,)]
    found = {}
    for row in rows:
        told = [
            row.cells[place].strip()
            for place in places
            if place < len(row.cells) and row.cells[place].strip()
        ]
        if told:
            found[row.number] = told[0]
    return found
