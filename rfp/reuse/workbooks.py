"""A workbook of what an RFP asks: written, and read back as what would change. Rows are known by their codes.

A row that isn't in the workbook stays, and so does a value whose column isn't. Everything is tried on the RFP, through
the forms on which it is typed, and undone; so the preview says what storing it would say.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from portal.kit.tables import cell_of
from rfp.bom.sheet.table import Table
from rfp.publishing.models import Solicitation
from rfp.reuse.contents import collecting
from rfp.reuse.contents.building import NAMES, criterion_form, is_conditional, lot_form, requirement_form
from rfp.reuse.contents.problems import FileWrong, Problem
from rfp.reuse.sheets import BadCell, Column, Sheet, sheets

MOST_ROWS = 1_000
MOST_TEXT = 4_000
README = "Read me"


@dataclass(frozen=True)
class Change:
    """A row that would be new or different; `fields`: (column, old text, new text)."""

    sheet: str
    row: int
    code: str
    is_new: bool
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Read:
    """One row of a sheet: where it stands, and the values of the columns that are there."""

    sheet: str
    row: int
    values: Mapping[str, Any]

    @property
    def code(self) -> str:
        return str(self.values.get("code", ""))


@dataclass
class Plan:
    """What a workbook would change, and what is wrong with it."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


# ---- out ----------------------------------------------------------------------------------------------------------


def written(solicitation: Solicitation) -> bytes:
    """The workbook of an RFP."""
    book = Workbook(write_only=True)
    rows = _stored(solicitation)
    _read_me(book)
    for name, sheet in sheets().items():
        page = book.create_sheet(name)
        page.freeze_panes = "B2"
        for at, column in enumerate(sheet.columns, start=1):
            page.column_dimensions[get_column_letter(at)].width = _width(column)
        for at, line in enumerate(sheet.table(rows[name].values())):
            page.append([_wrapped(cell_of(page, value, bold=at == 0)) for value in line])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _read_me(book: Any) -> None:
    page = book.create_sheet(README)
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 34, 90
    lines = [
        ("How to use this workbook", ""),
        (
            "Rows",
            "A row with a new code is added. A row with a known code changes it. Rows you leave out stay.",
        ),
        ("Columns", "A blank cell clears the value. Delete a column to leave its values alone."),
        ("Several values", "Put each on a line of its own in the cell."),
    ]
    for sheet in sheets().values():
        lines += [
            (f"{sheet.name}: {column.head}", "One of: " + ", ".join(column.choices.values()))
            for column in sheet.columns
            if column.choices
        ]
    for at, line in enumerate(lines):
        page.append([cell_of(page, text, bold=at == 0) for text in line])


def _width(column: Column) -> int:
    return (
        50 if column.name in ("text", "title", "why", "supplier_guidance", "scorer_guidance", "steps") else 18
    )


def _wrapped(cell: Any) -> Any:
    if hasattr(cell, "alignment"):
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _stored(solicitation: Solicitation) -> dict[str, dict[tuple[str, ...], dict[str, Any]]]:
    """Sheet → what tells a row from others → the row, as contents hold it."""
    contents = collecting.contents_of(solicitation)
    lots = contents["lots"]
    rows = {
        "Lots": lots,
        "Items": [{**item, "lot": lot["code"]} for lot in lots for item in lot["items"]],
        "Criteria": contents["criteria"],
        "Requirements": contents["requirements"],
    }
    return {name: {_key(sheets()[name], row): row for row in found} for name, found in rows.items()}


def _key(sheet: Sheet, row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name) or "").casefold() for name in sheet.by)


# ---- in -----------------------------------------------------------------------------------------------------------


