"""The portal on this machine: web server and worker, which also keeps time, until Ctrl-C."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.frame.processes import become, refusal, web_command, worker_command


class Command(BaseCommand):
    help = "Run the web server and a worker until Ctrl-C. Restarts whatever dies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port (127.0.0.1:8000)")
        parser.add_argument("--workers", type=int, default=2, help="number of worker processes (default: 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        if why := refusal(options["bind"], development=settings.DEVELOPMENT):
            raise CommandError(why)
        call_command("migrate", interactive=False, verbosity=0)
        logs = settings.HOME / "log"
        become(
            {
                "worker": worker_command(options["workers"], beat=True),
                "web": web_command(options["bind"]),
            },
            logs=logs,
            words=f"http://{options['bind']}/  (Ctrl-C to stop; logs in {logs})",
        )
