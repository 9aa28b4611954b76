"""Measure the portal: every app's `bench.py` builds its data and says what to ask for."""

from __future__ import annotations

from argparse import ArgumentParser
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.bench import Bench
from portal.people.models import User

APPS = ("suppliers", "rfp", "scoring")


class Command(BaseCommand):
    help = "Print medians, ratios to floors from the same run, and SQL counts. Slow times never make it fail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--proposals", type=int, default=5000, help="number of proposals to use (default: 5000)"
        )
        parser.add_argument(
            "--rounds", type=int, default=30, help="number of requests per page (default: 30)"
        )
        parser.add_argument(
            "--apps", nargs="+", choices=APPS, default=APPS, help="apps to measure (default: all)"
        )
        parser.add_argument(
            "--lines",
            type=int,
            default=50_000,
            help="lines in the largest bill of materials (default: 50,000)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "Benchmarks fill the database with invented rows. Don't run them in production."
            )
        call_command("migrate", interactive=False, verbosity=0)
        if User.objects.exists():
            raise CommandError("Benchmarks need an empty database. `make bench` creates its own.")
        bench = Bench(self.stdout.write, rounds=options["rounds"])
        bench.made["proposals"], bench.made["lines"] = options["proposals"], options["lines"]
        try:
            for app in options["apps"]:
                if find_spec(f"{app}.bench"):
                    import_module(f"{app}.bench").run(bench)
        finally:
            # What was measured is told, also where a later part fails.
            bench.print()
