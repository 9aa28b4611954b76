"""Names a compliance officer on the server, who can countersign for anybody: recorded, and told to who must know."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.forms import ValidationError

from portal.accounts import actions as accounts_actions
from portal.kit import clock
from portal.kit import refused as kit_refused


class Command(BaseCommand):
    help = "Create a compliance officer account, or make a staff account a compliance officer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="the person's name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
        except ValidationError as wrong:
            raise CommandError("This is not an email address.") from wrong
        try:
            user = accounts_actions.name_officer(
                options["email"], name=options["name"].strip(), at=clock.wall_time()
            )
        except kit_refused.Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{user.email} is now a compliance officer.")
