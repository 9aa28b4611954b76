#!/usr/bin/env python
"""Django's command line; starts the embedded servers for the commands that need them."""

import os
import sys

# Commands that touch neither the database nor the broker: they start no server.
SERVERLESS = {
    "bom",
    "check",
    "check_file",
    "collectstatic",
    "compilemessages",
    "createcachetable",
    "diffsettings",
    "doctor",
    "findstatic",
    "help",
    "makemessages",
    "startapp",
    "version",
}


def main(argv: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    command = argv[1] if len(argv) > 1 else "help"
    if command == "recompute":  # whoever checks an evaluation file needs neither settings nor a database
        from scoring.calculation.file.command import main as recompute

        sys.exit(recompute(argv[2:]))
    if command == "demo":
        os.environ.setdefault("ONSHORE_ENV", "development")

    from django.core.management import execute_from_command_line

    if command in SERVERLESS or command.startswith("-") or {"--help", "-h", "--version"} & set(argv):
        execute_from_command_line(argv)
        return

    from portal.embedded import place, servers

    try:
        answering = servers.ensure()
    except place.EmbeddedError as problem:
        sys.exit(f"Onshore: {problem}")
    with answering:
        _execute(argv)


def _execute(argv: list[str]) -> None:
    """Run the command. Where the database role lacks a privilege, as before the first migrate, say so in a sentence."""
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(argv)
    except Exception as problem:  # a driver's own, too, where closing what failed fails again
        from portal.frame import roles

        if not (said := roles.permission_denied(problem)):
            raise
        sys.exit(
            f"Onshore: {said}. Run manage.py migrate, which gives the portal’s database role its tables."
        )


if __name__ == "__main__":
    main(sys.argv)
