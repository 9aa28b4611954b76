"""`manage.py verify_audit`: read the whole audit chain; exits 1 and names each break when it does not hold."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import audit, formats


class Command(BaseCommand):
    help = "Read the whole audit chain and say whether it holds."

    def handle(self, *args: Any, **options: Any) -> None:
        count, breaks = audit.verify()
        for found in breaks:
            self.stderr.write(f"event {found.seq}: {found.reason}")
        if breaks:
            raise CommandError(f"{formats.count_of(count, 'event')} read. The chain is broken.", returncode=1)
        self.stdout.write(f"{formats.count_of(count, 'event')} read. The chain holds.")
