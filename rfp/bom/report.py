"""A reading as one JSON object, as `manage.py bom FILE --json` prints it. Pure."""

from decimal import Decimal
from typing import Any

from rfp.bom.layout.columns import MEANINGS, PUBLIC, QTY
from rfp.bom.reading import BomReading, ReadLine


def as_json(reading: BomReading) -> dict[str, Any]:
    """Rows are lines of the file; `qty` counts per finished product; a value that is not there is null."""
    return {
        "rows": reading.rows,
        "lines": [_line(line) for line in reading.lines],
        "left_out": [{"row": each.row, "why": each.why} for each in reading.left_out],
        "questions": [
            {"kind": each.kind, "rows": list(each.rows), "words": each.words, "default": each.default}
            for each in reading.questions
        ],
        "errors": [{"row": each.row, "column": each.column, "why": each.why} for each in reading.errors],
        "total": figure(reading.total),
        "columns": _columns(reading),
        "encoding": reading.encoding or None,
        "delimiter": reading.delimiter or None,
        "notes": list(reading.notes),
    }


def _line(line: ReadLine) -> dict[str, Any]:
    return {
        "row": line.row,
        "name": line.facts.part or None,
        "part_number": line.part_number or None,
        "manufacturer": line.facts.manufacturer or None,
        "mpn": line.mpn or None,
        "qty": figure(line.facts.qty),
        "unit_cost": figure(line.facts.unit_acquisition_cost),
        "currency": line.facts.currency,
        "origin": line.facts.origin or None,
        "level": line.level,
        "parent": line.parent_row,
    }


def _columns(reading: BomReading) -> dict[str, str | None]:
    columns = reading.columns
    found = {
        PUBLIC.get(meaning, meaning): columns.heading(meaning) or None
        for meaning in MEANINGS
        if meaning not in QTY
    }
    found["qty"] = columns.named(columns.qty) if columns.qty is not None else None
    found["name"] = columns.named(columns.names[0]) if columns.names else None
    return found


def figure(value: Decimal | None) -> int | float | None:
    """A number for JSON: whole ones without a point."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
