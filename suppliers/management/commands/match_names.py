"""Score pairs of names: manage.py match_names PAIRS.csv > scored.csv"""

from __future__ import annotations

import csv
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from suppliers.matching.match import compare

NEEDED = ("query", "candidate")


class Command(BaseCommand):
    help = "Print a CSV of pairs (columns query, candidate) with score and band columns added."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pairs", type=Path, metavar="PAIRS.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["pairs"]
        try:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                _write(csv.DictReader(file), path)
        except OSError as error:
            raise CommandError(f"Can't read {path}: {error.strerror or error}.") from error
        except csv.Error as error:
            raise CommandError(f"{path}: {error}.") from error


def _write(rows: csv.DictReader[str], path: Path) -> None:
    header = list(rows.fieldnames or ())
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise CommandError(f"{path} has no column {' and no column '.join(missing)}.")
    kept = [name for name in header if name not in ("score", "band")]
    out = csv.DictWriter(sys.stdout, [*kept, "score", "band"], extrasaction="ignore", lineterminator="\n")
    try:
        out.writeheader()
        for row in rows:
            match = compare(row["query"] or "", row["candidate"] or "")
            out.writerow({**row, "score": f"{match.score:f}", "band": match.listed_band})
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
