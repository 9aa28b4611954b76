"""Recompute an evaluation file: manage.py recompute FILE. `manage.py` itself runs it without Django."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from scoring.calculation.file import command


class Command(BaseCommand):
    help = command.HELP
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        command.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        code = command.run(argparse.Namespace(**options), self.stdout, self.stderr)  # type: ignore[arg-type]
        if code:
            sys.exit(code)
