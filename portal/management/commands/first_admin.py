"""The first admin of a new installation, made on its server: recorded, with a letter that says how to sign in."""

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
    help = "Create the first admin. Invite everyone else on the Staff accounts page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="where sign-in codes are sent")
        parser.add_argument("--name", required=True, help="the person's name")

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = options["email"].strip(), options["name"].strip()
        try:
            validate_email(email)
        except ValidationError as wrong:
            raise CommandError("This is not an email address.") from wrong
        if not name:
            raise CommandError("Enter the person’s name.")
        try:
            user = accounts_actions.make_first_admin(email, name=name, at=clock.wall_time())
        except kit_refused.Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{user} is the first admin. Sign in with a code, sent to {user.email}.")
