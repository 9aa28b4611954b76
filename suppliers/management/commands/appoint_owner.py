"""Makes a person owner of a company that has lost its own: recorded, and told to the team and the officers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.kit import clock
from portal.kit.refused import Refused
from portal.models import User
from suppliers.company import actions as company_actions
from suppliers.company.models import Supplier


class Command(BaseCommand):
    help = "Make a registered person the owner of a company, after checking their identity."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("supplier", type=int, help="the number in the URL of the supplier's page")
        parser.add_argument("email", help="the person's account email")
        parser.add_argument("--reason", required=True, help="what was checked, and who checked it")

    def handle(self, *args: Any, **options: Any) -> None:
        supplier = Supplier.objects.filter(pk=options["supplier"]).first()
        user = User.objects.filter(email=options["email"].lower()).first()
        if supplier is None or user is None:
            raise CommandError("This company does not exist, or no account has this email address.")
        try:
            company_actions.appoint_owner(supplier, user, reason=options["reason"], at=clock.wall_time())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{supplier.legal_name} has a new owner: {user}.")
