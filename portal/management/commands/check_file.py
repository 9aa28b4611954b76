"""Judges files as the upload form would: one JSON object a line. Needs no database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand

from portal.files.storing import FileRefused, check_file


class Command(BaseCommand):
    help = "Check files the way the upload form does. Prints one JSON object per file: file, ok, kind, why."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--json", action="store_true", help="print JSON (the default)")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["paths"]:
            self.stdout.write(json.dumps(_judged(path), ensure_ascii=False))


def _judged(path: Path) -> dict[str, Any]:
    """The verdict; `kind` is the kind of a file that is taken, and null otherwise."""
    verdict: dict[str, Any] = {"file": str(path), "ok": False, "kind": None, "why": ""}
    try:
        with path.open("rb") as file:
            checked = check_file(UploadedFile(file, path.name, size=path.stat().st_size))
    except FileRefused as refused:
        return {**verdict, "why": str(refused)}
    except OSError as problem:
        return {**verdict, "why": f"Can't read the file: {problem.strerror}."}
    return {**verdict, "ok": True, "kind": checked.extension}
