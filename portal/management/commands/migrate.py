"""Django's command, as the owner of the tables.

Afterwards the guards are installed (portal/frame/triggers.py), and the app's role is given what it may do
(portal/frame/roles.py)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, no_translations
from django.core.management.commands import migrate
from django.db import ProgrammingError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from portal.frame import roles, triggers
from portal.frame.environment import OWNER_URL

OLDER = (
    "An earlier version of Onshore made this database, and it can't be upgraded. On your own machine, run make clean "
    "and start again. On a server, point DATABASE_URL to an empty database."
)


def _refuse_older_databases() -> None:
    """Raises CommandError where migrations were applied that don't exist anymore."""
    loader = MigrationLoader(connection)
    ours = {(app, name) for app, name in loader.applied_migrations if app in settings.ONSHORE_APPS}
    if ours - loader.disk_migrations.keys():
        raise CommandError(OLDER)


class Command(migrate.Command):
    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        only_looks = options["plan"] or options["check_unapplied"]
        with roles.as_owner():
            try:
                if roles.has_owner() and not only_looks:
                    roles.ensure_app_role()
                _refuse_older_databases()
                super().handle(*args, **options)
                if not only_looks:
                    with transaction.atomic(), connection.cursor() as cursor:
                        triggers.install(cursor)
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
