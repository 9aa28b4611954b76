"""`manage.py verify_audit`: check the audit chain and what follows from it; exits 1 and names what is wrong."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.kit import formats
from portal.record import audit


class Command(BaseCommand):
    help = (
        "Read the whole audit chain and compare it with the signed heads. Then recompute the fingerprint of every "
        "received revision, marks and decisions from events, scores from marks, and rankings from scores, and name "
        "every row and file that differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--chain-only", action="store_true", help="check the chain without recomputing anything"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count, breaks = audit.verify()
        for found in breaks:
            self.stderr.write(str(found))
        if breaks:
            raise CommandError(f"{formats.count_of(count, 'event')} read. The chain is broken.", returncode=1)
        self.stdout.write(f"{formats.count_of(count, 'event')} read. The chain is intact. {audit.compared()}")
        if options["chain_only"]:
            return
        wrong = 0
        for words in audit.differing():
            self.stderr.write(words)
            wrong += 1
        if wrong:
            verb = "differs" if wrong == 1 else "differ"
            raise CommandError(f"{formats.count_of(wrong, 'row')} {verb} from the record.", returncode=1)
        self.stdout.write("Receipts, marks, decisions, scores and rankings match it.")
