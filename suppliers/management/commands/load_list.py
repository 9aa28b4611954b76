"""Load an official screening list into a new snapshot: manage.py load_list --source ofac --dir DIR"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.kit import clock
from portal.kit.refused import Refused
from suppliers import lists
from suppliers.screening import list_actions
from suppliers.screening.models import Snapshot


class Command(BaseCommand):
    help = "Load a screening list as a new immutable snapshot and make it the active list for its source."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(lists.SOURCES)
        parser.add_argument("--source", default="", help=f"{known}, or a name of your own for a custom list")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--dir", type=Path, help="a folder with OFAC's sdn.csv (needed), alt.csv, add.csv")
        where.add_argument("--file", type=Path, help="one file from any of the lists")
        parser.add_argument("--as-of", type=date.fromisoformat, help="the date the list was published")
        parser.add_argument(
            "--stage", action="store_true", help="store the list but do not screen against it yet"
        )
        parser.add_argument("--confirm", metavar="REASON", default="", help="why the list is correct as is")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.wall_time()
        as_of = options["as_of"] or now.date()
        try:
            found = lists.read_path(options["dir"] or options["file"], source=options["source"])
            for name in found.ignored:
                self.stderr.write(f"{name} is not part of the list. Ignored.")
            for warning in found.warnings:
                self.stderr.write(warning)
            snapshot = self._staged(found, as_of, now)
            if not options["stage"] and not snapshot.is_active:
                reason = options["confirm"]
                list_actions.activate_list(snapshot, at=now, by=None, confirmed=bool(reason), reason=reason)
        except (lists.ListError, Refused) as error:
            raise CommandError(
                f"{error} (Use --confirm REASON.)" if "Confirm" in str(error) else str(error)
            ) from error
        state = "active now" if snapshot.is_active else "staged"
        self.stdout.write(
            f"{snapshot.source}: {snapshot.parties_count} parties as of {snapshot.as_of}, "
            f"SHA-256 {snapshot.sha256}, {state}."
        )

    def _staged(self, found: lists.ListFile, as_of: date, now: datetime) -> Snapshot:
        """The new load, or the one of the same files: running twice does no harm."""
        try:
            return list_actions.stage_list(found, as_of=as_of, at=now, by=None)
        except list_actions.LoadedAlready as known:
            self.stderr.write(str(known))
            return known.snapshot
