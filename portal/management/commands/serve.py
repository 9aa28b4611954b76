"""The portal on this machine: web server, worker and beat, until Ctrl-C."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.processes import (
    ChildEnded,
    Processes,
    beat_command,
    refusal,
    stop_on_signals,
    web_command,
    worker_command,
)


class Command(BaseCommand):
    help = "Run the web server, a worker and beat until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port (127.0.0.1:8000)")
        parser.add_argument("--workers", type=int, default=2, help="number of worker processes (default: 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        if why := refusal(options["bind"], development=settings.DEBUG):
            raise CommandError(why)
        call_command("migrate", interactive=False, verbosity=0)
        stop_on_signals()
        with Processes(settings.HOME / "log") as children:
            children.start("worker", worker_command(options["workers"]))
            children.start("beat", beat_command())
            children.start("web", web_command(options["bind"]))
            self.stdout.write(f"http://{options['bind']}/  (Ctrl-C to stop; logs in {children.logs})")
            try:
                children.wait()
            except ChildEnded as problem:
                raise CommandError(str(problem)) from problem
            except KeyboardInterrupt:
                self.stdout.write("Stopping.")
