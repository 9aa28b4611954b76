"""Django's command, as the owner of the tables; afterwards the app's role is given what it may do (portal/roles.py)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, no_translations
from django.core.management.commands import migrate
from django.db import ProgrammingError

from portal import roles
from portal.environment import OWNER_URL


class Command(migrate.Command):
    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        only_looks = options["plan"] or options["check_unapplied"]
        with roles.as_owner():
            try:
                if roles.has_owner() and not only_looks:
                    roles.ensure_app_role()
                super().handle(*args, **options)
                if roles.has_owner() and not only_looks:
                    roles.grant()
            except roles.RoleError as problem:
                raise CommandError(str(problem)) from problem
            except ProgrammingError as problem:
                if not (said := roles.permission_denied(problem)):
                    raise
                raise CommandError(
                    f"This role can't change the tables ({said}). Set {OWNER_URL} to the owner's connection."
                ) from problem
