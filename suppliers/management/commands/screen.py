"""Screen names against lists: manage.py screen --list DIR --json < names.txt

One answer a name, in the order of the names. With --list no database is needed.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from suppliers import lists
from suppliers.matching.match import LOGGED, Match, NameIndex

Index = tuple[str, NameIndex]


class Command(BaseCommand):
    help = "Screen names from standard input, or a column of a CSV file, against screening lists."
    # With --list nothing of the portal is needed but the matcher.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--list", type=Path, action="append", default=[], metavar="PATH", dest="paths",
            help="an official file, or a folder with OFAC's sdn.csv; can be repeated. "
            "Default: the portal's active lists",
        )  # fmt: skip
        parser.add_argument("--names", type=Path, metavar="FILE", help="a CSV file with names in a column")
        parser.add_argument("--column", metavar="NAME", help="the column to read in --names")
        parser.add_argument("--json", action="store_true", help="one JSON object per line")

    def handle(self, *args: Any, **options: Any) -> None:
        indexes = self._from_files(options["paths"]) if options["paths"] else _active()
        if not indexes:
            raise CommandError("No list is active. Load one with load_list, or name one with --list.")
        write = _as_json if options["json"] else _as_text
        try:
            for name in _names(options["names"], options["column"]):
                print(write(name, screened(name, indexes)), file=sys.stdout, flush=True)
        except BrokenPipeError:
            # Whoever read has enough; the interpreter would complain once more when it closes the pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _from_files(self, paths: Sequence[Path]) -> list[Index]:
        indexes = []
        for path in paths:
            try:
                found = lists.read_path(path)
            except lists.ListError as error:
                raise CommandError(str(error)) from error
            for name in found.ignored:
                self.stderr.write(f"{path}: {name} is not part of the list. Ignored.")
            for warning in found.warnings:
                self.stderr.write(f"{path}: {warning}")
            indexes.append((found.source, NameIndex(found.parties)))
        return indexes


def _active() -> list[Index]:
    from suppliers.screening import lookup

    return lookup.active_indexes()


def screened(name: str, indexes: Iterable[Index]) -> list[dict[str, Any]]:
    """The alerts of one name, best first."""
    found = [(source, match) for source, index in indexes for match in index.matches(name, floor=LOGGED)]
    found.sort(key=lambda each: (-each[1].score, each[0], each[1].party.record_id))
    return [_alert(source, match) for source, match in found]


def _alert(source: str, match: Match) -> dict[str, Any]:
    code = match.party.list_code
    return {
        "score": float(match.score),
        "band": "strong" if match.band == "exact" else match.band,
        "list": f"{source}:{code}" if code and code.lower() != source else source,
        "record_id": match.party.record_id,
        "listed_name": match.party.name,
        "matched_name": match.matched_name,
        "why": match.why,
    }


def _as_json(name: str, alerts: Sequence[dict[str, Any]]) -> str:
    return json.dumps({"name": name, "alerts": alerts}, ensure_ascii=False)


def _as_text(name: str, alerts: Sequence[dict[str, Any]]) -> str:
    lines = [f"{name}: {'no alert' if not alerts else ''}".rstrip()]
    lines += [
        f"  {Decimal(str(each['score'])):.2f} {each['band']}: {each['matched_name']} "
        f"({each['list']} {each['record_id']}; {each['why']})"
        for each in alerts
    ]
    return "\n".join(lines)


def _names(path: Path | None, column: str | None) -> Iterator[str]:
    if path is None:
        if column:
            raise CommandError("--column needs --names FILE.")
        assert isinstance(sys.stdin, io.TextIOWrapper), "a command reads a stream"
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
        for line in sys.stdin:
            yield line.rstrip("\r\n")
        return
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            yield from _column(file, path, column)
    except OSError as error:
        raise CommandError(f"Can't read {path}: {error.strerror}.") from error


def _column(file: TextIO, path: Path, column: str | None) -> Iterator[str]:
    rows = csv.DictReader(file)
    header = list(rows.fieldnames or ())
    if not column:
        raise CommandError(f"Name the column with --column: {', '.join(header) or 'the file is empty'}.")
    if column not in header:
        raise CommandError(f"{path} has no column {column}; it has {', '.join(header) or 'none'}.")
    try:
        for row in rows:
            yield row[column] or ""
    except csv.Error as error:
        raise CommandError(f"{path}, row {rows.line_num}: {error}.") from error
