"""Load an official screening list into a new snapshot: manage.py load_list --source ofac --dir DIR"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import clock
from suppliers import actions
from suppliers.screening.lists import ListError

OFAC_FILES = ("sdn", "alt", "add")


class Command(BaseCommand):
    help = "Load a screening list into a new immutable snapshot and make it the active one of its source."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", required=True, help="ofac, or a name of your own for a custom list")
        parser.add_argument("--dir", type=Path, help="folder with OFAC's sdn.csv (needed), alt.csv, add.csv")
        parser.add_argument("--file", type=Path, help="a custom list: CSV with the columns name, aliases, …")
        parser.add_argument("--as-of", type=date.fromisoformat, help="the day the list was published")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.wall_time()
        as_of = options["as_of"] or now.date()
        try:
            if options["source"] == "ofac":
                files = self._ofac_files(options["dir"])
                snapshot = actions.load_ofac(files.pop("sdn"), **files, as_of=as_of, at=now, by=None)
            else:
                path = self._readable(options["file"], "--file")
                snapshot = actions.load_custom(
                    path.read_bytes(), name=path.name, source=options["source"], as_of=as_of, at=now, by=None
                )
        except ListError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{snapshot.source}: {snapshot.parties_count} parties as of {snapshot.as_of}, "
            f"SHA-256 {snapshot.sha256}, active now."
        )

    def _ofac_files(self, folder: Path | None) -> dict[str, bytes]:
        if folder is None or not folder.is_dir():
            raise CommandError("Name the folder that holds sdn.csv with --dir.")
        if not (folder / "sdn.csv").is_file():
            raise CommandError(f"There is no sdn.csv in {folder}.")
        present = {name: folder / f"{name}.csv" for name in OFAC_FILES}
        return {name: path.read_bytes() for name, path in present.items() if path.is_file()}

    def _readable(self, path: Path | None, option: str) -> Path:
        if path is None or not path.is_file():
            raise CommandError(f"Name a readable file with {option}.")
        return path
