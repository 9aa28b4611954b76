"""manage.py rfp_schema: write the JSON Schema of exported RFPs into the repository."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from rfp.reuse.contents import schema


class Command(BaseCommand):
    help = "Write rfp/reuse/contents/rfp.schema.json from the forms on which an RFP is typed."

    def handle(self, *args: Any, **options: Any) -> None:
        schema.FILE.write_text(schema.written())
        self.stdout.write(f"Wrote {schema.FILE.name}.")
