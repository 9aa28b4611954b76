"""The sheets of an RFP's workbook: their columns, how a row of contents fills the cells, and how cells are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.db import models

from portal.kit.tables import as_typed
from rfp.method.scales import KINDS
from rfp.publishing.forms.criterion import CriterionForm
from rfp.publishing.forms.lots import ItemForm, LotHeadForm
from rfp.publishing.forms.requirement import RequirementForm
from rfp.reuse.contents.schema import REQUIREMENT

Row = Mapping[str, Any]
YES, NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0", ""}


class BadCell(ValueError):
    """A cell can't be read; the message says what would do."""


@dataclass(frozen=True)
class Column:
    """`name`: the field in the contents. `choices`: value → label, where there are only these."""

    name: str
    head: str
    kind: str = "text"
    choices: Mapping[str, str] | None = None

    def cell(self, row: Row) -> str:
        """What the cell holds, as text."""
        value = row.get(self.name)
        if self.name == "steps":
            return "\n".join(
                f"{each['mark']} | {each['worth'] or ''} | {each['text']}" for each in value or ()
            )
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return "\n".join(map(str, value))
        text = "" if value is None else str(value)
        return (self.choices or {}).get(text, text)

    def figure(self, row: Row) -> Any:
        """The cell as it is written: numbers are numbers."""
        text = self.cell(row)
        try:
            return Decimal(text) if self.kind == "number" and text else text
        except InvalidOperation:
            return text

    def read(self, text: str) -> Any:
        """The value that the text stands for. Raises BadCell."""
        text = as_typed(text).strip()
        if self.choices is not None:
            return self._chosen(text)
        return READERS[self.kind](text)

    def _chosen(self, text: str) -> str:
        known = {label.casefold(): value for value, label in (self.choices or {}).items()}
        known |= {value.casefold(): value for value in self.choices or {}}
        if text.casefold() in known:
            return known[text.casefold()]
        if not text:
            return ""
        raise BadCell(f"“{text[:40]}” isn’t one of: {', '.join((self.choices or {}).values())}")


@dataclass(frozen=True)
class Sheet:
    """`by`: the columns whose texts tell a row from the others."""

    name: str
    columns: Sequence[Column]
    by: tuple[str, ...] = ("code",)

    def table(self, rows: Iterable[Row]) -> list[list[Any]]:
        return [[each.head for each in self.columns]] + [
            [each.figure(row) for each in self.columns] for row in rows
        ]


@cache
def sheets() -> dict[str, Sheet]:
    """Name → sheet, in the order of the workbook."""
    lot = Column("lot", "Lot")
    return {
        each.name: each
        for each in (
            Sheet("Lots", tuple(_columns(LotHeadForm, LotHeadForm.Meta.fields))),
            Sheet("Items", (lot, *_columns(ItemForm, ItemForm.Meta.fields)), by=("lot", "code")),
            Sheet(
                "Criteria",
                (
                    *_columns(CriterionForm, CriterionForm.Meta.fields),
                    Column("scale", "Kind of scale", choices=KINDS),
                    Column("steps", "Scale: mark | worth | meaning", "steps"),
                ),
            ),
            Sheet("Requirements", tuple(_requirement_columns())),
        )
    }


def _requirement_columns() -> Iterable[Column]:
    for column in _columns(RequirementForm, REQUIREMENT):
        yield column
        if column.name == "code":
            yield Column("lot", "Lot")
        if column.name == "answered_by":
            yield Column("choices", "Answers to choose from", "lines")
            yield Column("columns", "Columns of the table", "lines")
            yield Column("expected", "Accepted answers", "expected")
    yield Column("feeds", "Feeds criterion")
    yield Column("applies_to", "Only for these items", "lines")


def _columns(form: Any, names: Iterable[str]) -> Iterable[Column]:
    for name in names:
        field = form.Meta.model._meta.get_field(name)
        label = form.Meta.labels.get(name) or str(field.verbose_name)
        head = label[:1].upper() + label[1:]
        if field.choices:
            yield Column(name, head, choices={str(value): str(label) for value, label in field.choices})
        else:
            yield Column(name, head, _kind(field))


def _kind(field: Any) -> str:
    if isinstance(field, models.BooleanField):
        return "yes_no"
    return "number" if isinstance(field, models.DecimalField | models.IntegerField) else "text"


# ---- cells --------------------------------------------------------------------------------------------------------


def _yes_no(text: str) -> bool:
    if text.casefold() in YES | NO:
        return text.casefold() in YES
    raise BadCell("Enter yes or no")


def _number(text: str) -> str | None:
    text = text.replace(",", "").removeprefix("$").strip()
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,16}(\.\d{1,10})?", text):
        raise BadCell("Use digits only, for example 12.5")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(text: str) -> str:
    """As it stands; a day that a spreadsheet took for a moment is a day again, and a figure has no zeros at its end."""
    if re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00", text):
        return text[:10]
    return re.sub(r"(\.\d*?)0+$", r"\1", text) if re.fullmatch(r"-?\d+\.\d\d\d0", text) else text


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _expected(text: str) -> Any:
    if text.casefold() in ("yes", "no"):
        return text.casefold() == "yes"
    return _lines(text) or None


def _steps(text: str) -> list[dict[str, Any]]:
    steps = []
    for line in _lines(text):
        parts = [part.strip() for part in line.split("|", 2)]
        if len(parts) != 3:
            raise BadCell("Write each step on a line of its own: mark | worth | meaning")
        steps.append({"mark": parts[0], "worth": parts[1] or None, "text": parts[2]})
    return steps


READERS: Mapping[str, Callable[[str], Any]] = {
    "text": _text,
    "number": _number,
    "yes_no": _yes_no,
    "lines": _lines,
    "expected": _expected,
    "steps": _steps,
}