def read(tables: Sequence[Table]) -> list[Read]:
    """The rows of a workbook, from its sheets. Raises FileWrong with every cell that can't be read."""
    found: list[Read] = []
    problems: list[Problem] = []
    known = {name.casefold(): sheet for name, sheet in sheets().items()}
    for table in tables:
        sheet = known.get(table.name.strip().casefold())
        if sheet is None:
            continue
        problems += [Problem(_at(sheet.name, each.row), each.why) for each in table.errors]
        found += _rows(sheet, table, problems)
    if not found and not problems:
        problems.append(Problem("The file", f"It has no rows on sheets called {', '.join(sheets())}."))
    if len(found) > MOST_ROWS:
        problems.append(Problem("The file", f"It has more than {MOST_ROWS:,} rows."))
    if problems:
        raise FileWrong(problems)
    return found


def _rows(sheet: Sheet, table: Table, problems: list[Problem]) -> Iterator[Read]:
    rows = [row for row in table.rows if not row.is_blank]
    if not rows:
        return
    by_head = {column.head.casefold(): column for column in sheet.columns}
    columns = [by_head.get(cell.strip().casefold()) for cell in rows[0].cells]
    strange = [
        cell for cell, column in zip(rows[0].cells, columns, strict=True) if cell.strip() and not column
    ]
    problems += [
        Problem(_at(sheet.name, rows[0].number), f"We don’t know the column “{cell[:60]}”.")
        for cell in strange
    ]
    present = [column.name for column in columns if column]
    if doubled := {name for name in present if present.count(name) > 1}:
        problems.append(
            Problem(_at(sheet.name, rows[0].number), f"The column {doubled.pop()} is there twice.")
        )
    if missing := [name for name in sheet.by if name not in present]:
        problems.append(Problem(_at(sheet.name, rows[0].number), f"The column {missing[0]} is missing."))
        return
    seen: set[tuple[str, ...]] = set()
    for row in rows[1:]:
        values = dict(_values(sheet, row.number, columns, row.cells, problems))
        if _key(sheet, values) in seen:
            problems.append(Problem(_at(sheet.name, row.number, "Code"), "This code is in the sheet twice."))
        seen.add(_key(sheet, values))
        yield Read(sheet.name, row.number, values)


def _values(
    sheet: Sheet, number: int, columns: Sequence[Column | None], cells: Sequence[str], problems: list[Problem]
) -> Iterator[tuple[str, Any]]:
    padded = (*cells, *([""] * (len(columns) - len(cells))))
    for column, text in zip(columns, padded, strict=False):
        if column is None:
            continue
        try:
            if len(text) >= MOST_TEXT:
                raise BadCell(f"The text is longer than we can read: {MOST_TEXT:,} characters")
            yield column.name, column.read(text)
        except BadCell as bad:
            problems.append(Problem(_at(sheet.name, number, column.head), f"{bad}."))


def _at(sheet: str, row: int, head: str = "") -> str:
    place = f"{sheet}, row {row}" if row else sheet
    return f"{place}, {head}" if head else place


# ---- what it would change -----------------------------------------------------------------------------------------


class _Undone(Exception):
    """Ends a trial."""


def tried(solicitation: Solicitation, rows: Sequence[Read]) -> Plan:
    """What storing the rows would change, and what is wrong with them. Nothing is stored."""
    plan = Plan()
    try:
        with transaction.atomic():
            plan = apply(solicitation, rows)
            raise _Undone
    except _Undone:
        return plan


def apply(solicitation: Solicitation, rows: Sequence[Read]) -> Plan:
    """Store the rows. Where the plan has problems, part of them may be stored: undo it."""
    applying = _Applying(solicitation, _stored(solicitation))
    by_sheet = {name: [row for row in rows if row.sheet == name] for name in sheets()}
    applying.lots(by_sheet["Lots"], by_sheet["Items"])
    for row in by_sheet["Criteria"]:
        applying.one(row, solicitation.criteria, criterion_form)
    # A question that decides whether another is asked comes before it.
    for row in sorted(by_sheet["Requirements"], key=lambda each: is_conditional(each.values)):
        applying.one(row, solicitation.requirements.filter(until__isnull=True), requirement_form)
    applying.plan.changes.sort(key=lambda each: (list(sheets()).index(each.sheet), each.row))
    return applying.plan


