"""Read a bill of materials as its preview would: manage.py bom FILE [--json]

The answers are those that the preview proposes. No database and no server is needed.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.kit import formats
from rfp.bom import reading as bom_reading
from rfp.bom import report
from rfp.bom.sheet import apart, table


class Command(BaseCommand):
    help = "Read a bill of materials (CSV, TSV, TXT, or XLSX) and show its lines, questions, and errors."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object (see docs/bom.md for keys)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            reading = bom_reading.read_bom(path.read_bytes(), open_workbook=apart.unpacked_apart)
        except OSError as error:
            raise CommandError(f"Can't open {path}: {error.strerror}.") from error
        except table.NotATable as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(reading), ensure_ascii=False, indent=1))
        else:
            self.stdout.write("\n".join(_as_text(reading)))


def _as_text(reading: bom_reading.BomReading) -> list[str]:
    """Lines for a terminal: the tree, then what is doubtful, left out, or unreadable."""
    said = []
    for line in reading.lines:
        facts = line.facts
        cost = "" if line.cost is None else formats.money(line.cost, currency=facts.currency)
        where = facts.origin or "origin unknown"
        part = f"{'  ' * (line.level - 1)}{facts.part}"
        said.append(f"{line.row:>5}  {part}  × {formats.number(facts.qty) or '?'}  {where}  {cost}".rstrip())
    if reading.total is not None:
        said.append(f"Total {formats.money(reading.total, currency=reading.currency)}")
    for question in reading.questions:
        said.append(f"Question: {question.words} {question.why} Answer used: {question.chosen.label}.")
    said += [f"Left out: row {each.row}. {each.why}" for each in reading.left_out]
    said += [f"Error: row {each.row}, {each.column or 'whole row'}. {each.why}" for each in reading.errors]
    said += [f"Note: {note}" for note in reading.notes]
    return said
