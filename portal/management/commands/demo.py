"""The whole main job on this machine: sample data through the real actions and workers, then the portal itself."""

from __future__ import annotations

import json
import os
import shutil
from argparse import ArgumentParser
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal import demo
from portal.frame import roles
from portal.frame.processes import Processes, become, refusal, stop_on_signals, web_command, worker_command
from portal.people.models import User

APPS = ("portal", "suppliers", "rfp", "scoring")
LOGINS = (
    ("supplier", "dana@hockhollow.example"),
    ("asked supplier", "priya@lightline.example"),
    ("reviewer, chair", "chair@onshore.example"),
    ("reviewer", "reviewer@onshore.example"),
    ("admin", "admin@onshore.example"),
    ("officer", "officer@onshore.example"),
    ("second officer", "officer2@onshore.example"),
    ("auditor", "auditor@onshore.example"),
)


class Command(BaseCommand):
    help = "Run the main job on sample data, print the shortlist, and serve the portal until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="run the job, write the results, and exit")
        parser.add_argument("--out", type=Path, default=settings.HOME / "out", help="folder for the results")
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port (127.0.0.1:8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT == "production":
            raise CommandError("The demo creates accounts with a known password. Don't run it in production.")
        if why := refusal(options["bind"], development=settings.DEVELOPMENT):
            raise CommandError(why)
        stop_on_signals()
        call_command("migrate", interactive=False, verbosity=0)
        logs: Path = settings.HOME / "log"
        out: Path = options["out"]
        try:
            if self._is_to_tell(once=options["once"]):
                self._tell(logs, out)
            # The worker that told it is gone, and what it did is stored.
            for module in [import_module(f"{app}.demo") for app in APPS if _has(f"{app}.demo", "results")]:
                for line in module.results(out, worker_pid=0):
                    self.stdout.write(line)
        except demo.DemoError as problem:
            raise CommandError(str(problem)) from problem
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")
            return
        if not options["once"]:
            become(
                {"worker": worker_command(2, beat=True), "web": web_command(options["bind"])},
                logs=logs,
                words=self._words(options["bind"], logs),
            )

    def _is_to_tell(self, *, once: bool) -> bool:
        """Whether this database still lacks the sample; what an earlier run left half-way is removed."""
        if User.objects.exists() and not _told().exists():
            self._start_over()
        if not User.objects.exists():
            return True
        if once:
            raise CommandError("This database already has the sample. --once needs an empty one.")
        return False

    def _tell(self, logs: Path, out: Path) -> None:
        """The sample, with a worker for its jobs; nothing is done by the clock meanwhile."""
        out.mkdir(parents=True, exist_ok=True)
        with Processes(logs) as children:
            children.start("worker", worker_command(2))
            self._build(out)
        _told().touch()

    def _words(self, bind: str, logs: Path) -> str:
        logins = [f"  {role:<16} {email:<28} {demo.PASSWORD}" for role, email in LOGINS]
        return "\n".join([f"\nhttp://{bind}/   Ctrl-C stops everything; logs are in {logs}", *logins])

    def _start_over(self) -> None:
        """An earlier run was stopped half-way: what it left is no one's work."""
        if os.environ.get("DATABASE_URL"):
            raise CommandError(
                "This database has accounts but not the complete sample, so the demo won't change it."
            )
        self.stdout.write("An earlier demo stopped before its sample was complete. Starting over.")
        with roles.as_owner(), connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        call_command("migrate", interactive=False, verbosity=0)

    def _build(self, out: Path) -> None:
        self.stdout.write(
            "Building the sample: an RFP, its suppliers and their proposals, through the real actions."
        )
        story = demo.start(say=lambda text: self.stdout.write(text))
        for app in APPS:
            import_module(f"{app}.demo").build(story)
        for report in story.made["reports"]:
            if report.document is None:
                raise demo.DemoError(f"{report.get_kind_display()}: {report.error}")
            with report.document.file.open("rb") as source, (out / report.document.name).open("wb") as target:
                shutil.copyfileobj(source, target)
        (out / "web_pid").write_text(json.dumps(os.getpid()))


def _told() -> Path:
    """The file that says that the whole sample is in the database."""
    return Path(settings.HOME) / "sample-told"


def _has(module: str, name: str) -> bool:
    return find_spec(module) is not None and hasattr(import_module(module), name)
