"""A bill of materials as its preview shows it: columns, lines with their places in the tree, and what changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from portal.kit import formats
from rfp.bom import costs
from rfp.bom import reading as bom_reading
from rfp.bom.layout import columns as layout_columns
from rfp.bom.sheet import table
from suppliers.reference.countries import country_name

PAGE = 50
MOST_ERRORS = 100
MOST_LEFT_OUT = 50
MOST_HEADER_ROWS = 12


@dataclass(frozen=True, kw_only=True)
class ColumnRow:
    """One column of the file. `meaning` is blank when it is not used; `note` says why to look at it."""

    place: int
    letter: str
    heading: str
    samples: str
    meaning: str
    note: str
    is_marked: bool
    problem: str = ""

    @property
    def name(self) -> str:
        return f"c-{self.place}"


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """One line as it will count."""

    row: int
    level: int
    parent_row: int | None
    part: str
    maker: str
    origin: str
    is_us: bool
    qty: str
    qty_says: str
    unit_cost: str
    cost: str
    says: tuple[str, ...] = field(default=())

    @property
    def depth(self) -> str:
        """A class for the indent; deeper levels share the last one."""
        return f"depth-{min(self.level, 5)}"


def columns_of(reading: bom_reading.BomReading, problems: Mapping[str, str]) -> list[ColumnRow]:
    """The columns of the file in order. `problems`: name of a field → what is wrong with what was chosen."""
    columns = reading.columns
    meanings = {place: meaning for meaning, place in columns.places.items()}
    found = []
    for place, heading in enumerate(columns.headings):
        note = _column_note(reading, place)
        if not heading.strip() and not reading.samples[place]:
            continue
        found.append(
            ColumnRow(
                place=place,
                letter=layout_columns.letter(place),
                heading=" ".join(heading.split()),
                samples="; ".join(reading.samples[place]),
                meaning=meanings.get(place, ""),
                note=note,
                is_marked=_is_doubtful(reading, place) or f"c-{place}" in problems,
                problem=problems.get(f"c-{place}", ""),
            )
        )
    return found


def _is_doubtful(reading: bom_reading.BomReading, place: int) -> bool:
    return place in reading.columns.guessed or place in reading.columns.doubles


def _column_note(reading: bom_reading.BomReading, place: int) -> str:
    columns = reading.columns
    if place in columns.guessed:
        return "We don’t recognize the heading, so we went by the cells."
    if place in columns.doubles:
        rival = columns.doubles[place]
        meaning = layout_columns.MEANINGS[columns.double_meanings[place]]
        return f"Column {layout_columns.letter(rival)} is used as “{meaning}”."
    if columns.places.get("line_cost") == place and "unit_cost" in columns.places:
        return "Onshore multiplies quantity and unit cost itself."
    return ""


def lines_of(reading: bom_reading.BomReading, page: int) -> list[LineRow]:
    """One page of lines."""
    said: dict[int, list[str]] = {}
    for error in reading.errors:
        said.setdefault(error.row, []).append(f"{error.column}: {error.why}" if error.column else error.why)
    return [
        _line(line, tuple(said.get(line.row, ()))) for line in reading.lines[(page - 1) * PAGE : page * PAGE]
    ]


def _line(line: bom_reading.ReadLine, says: tuple[str, ...]) -> LineRow:
    facts = line.facts
    is_us = costs.standing(facts) == costs.US
    origin = country_name(facts.origin) or "Unknown"
    if facts.origin == "US" and not is_us:
        origin = "U.S., but not marked as U.S. made"
    typed, qty = line.qty_typed, facts.qty
    times = ""
    if typed is not None and qty is not None and typed != qty and typed:
        times = f"{formats.number(typed)} × {formats.number(qty / typed)}"
    number = line.mpn or line.part_number
    return LineRow(
        row=line.row,
        level=line.level,
        parent_row=line.parent_row,
        part=facts.part or "No name",
        maker=", ".join(text for text in (facts.manufacturer, number) if text and text != facts.part),
        origin=origin,
        is_us=is_us,
        qty=formats.number(qty),
        qty_says=times,
        unit_cost="Made"
        if facts.make_or_buy == "make"
        else _money(facts.unit_acquisition_cost, facts.currency),
        cost=_money(line.cost, facts.currency),
        says=says,
    )


def _money(value: Decimal | None, currency: str) -> str:
    if value is None:
        return ""
    places = 2 if value == round(value, 2) else 4
    return formats.money(value, places, currency)


def preview(reading: bom_reading.BomReading, *, page: int, problems: Mapping[str, str]) -> dict[str, Any]:
    """What the page shows of a reading."""
    pages = max(1, -(-len(reading.lines) // PAGE))
    page = min(max(page, 1), pages)
    columns = columns_of(reading, problems)
    return {
        "reading": reading,
        "columns": columns,
        "columns_used": sum(bool(column.meaning) for column in columns),
        "meanings": list(layout_columns.MEANINGS.items()),
        "header_rows": range(1, MOST_HEADER_ROWS + 1),
        "header_now": reading.columns.header_row,
        "lines": lines_of(reading, page),
        "level_1": sum(line.level == 1 for line in reading.lines),
        "page": page,
        "pages": pages,
        "total": _money(reading.total, reading.currency) if reading.total is not None else "",
        "total_short": formats.money(reading.total, 0, reading.currency) if reading.total is not None else "",
        "errors": reading.errors[:MOST_ERRORS],
        "broken": [error for error in reading.errors if error.is_broken][:MOST_ERRORS],
        "more_errors": max(0, len(reading.errors) - MOST_ERRORS),
        "left_out": reading.left_out[:MOST_LEFT_OUT],
        "more_left_out": max(0, len(reading.left_out) - MOST_LEFT_OUT),
        "separator": table.DELIMITER_WORDS.get(reading.delimiter, ""),
    }
