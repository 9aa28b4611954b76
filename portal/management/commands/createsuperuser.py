"""Django's command, with what it lacks: a name, an event in the audit log, and emails to who must know."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandParser
from django.db import transaction

from portal.accounts import actions
from portal.kit import clock
from portal.people.models import User


class Command(createsuperuser.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--name", default="", help="the person's name")

    def handle(self, *args: Any, **options: Any) -> None:
        """The new account, its event and its emails are stored together, or not at all."""
        with transaction.atomic():
            before = set(User.objects.values_list("pk", flat=True))
            super().handle(*args, **options)
            for user in User.objects.exclude(pk__in=before):
                user.name = options["name"].strip() or user.name
                user.save(update_fields=["name"])
                EmailAddress.objects.create(user=user, email=user.email, primary=True)
                actions.set_operator(user, operator=True, by=None, at=clock.wall_time())
