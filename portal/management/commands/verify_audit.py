"""`manage.py verify_audit`: read the audit chain and the signed heads; exits 1 and names each break it finds."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import audit, formats


class Command(BaseCommand):
    help = "Read the whole audit chain, compare it with the signed heads, and say whether it holds."

    def handle(self, *args: Any, **options: Any) -> None:
        count, breaks = audit.verify()
        for found in breaks:
            self.stderr.write(str(found))
        if breaks:
            raise CommandError(f"{formats.count_of(count, 'event')} read. The chain is broken.", returncode=1)
        self.stdout.write(f"{formats.count_of(count, 'event')} read. The chain holds. {audit.compared()}")
