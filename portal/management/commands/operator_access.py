"""Gives a staff account the operators' admin, or takes it away: recorded, and told to who must know."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts import actions as accounts_actions
from portal.kit import clock
from portal.kit import refused as kit_refused
from portal.people.models import User


class Command(BaseCommand):
    help = "Give a staff account access to the operators' admin, or remove it (--off)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--off", action="store_true", help="remove the access")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError("No account has this email address.")
        try:
            accounts_actions.set_operator(user, operator=not options["off"], by=None, at=clock.wall_time())
        except kit_refused.Refused as refused:
            raise CommandError(str(refused)) from refused
