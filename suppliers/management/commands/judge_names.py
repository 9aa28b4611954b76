"""How good the matching is on names of yours: manage.py judge_names PAIRS.csv

With --list and --clean also how many alerts names raise that should raise none.
"""

from __future__ import annotations

import csv
import resource
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from suppliers import lists
from suppliers.matching import quality
from suppliers.matching.match import NameIndex, compare

NEEDED = ("query", "candidate", "should_match")
YES, NO = ("true", "1", "yes"), ("false", "0", "no")


class Command(BaseCommand):
    help = "Precision, recall and F1 over a CSV of pairs (columns query, candidate, should_match: true or false)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pairs", type=Path, metavar="PAIRS.csv")
        parser.add_argument(
            "--list", type=Path, dest="listed", metavar="PATH", help="an official file or folder"
        )
        parser.add_argument("--clean", type=Path, metavar="FILE.csv", help="names that are not on any list")
        parser.add_argument("--column", default="name", help="the column to read in --clean (default: name)")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["pairs"]
        rows = _read(path)
        started = time.perf_counter()
        scored = [(compare(row["query"], row["candidate"]).score, row["truth"]) for row in rows]
        each = (time.perf_counter() - started) / len(rows) * 1000
        try:
            found = quality.judge(scored)
        except ValueError as error:
            raise CommandError(f"{path}: {error}") from error
        self.stdout.write(f"pairs {found.pairs}, {each:.2f} ms each")
        for name, counts, (low, high) in (
            ("fixed threshold", found.fixed, found.fixed_interval),
            ("cross-validated", found.validated, found.validated_interval),
        ):
            self.stdout.write(
                f"{name:16} precision {counts.precision:.3f}  recall {counts.recall:.3f}  F1 {counts.f1:.3f} "
                f"(90 % interval {low:.3f} to {high:.3f})  "
                f"{counts.hits} hits, {counts.false_alerts} false, {counts.misses} missed"
            )
        if options["listed"] and options["clean"]:
            self._clean(options["listed"], options["clean"], options["column"])

    def _clean(self, listed: Path, clean: Path, column: str) -> None:
        """False alerts a thousand names, time a name and memory, the list in an index."""
        names = [row[column] or "" for row in _rows(clean, (column,))]
        try:
            index = NameIndex(lists.read_path(listed).parties)
        except lists.ListError as error:
            raise CommandError(str(error)) from error
        started = time.perf_counter()
        alerts = sum(bool(index.matches(name)) for name in names)
        each = (time.perf_counter() - started) / len(names) * 1000
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
            1 << (20 if sys.platform == "darwin" else 10)
        )
        self.stdout.write(
            f"clean names {len(names)} against {len(index)}: "
            f"{alerts * 1000 / len(names):.1f} false alerts per thousand, {each:.2f} ms per name, {memory:.0f} MB"
        )


def _read(path: Path) -> list[dict[str, Any]]:
    rows = [{**row, "truth": _truth(row["should_match"], path)} for row in _rows(path, NEEDED)]
    return [{**row, "query": row["query"] or "", "candidate": row["candidate"] or ""} for row in rows]


def _rows(path: Path, needed: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a CSV file that has these columns, one at least."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise CommandError(f"{path} has no column {' and no column '.join(missing)}.")
            rows = list(reader)
    except OSError as error:
        raise CommandError(f"Can't read {path}: {error.strerror or error}.") from error
    except csv.Error as error:
        raise CommandError(f"{path}: {error}.") from error
    if not rows:
        raise CommandError(f"{path} has no rows.")
    return rows


def _truth(text: str | None, path: Path) -> bool:
    word = (text or "").strip().lower()
    if word not in YES + NO:
        raise CommandError(f"{path}: should_match is “{text}”, but must be true or false.")
    return word in YES