class _Applying:
    def __init__(
        self, solicitation: Solicitation, stored: dict[str, dict[tuple[str, ...], dict[str, Any]]]
    ) -> None:
        self.rfp, self.stored, self.plan = solicitation, stored, Plan()

    def merged(self, read: Read) -> tuple[dict[str, Any], bool]:
        """(the row as it would be, whether it would differ), and notes the change."""
        sheet, known = sheets()[read.sheet], self.stored[read.sheet]
        old = known.get(_key(sheet, read.values))
        new = dict(old or {}) | dict(read.values)
        if old is not None:
            new |= {name: old[name] for name in sheet.by}
        elif not new.get("position") and any(column.name == "position" for column in sheet.columns):
            new["position"] = len(known) + 1
            known[_key(sheet, read.values)] = {}
        fields = tuple(
            (column.head, column.cell(old or {}), column.cell(new))
            for column in sheet.columns
            if column.name in read.values and column.cell(old or {}) != column.cell(new)
        )
        if fields or old is None:
            self.plan.changes.append(Change(read.sheet, read.row, read.code, old is None, fields))
        return new, bool(fields) or old is None

    def one(self, read: Read, rows: Any, make: Any) -> None:
        new, is_different = self.merged(read)
        if not is_different:
            return
        made = make(self.rfp, new, instance=rows.filter(code__iexact=read.code).first())
        form, lost = made if isinstance(made, tuple) else (made, [])
        for problem in lost:
            self.say(read, problem.where, problem.why)
        if not lost and form.is_valid():
            form.save()
        elif not lost:
            self.errors(read, form)

    def lots(self, lots: Sequence[Read], items: Sequence[Read]) -> None:
        """Lots with their items, which are stored together."""
        heads = {read.code.casefold(): read for read in lots}
        under: dict[str, list[Read]] = {}
        for item in items:
            under.setdefault(str(item.values["lot"]).casefold(), []).append(item)
        for code in dict.fromkeys([*heads, *under]):
            self._lot(code, heads.get(code), under.get(code, []))

    def _lot(self, code: str, head: Read | None, items: list[Read]) -> None:
        old = self.stored["Lots"].get((code,))
        row, is_different = self.merged(head) if head else (dict(old or {}), False)
        if head is None and old is None:
            for item in items:
                self.say(item, "lot", "There is no lot with this code.")
            return
        merged = [(item, *self.merged(item)) for item in items]
        if not is_different and not any(changed for _item, _row, changed in merged):
            return
        instance = self.rfp.lots.prefetch_related("items").filter(code__iexact=code).first()
        rows = [{name: new[name] for name in new if name != "lot"} for _item, new, _changed in merged]
        form = lot_form(self.rfp, row | {"items": rows}, instance=instance)
        if form.is_valid():
            form.save()
            return
        if form.head.errors:
            self.errors(head or items[0], form.head)
        at = {item.code.casefold(): item for item in items}
        for each in form.items.forms:
            read = at.get(str(each["code"].value() or "").strip().casefold(), items[0] if items else head)
            if each.errors and read:
                self.errors(read, each)

    def errors(self, read: Read, form: Any) -> None:
        for name, texts in form.errors.items():
            for text in texts:
                self.say(read, name, str(text))

    def say(self, read: Read, name: str, why: str) -> None:
        heads = {column.name: column.head for column in sheets()[read.sheet].columns}
        name = NAMES.get(name, name)
        if name.partition("_")[0] in ("mark", "value", "anchor") or name.startswith("text_"):
            name = "steps" if name not in heads else name
        place = _at(read.sheet, read.row, heads.get(name, ""))
        self.plan.problems.append(Problem(place, f"{why.rstrip('.')}."))


def packed(rows: Iterable[Read]) -> list[Any]:
    """The rows as JSON holds them."""
    return [[row.sheet, row.row, dict(row.values)] for row in rows]


def unpacked(told: Iterable[Any]) -> list[Read]:
    """The rows that `packed` answered with."""
    return [Read(sheet, row, values) for sheet, row, values in told]
