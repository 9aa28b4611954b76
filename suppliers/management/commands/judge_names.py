"""How good the matching is on pairs of yours: manage.py judge_names PAIRS.csv"""

from __future__ import annotations

import csv
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from suppliers.screening import quality
from suppliers.screening.match import compare

NEEDED = ("query", "candidate", "should_match")
YES, NO = ("true", "1", "yes"), ("false", "0", "no")


class Command(BaseCommand):
    help = "Precision, recall and F1 over a CSV of pairs (columns query, candidate, should_match: true or false)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pairs", type=Path, metavar="PAIRS.csv")

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
        for name, counts in (("fixed threshold", found.fixed), ("cross-validated", found.validated)):
            self.stdout.write(
                f"{name:16} precision {counts.precision:.3f}  recall {counts.recall:.3f}  F1 {counts.f1:.3f}  "
                f"({counts.hits} hits, {counts.false_alerts} false, {counts.misses} missed)"
            )
        self.stdout.write(f"F1 at the fixed threshold, 90 % interval: {found.low:.3f} to {found.high:.3f}")


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise CommandError(f"{path} has no column {' and no column '.join(missing)}.")
            rows = [{**row, "truth": _truth(row["should_match"], path)} for row in reader]
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not rows:
        raise CommandError(f"{path} holds no pairs.")
    return [{**row, "query": row["query"] or "", "candidate": row["candidate"] or ""} for row in rows]


def _truth(text: str | None, path: Path) -> bool:
    word = (text or "").strip().lower()
    if word not in YES + NO:
        raise CommandError(f"{path}: should_match is “{text}”; it is true or false.")
    return word in YES
